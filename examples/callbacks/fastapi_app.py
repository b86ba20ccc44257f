"""From signup to receipt with FastAPI: a person consents, a replica is trained, Tavus calls back.

pip install 'tavus-consent[ledger]' fastapi uvicorn
uvicorn fastapi_app:app
"""

from fastapi import FastAPI
from pydantic import BaseModel

from tavus_consent import AsyncTavus, ConsentVideo
from tavus_consent.callbacks import ReplicaFailed, ReplicaReady
from tavus_consent.ledger import Controller, Party

COMPANY = Controller(
    name="App Ltd",
    address="1 Main Street, Dublin",
    contact="privacy@app.example",
    jurisdiction="IE",
    storage_locations=["Dublin"],
    retention="30 days after the end of the consent",
    withdraw_at="https://app.example/withdraw",
    notice_url="https://app.example/privacy",
    processor=Party(name="Tavus", address="2 Side Street", contact="https://processor.example"),
)

tavus = AsyncTavus()
callbacks = tavus.callbacks.app("https://app.example/tavus")
app = FastAPI()
app.mount("/tavus", callbacks)


class Signup(BaseModel):
    full_name: str
    consent_video: str
    train_video: str


@app.post("/signup")
async def signup(person: Signup):
    record = await tavus.consents.request(full_name=person.full_name, intended_uses=["greetings"], adult=True)
    await tavus.consents.add_evidence(record, ConsentVideo(person.consent_video))
    replica = await tavus.replicas.create_personal(
        train_video_url=person.train_video,
        consent=record.record_id,
        callback_url=await callbacks.url(job=record.record_id),
    )
    return {"replica_id": replica.replica_id}


@callbacks.on(ReplicaReady)
async def ready(event):
    receipt = await tavus.consents.receipt(event.job, controller=COMPANY)
    print(receipt.text())


@callbacks.on(ReplicaFailed)
async def failed(event):
    print(event.replica_id, "failed:", event.error_message, event.error_type and event.error_type.advice)
