"""The script rejects generated code that would do anything at import."""

from __future__ import annotations

import pytest
from regeneration import inert
from regeneration.problems import RegenerationError

from .conftest import PROJECT

HARMLESS = '''"""Text."""
from __future__ import annotations
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from attrs import field as _field
from attrs import frozen
from ..types import many
if TYPE_CHECKING:
    from ..models.other import Other
X: dict[str, Any] = {"a": [1, -2.5, ("b", None)], "c": {True}}
@frozen(kw_only=True, repr=False)
class A:
    """Text."""
    _members = {"a": ("a", many(str))}
    a: str | None = None
    b: dict[str, Any] = _field(default=None, hash=False)
    def from_dict(cls, data: Mapping[str, Any], flag: bool = False) -> A:
        return cls(**{key: print(value) for key, value in data.items()})
'''

DOES_SOMETHING = {
    "a call": "f()",
    "an assigned call": "x = f()",
    "a default": "def f(x=g()): ...",
    "a keyword default": "def f(*, x=g()): ...",
    "an annotation": "def f(x: g()): ...",
    "an annotation of the answer": "def f() -> g(): ...",
    "an annotation of a name": "x: g() = 1",
    "a decorator": "@g\ndef f(): ...",
    "a called decorator": "@g()\nclass A: ...",
    "a base": "class A(g()): ...",
    "a metaclass": "class A(metaclass=g): ...",
    "a class body": "class A:\n    f()",
    "a method's default": "class A:\n    def f(self, x=g()): ...",
    "a nested class": "class A:\n    class B:\n        f()",
    "an if": "if x: f()",
    "an if for types": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    f()",
    "an else": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    f()",
    "a loop": "for x in y: pass",
    "a try": "try:\n    pass\nfinally:\n    pass",
    "a with": "with x: pass",
    "a comprehension": "x = [f() for f in y]",
    "an f-string": 'x = f"{g()}"',
    "a lambda": "x = (lambda: 1)()",
    "a lambda's default": "x = lambda y=f(): y",
    "a way out beside a lazy package": "from importlib import import_module\nimport_module('os')",
    "a lazy package that does more": "def __getattr__(name): return getattr(f, name)",
    "a conditional": "x = f() if y else 1",
    "a walrus": "x = (y := f())",
    "an unpacked mapping": "x = {**f()}",
    "an unpacked call": "x = frozenset(*f())",
    "an argument that is a call": "x = frozenset(f())",
    "an import": "import os",
    "an import of a part": "from os import path",
    "an import of everything": "from typing import *",
    "an assignment to an attribute": "import httpx\nhttpx.get = 1",
    "a deletion": "import httpx\ndel httpx",
    "an assertion": "assert f()",
    "a call within a function": "def f(): return __import__('os')",
    "a reach within a function": "def f(x): return x.__class__",
    "a way out within a function": "def f(): return getattr(f, 'x')",
    "a name that looks like another": "сlient = 1",
    "an argument that looks like another": "def f(сlient): ...",
    "an import over an import": "from typing import Any\nfrom ..models.any_ import Any",
    "a class over an import": "from typing import Any\nclass Any: ...",
    "a method over a field": "class A:\n    to_dict: str\n    def to_dict(self): ...",
    "a field over a field": "class A:\n    a: str\n    a: int",
    "an argument over an argument": "def f(a, a): ...",
    "no Python": "class class: ...",
    "an escape that Python will refuse": "x = '\\d'",
    "a null": "x = '\0'",
    "too deep": "x = " + "(" * 1000 + ")" * 1000,
}  # fmt: skip


def test_definitions_pass() -> None:
    inert.check({"models/a.py": HARMLESS})


@pytest.mark.parametrize("source", DOES_SOMETHING.values(), ids=DOES_SOMETHING.keys())
def test_what_does_something_is_refused(source: str) -> None:
    with pytest.raises(RegenerationError) as caught:
        inert.check({"models/a.py": source})
    assert caught.value.place.startswith("generated/tavus_api/models/a.py, line ")


@pytest.mark.parametrize("name", ["../a.py", "/a.py", "a/../b.py", "A.py", "a b.py", "models/é.py", "a.sh", ".py"])
def test_only_names_of_modules_are_written(name: str) -> None:
    with pytest.raises(RegenerationError, match="not that of a module"):
        inert.check({name: ""})


def test_the_committed_package_is_inert() -> None:
    package = PROJECT / "generated" / "tavus_api"
    inert.check({path.relative_to(package).as_posix(): path.read_text() for path in package.rglob("*.py")})
