from tavus_consent import Tavus

with Tavus() as tavus:
    made = tavus.transcriptions.create(
        file_url="https://bucket.example/talk.mp4", callback_url="https://app.example/tavus"
    )
    print(made, [one.transcription_id for one in tavus.transcriptions.list()])
