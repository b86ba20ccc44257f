"""From signup to receipt with Celery: the web server stores callbacks, and a worker handles them.

    pip install 'tavus-consent[ledger]' celery flask gunicorn
    gunicorn celery_app:app
    celery -A celery_app worker --beat

Both processes use the same ledger, which TAVUS_CONSENT_LEDGER names.
"""

from celery import Celery
from flask import Flask, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tavus_consent import ConsentVideo, Tavus
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

tavus = Tavus()
callbacks = tavus.callbacks.app("https://app.example/tavus", deliver=False)
app = Flask(__name__)
app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/tavus": callbacks.wsgi})
celery = Celery("celery_app", broker="memory://")
celery.conf.beat_schedule = {"callbacks": {"task": "deliver", "schedule": 1.0}}


@app.post("/signup")
def signup():
    person = request.get_json()
    record = tavus.consents.request(full_name=person["full_name"], intended_uses=["greetings"], adult=True)
    tavus.consents.add_evidence(record, ConsentVideo(person["consent_video"]))
    replica = tavus.replicas.create_personal(
        train_video_url=person["train_video"],
        consent=record.record_id,
        callback_url=callbacks.url(job=record.record_id),
    )
    return {"replica_id": replica.replica_id}


@celery.task(name="deliver")
def deliver():
    return callbacks.deliver()


@callbacks.on(ReplicaReady)
def ready(event):
    print(tavus.consents.receipt(event.job, controller=COMPANY).text())


@callbacks.on(ReplicaFailed)
def failed(event):
    print(event.replica_id, "failed:", event.error_message, event.error_type and event.error_type.advice)
