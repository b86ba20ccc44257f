from tavus_consent import Tavus

with Tavus() as tavus:
    made = tavus.objectives.create(data=[{"objective_name": "greet", "objective_prompt": "Say hello."}])
    assert made.objectives_id
    print(tavus.objectives.get(made.objectives_id))
    tavus.objectives.delete(made.objectives_id)
