from tavus_consent import Tavus

with Tavus() as tavus:
    voice = tavus.voices.create(voice_name="Rio", audio_url="https://bucket.example/rio.wav")
    print(voice, [one.voice_name for one in tavus.voices.list(sort="asc")])
