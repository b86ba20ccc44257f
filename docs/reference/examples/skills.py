from tavus_consent import Tavus

with Tavus() as tavus:
    print(tavus.skills.list(), tavus.skills.get("internet_search"))
