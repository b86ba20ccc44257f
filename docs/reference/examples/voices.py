from tavus_consent import SpokenConsent, Tavus

with Tavus() as tavus:
    rio = SpokenConsent("Rio Alvarez", "https://bucket.example/consent.mp4")
    voice = tavus.voices.create_personal(audio_url="https://bucket.example/rio.wav", consent=rio, voice_name="Rio")
    voice = tavus.voices.wait(voice.voice_id)
    print(voice.status, [one.voice_name for one in tavus.voices.list(sort="asc")])
