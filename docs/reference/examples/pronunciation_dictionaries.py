from tavus_consent import Tavus

with Tavus() as tavus:
    made = tavus.pronunciation_dictionaries.create(name="Products")
    print([one.name for one in tavus.pronunciation_dictionaries.list()])
