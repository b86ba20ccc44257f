from tavus_consent import Tavus

with Tavus() as tavus:
    replica = tavus.replicas.create_non_human(
        train_video_url="https://bucket.example/fox.mp4", attestation="A drawn fox", attested_by="studio@app.example"
    )
    replica = tavus.replicas.wait(replica.replica_id)
    video = tavus.videos.create(replica_id=replica.replica_id, script="Welcome!", video_name="Greeting")
    video = tavus.videos.wait(video.video_id)
    print(video.status, video.created_at)
    tavus.videos.rename(video.video_id, "Welcome")
    tavus.videos.delete(video.video_id)
