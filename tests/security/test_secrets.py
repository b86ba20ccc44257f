"""No secret leaves the process. One property: for every planted secret and every event, nothing of it is found outside.

These values are meant to contain a secret, so they are not leaks:

- ``SpokenConsent.full_name``, ``.video_url`` and ``.statement``, ``IssuedCallback.url``: that is their use. They
  are in no ``repr``, and there are no pickles of them.
- ``Attestation.statement`` and ``.attested_by``: the same; in no ``repr``.
- ``check_full_name`` and ``StatementTemplate.render`` return the name; ``tavus-consent statement`` prints it, and so do
  ``consents request``, ``renew``, ``show``, ``verify`` and ``receipt``, which are about that one person.
- ``Replica`` (alone, in a ``Page``, or as ``TrainingError.replica``), events of callbacks, and everything that
  generated functions take and give: what Tavus said, or is to be told, as it is. No ``repr`` of ours shows a link.
- Results of the other namespaces (alone, in a ``Page``, or as ``ProcessingError.result``, whose ``error_message`` is a
  part of it), and plain JSON where the specification does not say what an answer holds: the same.
- ``Transcript``, ``Word`` and ``Match``: what was said, as data. No ``repr`` shows it.
- ``FakeTavus.requests``, ``.replicas`` and ``.callbacks``: what a test looks at. No ``repr`` shows a link or the key.

``HYPOTHESIS_PROFILE=long`` plants a hundred times, ``full`` twice, and ``quick`` once. That one draws some of the
statuses, one of the two clients for each answer, and fewer command lines, other ones with each seed.
"""

from __future__ import annotations

import inspect
import random
from contextlib import closing
from types import ModuleType

from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from tests.fuzz.methods import public_methods
from tests.fuzz.spec import OPERATIONS

import tavus_consent as tc
from tavus_consent import Consents, consent, testing, training_errors
from tavus_consent.callbacks import _query
from tavus_consent.preflight import links

from .canaries import Canaries, canaries
from .doors import Doors
from .driving import Drive
from .hostile import Hostile
from .media import drive_preflight
from .outside import commands, drive_command_line, drive_fake

TIMES = {"quick": 1, "full": 2}.get(settings.get_current_profile_name(), 100)

# They are there to be caught; what is raised is always one of their children.
ABSTRACT = {tc.TavusError, tc.CallError, tc.NoAnswerError, tc.AnswerError}
ABSTRACT |= {tc.TrainingError, tc.ProcessingError, tc.LedgerError}


def public_names() -> set[str]:
    """Everything public that can be called; who adds something, drives it."""
    names = {name for name in tc.__all__ if getattr(tc, name) not in public_errors() | ABSTRACT}
    names |= {f"consent.{name}" for name in consent.__all__ if callable(getattr(consent, name))}
    names |= {f"testing.{name}" for name in testing.__all__}
    names |= public_methods()
    names |= {f"Consents.{name}" for name in vars(Consents) if name[0] != "_"}
    names |= {f"Tavus.{name}" for name in dir(tc.Tavus) if name[0] != "_"}
    names |= {f"links.{name}" for name in functions(links)} | functions(_query)
    names |= {f"training_errors.{name}" for name in functions(training_errors)}
    for operation in OPERATIONS.values():
        module = operation.module
        names |= {f"{module.__name__}.{name}" for name in functions(module) if name.startswith("sync")}
    return names | commands()


def functions(module: ModuleType) -> set[str]:
    made_there = inspect.getmembers(module, lambda one: inspect.isfunction(one) and one.__module__ == module.__name__)
    return {name for name, _ in made_there if name[0] != "_"}


def public_errors() -> set[type[BaseException]]:
    """Every class of error that can be raised."""
    classes = {getattr(tc, name) for name in tc.__all__}
    return {one for one in classes if inspect.isclass(one) and issubclass(one, tc.TavusError)} - ABSTRACT


@settings(
    max_examples=TIMES,
    # a smaller counterexample says no more: each leak is listed with its door and its situation
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(planted=canaries(), rng=st.randoms(use_true_random=False))
def test_no_secret_leaves(planted: Canaries, rng: random.Random) -> None:
    with (
        closing(Hostile(planted.everything)) as server,
        Doors(planted.pieces) as doors,
        closing(Drive(planted, doors, server, rng)) as drive,
    ):
        drive.everything()
        drive_command_line(drive)
        drive_fake(drive)
        drive_preflight(drive)
    assert not doors.leaks, f"{len(doors.leaks)} leaks:\n" + "\n".join([*doors.leaks.values()][:20])
    driven = drive.driven | {f"consent.{name}" for name in drive.driven}  # what a call gives is known by its class
    assert public_names() - driven == set()
    assert public_errors() - drive.raised == set()
