"""Write ``docs/reference``: a page for every namespace of the client, from its signatures and docstrings.

::

    python scripts/list_reference.py            write the pages
    python scripts/list_reference.py --check    write nothing; exit 1 if they are not current

The example on a page comes from ``docs/reference/examples/<namespace>.py``. The tests run it against the fake.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tavus_consent import Tavus

ROOT = Path(__file__).resolve().parents[1]
FOLDER = "docs/reference"


def namespaces() -> dict[str, type]:
    """Return the class of each namespace by name."""
    with Tavus("no-key") as tavus:
        found = {name: getattr(tavus, name) for name in dir(tavus) if not name.startswith("_")}
        homes = ("tavus_api.api.", "tavus_consent.namespaces.", "tavus_consent.callbacks.")
        return {name: type(value) for name, value in found.items() if type(value).__module__.startswith(homes)}


def pages(root: Path = ROOT) -> dict[str, str]:
    """Return the pages by path."""
    found = namespaces()
    made = {f"{FOLDER}/{name}.md": _page(name, cls, root) for name, cls in found.items()}
    rows = "".join(
        f"| [`tavus.{name}`]({name}.md) | {', '.join(f'`{one}`' for one in _methods(cls))} |\n"
        for name, cls in found.items()
    )
    made[f"{FOLDER}/README.md"] = (
        "# Reference\n\nBuilt by `scripts/list_reference.py` from the code; do not edit. Every method exists on "
        "`Tavus` and, awaited, on `AsyncTavus`. See also [names](../names.md) and [errors](../errors.md)."
        "\n\n| Namespace | Methods |\n| --- | --- |\n" + rows
    )
    return made


def _methods(cls: type) -> dict[str, Callable[..., Any]]:
    return {key: getattr(cls, key) for key in dir(cls) if not key.startswith("_") and callable(getattr(cls, key))}


def _page(name: str, cls: type, root: Path) -> str:
    example = (root / FOLDER / "examples" / f"{name}.py").read_text("utf-8")
    methods = "\n".join(_method(name, key, method) for key, method in _methods(cls).items())
    head = f"# tavus.{name}\n\nBuilt by `scripts/list_reference.py` from the code; do not edit.\n"
    return f"{head}\n```python\n{example}```\n\n{methods}"


def _method(namespace: str, name: str, method: Callable[..., Any]) -> str:
    signature = inspect.signature(method)
    parameters = list(signature.parameters.values())[1:]
    rows = [f"{one.name}: {one.annotation}{_default(one)}" for one in parameters]
    star = next((n for n, one in enumerate(parameters) if one.kind is one.KEYWORD_ONLY), None)
    if star is not None:
        rows.insert(star, "*")
    call = f"{namespace}.{name}({', '.join(rows)}) -> {signature.return_annotation}"
    if len(call) > 100:
        inner = "".join(f"    {row},\n" for row in rows)
        call = f"{namespace}.{name}(\n{inner}) -> {signature.return_annotation}"
    return f"## {name}\n\n```text\n{call}\n```\n\n{_markdown(inspect.getdoc(method) or '')}"


def _default(parameter: inspect.Parameter) -> str:
    if parameter.default is parameter.empty:
        return ""
    return " = ..." if parameter.default is ... else f" = {parameter.default!r}"


def _markdown(text: str) -> str:
    """Convert a docstring in Google's style to Markdown."""
    lines: list[str] = []
    in_section = False
    for line in text.replace("``", "`").splitlines():
        title = re.fullmatch(r"(Args|Returns|Raises):", line)
        item = re.match(r"    (\w+): (.*)", line) if in_section else None
        if title:
            in_section = True
            lines += [f"**{title[1]}**", ""]
        elif item:
            lines.append(f"- `{item[1]}`: {item[2]}")
        elif in_section and line.startswith("        "):
            lines.append(f"  {line.strip()}")
        else:
            lines.append(line.strip())
    text = re.sub(r":(?:meth|class|mod|func):`[.~]*([^`]*)`", r"`\1`", "\n".join(lines))
    return text.strip() + "\n"


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command. Return 1 if ``--check`` finds a page that is not current."""
    parser = argparse.ArgumentParser(description="Write docs/reference from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is not current")
    made = pages(root)
    present = {path.relative_to(root).as_posix() for path in (root / FOLDER).glob("*.md")}
    if parser.parse_args(arguments).check:
        old = sorted(present - made.keys())
        old += [name for name, text in made.items() if name not in present or (root / name).read_text("utf-8") != text]
        if old:
            print(f"Not current: {', '.join(old)}. Run scripts/list_reference.py.", file=sys.stderr)
        return 1 if old else 0
    for name in present - made.keys():
        (root / name).unlink()
    for name, text in made.items():
        (root / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
