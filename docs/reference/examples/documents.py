from tavus_consent import Tavus

with Tavus() as tavus:
    document = tavus.documents.create(document_url="https://bucket.example/manual.pdf", tags=["manual"])
    document = tavus.documents.wait(document.document_id)
    tavus.documents.patch(document.document_id, document_name="Manual")
    print([one.document_name for one in tavus.documents.list()])
