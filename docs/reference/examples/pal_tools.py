from tavus_consent import Tavus

with Tavus() as tavus:
    fox = tavus.faces.create_non_human(
        train_video_url="https://bucket.example/fox.mp4", attestation="A drawn fox", attested_by="studio@app.example"
    )
    pal = tavus.pals.create(pal_name="Guide", default_face_id=fox.face_id, system_prompt="You show people around.")
    tool = tavus.tools.create(name="get_weather", description="Looks the weather up.")
    assert pal.pal_id and tool.tool_id
    tavus.pal_tools.attach(pal.pal_id, tool_ids=[tool.tool_id])
    print(tavus.pal_tools.list(pal.pal_id))
    tavus.pal_tools.detach(pal.pal_id, tool.tool_id)
