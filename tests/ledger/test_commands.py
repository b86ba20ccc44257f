"""The commands of the ledger on both stores. tests/unit/cli tests their output, on SQLite."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.asked import TERMS

from tavus_consent.cli import main

from .support import ENVIRON


@pytest.fixture
def command(url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command that gives JSON, on a ledger that the environment names."""
    for name, value in {**ENVIRON, "TAVUS_CONSENT_LEDGER": url}.items():
        monkeypatch.setenv(name, value)

    def run(*line: str) -> Any:
        capsys.readouterr()
        code = main([*line, "--json"])
        said = capsys.readouterr()
        assert code == 0, said.err
        return json.loads(said.out)

    return run


def test_a_record_from_its_request_to_its_erasure(command: Any) -> None:
    record = command("consents", "request", "--full-name", "Rio Alvarez", *TERMS)["record_id"]
    command("consents", "add-evidence", record, "--video-url", "https://bucket.example/consent.mp4")
    assert [one["record_id"] for one in command("consents", "list")] == [record]
    assert command("ledger", "verify")["ok"] is True
    command("consents", "invalidate", record, "--yes", "--reason", "It was made for somebody else.")
    assert command("consents", "erase", record, "--yes")["erased"] is True
    assert command("consents", "show", record)["status"] == "erased"
    assert command("ledger", "verify")["ok"] is True
