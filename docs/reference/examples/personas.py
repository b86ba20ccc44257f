from tavus_consent import Tavus

with Tavus() as tavus:
    persona = tavus.personas.create(persona_name="Guide", system_prompt="You show people around.")
    assert persona.persona_id
    changed = tavus.personas.patch(persona.persona_id, changes={"system_prompt": "You show people out."})
    unchanged = tavus.personas.patch(persona.persona_id, changes={"system_prompt": "You show people out."})
    assert (changed, unchanged) == (True, False)
    print(tavus.personas.get(persona.persona_id).system_prompt)
