from tavus_consent import Tavus

with Tavus() as tavus:
    made = tavus.guardrails.create(
        name="Manners", data=[{"guardrail_name": "no_prices", "guardrail_prompt": "Never speak of prices."}]
    )
    assert made.guardrails_id
    print(tavus.guardrails.get(made.guardrails_id))
    tavus.guardrails.delete(made.guardrails_id)
