from tavus_consent import Tavus

with Tavus() as tavus:
    replica = tavus.replicas.create_non_human(
        train_video_url="https://bucket.example/fox.mp4", attestation="A drawn fox", attested_by="studio@app.example"
    )
    persona = tavus.personas.create(persona_name="Guide", system_prompt="You show people around.")
    conversation = tavus.conversations.create(persona_id=persona.persona_id, replica_id=replica.replica_id)
    assert conversation.conversation_id
    tavus.canvas_interactions.record(conversation.conversation_id, interaction_id="click-1", value="yes")
    print(tavus.canvas_interactions.list(conversation.conversation_id))
