from tavus_consent import SpokenConsent, Tavus

with Tavus() as tavus:
    rio = SpokenConsent("Rio Alvarez", "https://bucket.example/consent.mp4")
    replica = tavus.replicas.create_personal(
        train_video_url="https://bucket.example/train.mp4", consent=rio, replica_name="Rio"
    )
    replica = tavus.replicas.wait(replica.replica_id)
    print(replica.is_ready, [one.replica_id for one in tavus.replicas.list(replica_type="user")])
