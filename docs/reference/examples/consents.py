from tavus_consent import Consents

with Consents(ledger=None) as consents:
    record = consents.request(full_name="Rio Alvarez", intended_uses=["support videos"], adult=True)
    print(record.statement)
