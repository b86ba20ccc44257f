"""Clients that others wrote, each in an environment of its own, because they are no dependencies of ours."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parents[1] / ".venv" / "outside"
PYTHON = Path("Scripts" if os.name == "nt" else "bin") / "python"
PAGE = HERE.parents[1] / "docs" / "clients.md"
#: set where a client that cannot be installed must fail the tests instead of skipping them
REQUIRED = "OUTSIDE_CLIENTS_REQUIRED"

#: Runs jobs in one process, because it takes seconds to import such a client. Libraries may print: answers have the
#: real stdout for themselves.
LOOP = """
import json, os, sys

answers, sys.stdout = sys.stdout, sys.stderr

def serve(handle):
    for line in sys.stdin:
        job = json.loads(line)
        os.environ.update(job.pop("environment"))
        try:
            answer = {"result": handle(**job)}
        except Exception as error:
            facts = {k: v for k, v in vars(error).items() if isinstance(v, (int, str)) and not k.startswith("_")}
            answer = {"error": type(error).__name__, "message": str(error), **facts}
        print(json.dumps(answer), file=answers, flush=True)
"""


class OutsideError(Exception):
    """A call of the client raised.

    Attributes:
        facts: The name of the error's class as ``error``, its ``message``, and its public numbers and texts.
    """

    def __init__(self, facts: dict[str, Any]) -> None:
        super().__init__(facts)
        self.facts = facts


class Outside:
    """A running client.

    Args:
        process: Its process.
        log: Where its stderr goes.
    """

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log
        self.environment: dict[str, str] = {}

    def __call__(self, **job: Any) -> Any:
        """Run a job and return its result; raise OutsideError if the client raised."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"environment": self.environment, **job}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the client ended: {self._log.read_text()[-2000:]}"
        answer = json.loads(line)
        if "error" in answer:
            raise OutsideError(answer)
        return answer["result"]


@contextmanager
def running(name: str, code: str, home: Path) -> Iterator[Outside]:
    """Start a client; skip if it cannot be installed here.

    Args:
        name: The name of its file of requirements.
        code: Defines ``handle``, which runs a job.
        home: A folder for its files.
    """
    python = prepared(name)
    variables = {"HOME": str(home), "PATH": os.environ["PATH"], "COLUMNS": "300", "NO_COLOR": "1"}
    log = home / "stderr"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [python, "-c", f"{LOOP}\n{code}\nserve(handle)"],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        yield Outside(process, log)
        assert process.stdin
        process.stdin.close()


def on_page(part: str, url: str) -> str:
    """Return the block of ``docs/clients.md`` that contains a part, with the address of a running fake."""
    blocks = re.findall(r"^```\w+\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (found,) = (block for block in blocks if part in block)
    return found.replace("http://127.0.0.1:8080", url)


def prepared(name: str) -> Path:
    """Return the interpreter of the environment with a client, made on first use."""
    requirements = HERE / "requirements" / f"{name}.txt"
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = ENVIRONMENTS / f"{name}-{digest}"
    if not folder.exists():
        _install(name, requirements, folder)
    return folder / PYTHON


def _install(name: str, requirements: Path, folder: Path) -> None:
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if uv is None:
        unavailable(f"{name} cannot be installed, because there is no uv")
    # Another process may do the same at this moment: whole environments are moved into place.
    new = folder.with_name(f".{folder.name}-{os.getpid()}")
    for step in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(new)],
        # all of them are pinned, so that the outcome depends on this commit alone
        [uv, "pip", "install", "--quiet", "--no-deps", "--python", str(new / PYTHON), "-r", str(requirements)],
    ):
        done = subprocess.run(step, timeout=600, capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(new, ignore_errors=True)
            unavailable(f"{name} cannot be installed: {' '.join(done.stderr.split())[:500]}")
    try:
        new.rename(folder)
    except OSError:
        shutil.rmtree(new)


def unavailable(reason: str) -> NoReturn:
    """Skip the tests, or fail them if the clients are required."""
    if os.environ.get(REQUIRED):
        pytest.fail(reason)
    pytest.skip(reason)
