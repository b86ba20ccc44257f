from tavus_consent import Tavus

with Tavus() as tavus:
    # Deprecated by Tavus.
    made = tavus.replacements.create(
        original_video_url="https://bucket.example/talk.mp4", new_transcript="What was meant."
    )
    print(made, len(list(tavus.replacements.list())))
