"""``tavus-consent replicas``: one command for each method of ``tavus.replicas``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from cyclopts import App, Parameter

from tavus_consent import CallError, OutcomeUnknownError, Replica, Tavus, TrainingError
from tavus_consent._arguments import check_id
from tavus_consent.consent import LIMITS

from ._create import PERSON, Order, Preflight
from ._failures import LOOK
from ._flags import ACCOUNT, ACTING, PATIENCE, SURE, SWITCH, WAITING, Account, Acting, Patience, Sure
from ._screen import Screen

replicas = App(
    name="replicas",
    help="Create, get, list, rename and delete replicas, and wait for their training.",
    help_epilogue="",
)


@replicas.command
def create(
    order: Order,
    *,
    consent: Annotated[str | None, Parameter(group=PERSON, metavar="RECORD")] = None,
    preflight: Annotated[Preflight, Parameter(group=PERSON)] = "off",
    once: Annotated[str | None, Parameter(metavar="KEY")] = None,
    despite_open: Annotated[bool, SWITCH] = False,
    wait: Annotated[bool, Parameter(group=WAITING), SWITCH] = False,
    patience: Patience = PATIENCE,
    kept: Acting = ACTING,
    flags: Account = ACCOUNT,
) -> None:
    r"""Train a new replica. You must state whether it shows a real person.

    A real person, with a video in which they speak the statement (tavus-consent statement prints it):

    For example:

        tavus-consent replicas create --full-name "Rio Alvarez" \
            --train-video-url https://bucket.example/train.mp4 \
            --consent-video-url https://bucket.example/consent.mp4

    A real person who already consented, with a record of "consents":

        tavus-consent replicas create --consent 6f1c0a52d9b14e0c8a7d3b2e5f607182 \
            --train-video-url https://bucket.example/train.mp4

    No real person:

        tavus-consent replicas create --non-human \
            --attestation "A cartoon fox that our studio drew" \
            --attested-by studio@app.example \
            --train-video-url https://bucket.example/fox.mp4

    Args:
        order: The replica to create.
        consent: Id of the record of their consent, instead of the name and the video.
        preflight: Check the videos first: warn reports what may fail, require refuses unless they meet Tavus's
            requirements.
        once: A key of your own: a second command with it shows what the first one created. Needs a ledger.
        despite_open: Create it even if the outcome of an earlier create is unknown.
        wait: Wait until training ends.
    """
    where = kept.url() if kept.ledger or consent else "default"
    with flags.open(ledger=where, actor=kept.actor) as (tavus, screen):
        with _if_interrupted(f"The replica may have been created. Check before you repeat the create: {LOOK}"):
            try:
                replica = order.send(tavus, consent, preflight, once=once, despite_open=despite_open)
            except OutcomeUnknownError as error:
                error.add_note(_look_up(tavus, error))
                raise
        if order.full_name is not None or consent is not None:
            screen.note(LIMITS)
        if wait:
            replica = _wait(tavus, screen, replica.replica_id, patience)
        else:
            screen.note(f"Training takes hours. To wait for it: tavus-consent replicas wait {replica.replica_id}")
        screen.result(replica.to_dict(), screen.replica_card(replica))


@replicas.command
def get(replica_id: str, /, *, flags: Account = ACCOUNT) -> None:
    """Show one replica.

    For example:

        tavus-consent replicas get rf4e9d9790f0

    Args:
        replica_id: For example rf4e9d9790f0.
    """
    with flags.open() as (tavus, screen):
        replica = tavus.replicas.get(replica_id, verbose=True)
        screen.result(replica.to_dict(), screen.replica_card(replica))


@replicas.command(name="list")
def list_(
    *,
    replica_type: Literal["user", "system"] | None = None,
    model_name: str | None = None,
    flags: Account = ACCOUNT,
) -> None:
    """List replicas, all pages of them.

    For example:

        tavus-consent replicas list --replica-type user

    Args:
        replica_type: user for your own, system for stock replicas.
        model_name: Only replicas trained with this model, for example phoenix-4.
    """
    with flags.open() as (tavus, screen):
        found = list(tavus.replicas.list(replica_type=replica_type, model_name=model_name))
        screen.result([one.to_dict() for one in found], *([screen.replica_table(found)] if found else []))
        if not found:
            screen.note("No replicas found.")


@replicas.command
def rename(replica_id: str, replica_name: str, /, *, flags: Account = ACCOUNT) -> None:
    """Rename a replica.

    For example:

        tavus-consent replicas rename rf4e9d9790f0 "Rio 2"

    Args:
        replica_id: For example rf4e9d9790f0.
        replica_name: Its new name.
    """
    with flags.open() as (tavus, screen):
        tavus.replicas.rename(replica_id, replica_name)
        done = {"replica_id": replica_id, "replica_name": replica_name}
        screen.result(done, screen.clean(f"{replica_id} was renamed to {replica_name}."))


@replicas.command
def delete(
    replica_id: str,
    /,
    *,
    hard: Annotated[bool, SWITCH] = False,
    sure: Sure = SURE,
    flags: Account = ACCOUNT,
) -> None:
    """Delete a replica. Cannot be undone, so this asks first.

    For example:

        tavus-consent replicas delete rf4e9d9790f0 --hard

    Args:
        replica_id: For example rf4e9d9790f0.
        hard: Also delete its assets, such as the training footage.
    """
    check_id(replica_id, "replica_id")
    with flags.open() as (tavus, screen):
        sure.check(screen, f"This deletes the replica{' and its assets' if hard else ''} at Tavus.")
        tavus.replicas.delete(replica_id, hard=hard or None)
        screen.result({"replica_id": replica_id, "deleted": True}, screen.clean(f"{replica_id} was deleted."))


@replicas.command
def wait(
    replica_id: str,
    /,
    *,
    patience: Patience = PATIENCE,
    flags: Account = ACCOUNT,
) -> None:
    """Wait until the training of a replica ends.

    For example:

        tavus-consent replicas wait rf4e9d9790f0 --timeout 30m

    Args:
        replica_id: For example rf4e9d9790f0.
    """
    with flags.open() as (tavus, screen):
        replica = _wait(tavus, screen, replica_id, patience)
        screen.result(replica.to_dict(), screen.replica_card(replica))


def _wait(tavus: Tavus, screen: Screen, replica_id: str, patience: Patience) -> Replica:
    advice = f"Training continues at Tavus. To keep waiting: tavus-consent replicas wait {replica_id}"
    try:
        with _if_interrupted(advice), screen.progress() as move:
            return tavus.replicas.wait(
                replica_id,
                until=patience.until,
                timeout=patience.timeout,
                poll_interval=patience.poll_interval,
                on_progress=move,
            )
    except TrainingError as error:
        # The exit code tells a program that training failed; this tells it which replica, and why.
        screen.result(error.replica.to_dict())
        raise


@contextmanager
def _if_interrupted(advice: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as stop:
        stop.add_note(advice)
        raise


def _look_up(tavus: Tavus, error: OutcomeUnknownError) -> str:
    """Return what is known about a create of unknown outcome."""
    try:
        found = tavus.replicas.find_created(error)
    except CallError:
        return f"The lookup failed too. Check before you repeat the create: {LOOK}"
    if not found:
        return f"The replica is not there yet. Check again in a minute, before you repeat the create: {LOOK}"
    ids = ", ".join(replica.replica_id for replica in found)
    return f"Your replicas of that name and time: {ids}. If one of them is the right one, do not repeat the create."
