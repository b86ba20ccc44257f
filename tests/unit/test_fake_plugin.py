"""The pytest plugin in separate projects."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tavus_consent import AsyncTavus, Tavus
from tavus_consent.testing import FakeTavus


def test_the_sync_client_talks_to_the_fake(fake_tavus: FakeTavus, tavus: Tavus) -> None:
    list(tavus.replicas.list())

    assert [request.operation for request in fake_tavus.requests] == ["listReplicas"]


async def test_the_async_client_talks_to_the_fake(fake_tavus: FakeTavus, async_tavus: AsyncTavus) -> None:
    assert [replica async for replica in async_tavus.replicas.list(replica_type="user")] == []

    assert [request.operation for request in fake_tavus.requests] == ["listReplicas"]


def test_users_get_the_fixtures_without_a_word(tmp_path: Path) -> None:
    Path(tmp_path, "test_app.py").write_text(
        "def test_app(fake_tavus, tavus, async_tavus):\n    assert len(list(tavus.replicas.list())) == 2\n"
    )

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:asyncio",
            "-p",
            "no:schemathesis",
            "-W",
            "error",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    program = (
        "import sys; import pytest; before = set(sys.modules); import tavus_consent.testing.plugin; "
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "['tavus_consent']\n"
