from tavus_consent import Tavus

with Tavus() as tavus:
    # Deprecated by Tavus.
    made = tavus.lipsync.create(
        original_video_url="https://bucket.example/talk.mp4", source_audio_url="https://bucket.example/talk.wav"
    )
    print(made, len(list(tavus.lipsync.list())))
