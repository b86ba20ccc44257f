"""The public names, and what importing the package costs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import tavus_consent
from tavus_consent import consent

ROOT = Path(__file__).parents[2]


# A name that appears or disappears is a decision: it belongs into the changelog, and then here.
NAMES = """
AnswerError AsyncConsents AsyncPager AsyncTavus AuthenticationError BadRequestError CallError CallInfo ClientClosedError
ClientStatusError ConfigurationError ConflictError ConnectionFailedError ConsentContradiction ConsentError
ConsentExpired ConsentMismatch ConsentPolicy ConsentRecord ConsentRequired ConsentVideo ConsentWarning
ConsentWithdrawn Consents ErasureIncomplete EvidenceChanged Face IllegalTransition InvalidAnswerError
InvalidLinkError InvalidNameError InvalidRequestError LedgerBroken LedgerConflict LedgerError
LedgerUnavailable Limits LinkWarning MissingExtraError NoAnswerError NotFoundError OutcomeUnknownError Page
Pager PaymentRequiredError PermissionDeniedError PreflightFailed PreflightOptions PreflightReport
PreflightWarning ProcessingError ProcessingFailed ProcessingTimeout
RateLimitError RedirectError Replica ReplicaCallback RequestTimeoutError Requirement ServerStatusError
SpokenConsent SubjectErased Tavus TavusError Timeout TrainingError TrainingFailed TrainingTimeout
UnprocessableError VaultKeyError __version__ issue_callback parse_callback requirement_for verify_callback
"""


def test_the_public_names_are_these() -> None:
    assert sorted(tavus_consent.__all__) == sorted(NAMES.split())


def test_every_public_name_can_be_imported() -> None:
    assert [name for name in tavus_consent.__all__ if not hasattr(tavus_consent, name)] == []


def test_all_that_consent_holds_is_listed() -> None:
    held = {name for name, value in vars(consent).items() if name[0] != "_" and not isinstance(value, ModuleType)}
    assert set(consent.__all__) == held


def test_names_are_listed_by_dir() -> None:
    assert set(tavus_consent.__all__) <= set(dir(tavus_consent))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Tavis'"):
        tavus_consent.Tavis  # type: ignore[attr-defined]  # noqa: B018


def test_the_version_is_the_one_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == tavus_consent.__version__


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, tavus_consent; print([m for m in ('httpx', 'attrs', 'tavus_api', 'typing') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert "httpx" not in found
    assert "tavus_api" not in found


def test_type_checkers_see_the_same_names() -> None:
    source = (ROOT / "overlay/tavus_consent/__init__.py").read_text()
    block = source.partition("if TYPE_CHECKING:\n")[2].partition("\n\n#")[0]
    names = {word.strip(" ,()") for line in block.splitlines() for word in line.partition("import")[2].split(",")}
    names |= {line.strip(" ,") for line in block.splitlines() if line.startswith("        ")}
    assert {name for name in names if name} == set(tavus_consent.__all__) - {"__version__"}
