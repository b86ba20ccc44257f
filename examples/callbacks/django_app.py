"""From signup to receipt with Django: a person consents, a replica is trained, Tavus calls back.

    pip install 'tavus-consent[ledger]' django gunicorn
    gunicorn django_app:app

The settings, the views and the WSGI application of a project, in one file. The view stores nothing itself: it receives
one callback at a time, so it needs no WSGI application beside Django's. Call ``tavus.callbacks.pending()`` from a
management command once a minute, for callbacks that could not be delivered at once.
"""

import json
import os

from django.conf import settings

if not settings.configured:
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY=os.environ.get("SECRET_KEY", "made-up"))

from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from tavus_consent import CallbackRefused, ConsentVideo, InvalidRequestError, Tavus
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
callbacks = tavus.callbacks.app("https://app.example/tavus")


@csrf_exempt
def signup(request):
    person = json.loads(request.body)
    record = tavus.consents.request(full_name=person["full_name"], intended_uses=["greetings"], adult=True)
    tavus.consents.add_evidence(record, ConsentVideo(person["consent_video"]))
    replica = tavus.replicas.create_personal(
        train_video_url=person["train_video"],
        consent=record.record_id,
        callback_url=callbacks.url(job=record.record_id),
    )
    return JsonResponse({"replica_id": replica.replica_id})


@csrf_exempt
def receive(request, token):
    try:
        event = tavus.callbacks.receive(path=request.path, body=request.body)
    except CallbackRefused:
        return HttpResponse(status=404)
    except InvalidRequestError:
        return HttpResponse(status=400)
    match event:
        case ReplicaReady(job=job):
            print(tavus.consents.receipt(job, controller=COMPANY).text())
        case ReplicaFailed(replica_id=replica_id, error_message=message):
            print(replica_id, "failed:", message)
    return HttpResponse()


urlpatterns = [path("signup", signup), path("tavus/<token>", receive)]
app = get_wsgi_application()
