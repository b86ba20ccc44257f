from tavus_consent import Tavus

with Tavus() as tavus:
    replica = tavus.replicas.create_non_human(
        train_video_url="https://bucket.example/fox.mp4", attestation="A drawn fox", attested_by="studio@app.example"
    )
    persona = tavus.personas.create(persona_name="Guide", system_prompt="You show people around.")
    conversation = tavus.conversations.create(replica_id=replica.replica_id, persona_id=persona.persona_id)
    print(conversation.conversation_id, conversation.status)
    tavus.conversations.end(conversation.conversation_id)
