from tavus_consent import Tavus

with Tavus() as tavus:
    fox = tavus.faces.create_non_human(
        train_video_url="https://bucket.example/fox.mp4", attestation="A drawn fox", attested_by="studio@app.example"
    )
    pal = tavus.pals.create(pal_name="Guide", default_face_id=fox.face_id, system_prompt="You show people around.")
    assert pal.pal_id
    tavus.pals.patch(pal.pal_id, operations=[{"op": "replace", "path": "/pal_name", "value": "Host"}])
    print(tavus.pals.get(pal.pal_id).pal_name)
