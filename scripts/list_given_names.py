"""Write the list of given names that the matcher ships: ``python scripts/list_given_names.py``.

The names come from the package nomquamgender (MIT). The list has the names that at least 12 of its sources list, for at
least 1,000 people. A longer list would flag more correct names than it would find wrong ones.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "overlay")]

from tavus_consent.consent._words import letters  # noqa: E402 - the path comes first

TARGET = ROOT / "overlay" / "tavus_consent" / "consent" / "given_names.txt.gz"
PACKAGE = "nomquamgender"
VERSION = "0.1.4"
SOURCES = 12
BEARERS = 1000


def main() -> int:
    """Write the list."""
    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder))
        data = json.loads((Path(folder) / PACKAGE / "name_data.json").read_text("utf-8"))
        license_text = (Path(folder) / f"{PACKAGE}-{VERSION}.dist-info" / "LICENSE").read_text("utf-8")
    names = select(data)
    head = [
        f"{len(names)} given names from the package {PACKAGE} {VERSION}:",
        f"at least {SOURCES} sources and {BEARERS} bearers, in the form in which the matcher compares names.",
        *license_text.strip().splitlines(),
    ]
    text = "".join(f"# {line}".rstrip() + "\n" for line in head) + "".join(f"{name}\n" for name in names)
    # The header has a fixed time, so that the same names always give the same bytes.
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(names)} names, {TARGET.stat().st_size} bytes")
    return 0


def install(folder: Path) -> None:
    """Install only the package, because reading its data does not need its dependencies."""
    command = ["-m", "uv", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), f"{PACKAGE}=={VERSION}"]
    subprocess.run([sys.executable, *command], check=True)


def select(data: dict[str, list[Any]]) -> list[str]:
    """Return the names that are common enough, in lower case, without signs, sorted."""
    known = (name for name, (sources, bearers, *_) in data.items() if sources >= SOURCES and bearers >= BEARERS)
    return sorted({plain for name in known if len(plain := letters(name)) > 1})


if __name__ == "__main__":
    sys.exit(main())
