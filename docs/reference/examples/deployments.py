from tavus_consent import Tavus

with Tavus() as tavus:
    fox = tavus.faces.create_non_human(
        train_video_url="https://bucket.example/fox.mp4", attestation="A drawn fox", attested_by="studio@app.example"
    )
    pal = tavus.pals.create(pal_name="Guide", default_face_id=fox.face_id, system_prompt="You show people around.")
    assert pal.pal_id
    deployment = tavus.deployments.create(pal_id=pal.pal_id, channel="widget", name="Shop")
    assert deployment.deployment_id
    renamed = tavus.deployments.patch(deployment.deployment_id, changes={"name": "Window"})
    print(renamed)
