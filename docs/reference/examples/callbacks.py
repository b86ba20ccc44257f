import json

from tavus_consent import Tavus
from tavus_consent.callbacks import ReplicaFailed, ReplicaReady

with Tavus() as tavus:
    callbacks = tavus.callbacks.app("https://app.example/tavus")
    url = callbacks.url(job="42")
    replica = tavus.replicas.create_non_human(
        train_video_url="https://bucket.example/fox.mp4",
        attestation="A drawn fox",
        attested_by="studio@app.example",
        callback_url=url,
    )
    replica = tavus.replicas.wait(replica.replica_id)

    # Later, in the view that receives POST requests at this path:
    body = json.dumps({"replica_id": replica.replica_id, "status": "ready"}).encode()
    match tavus.callbacks.receive(path=url, body=body):
        case ReplicaReady(replica=replica, job=job):
            print(f"job {job}: {replica.replica_id} is ready")
        case ReplicaFailed(error_type=kind, error_message=message):
            print(message, kind and kind.advice)
