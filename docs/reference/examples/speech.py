from tavus_consent import Tavus

with Tavus() as tavus:
    # Deprecated by Tavus.
    replica = tavus.replicas.create_non_human(
        train_video_url="https://bucket.example/fox.mp4", attestation="A drawn fox", attested_by="studio@app.example"
    )
    made = tavus.speech.create(script="Welcome!", replica_id=replica.replica_id)
    print(made, len(list(tavus.speech.list())))
