from tavus_consent import SpokenConsent, Tavus

with Tavus() as tavus:
    rio = SpokenConsent("Rio Alvarez", "https://bucket.example/consent.mp4")
    face = tavus.faces.create_personal(train_video_url="https://bucket.example/train.mp4", consent=rio, face_name="Rio")
    face = tavus.faces.wait(face.face_id)
    assert tavus.replicas.get(face.face_id).replica_name == "Rio"  # two names of one object
    print(face.face_name, face.is_ready)
