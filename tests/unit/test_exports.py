"""The public names, and the cost of importing the public packages."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import tavus_consent

ROOT = Path(__file__).parents[2]
PACKAGES = [
    "tavus_consent",
    "tavus_consent.callbacks",
    "tavus_consent.consent",
    "tavus_consent.ledger",
    "tavus_consent.preflight",
    "tavus_consent.testing",
]
each_package = pytest.mark.parametrize("package", PACKAGES)


@each_package
def test_every_public_name_can_be_imported(package: str) -> None:
    module = importlib.import_module(package)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


@each_package
def test_names_are_listed_by_dir(package: str) -> None:
    module = importlib.import_module(package)
    assert set(module.__all__) <= set(dir(module))


@each_package
def test_an_unknown_name_is_an_attribute_error(package: str) -> None:
    module = importlib.import_module(package)
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'Tavis'"):
        module.Tavis  # noqa: B018


@each_package
def test_type_checkers_see_the_same_names(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__file__
    seen = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            seen |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            seen.add(node.name)
    assert set(module.__all__) - seen == set()


@pytest.mark.parametrize(
    ("package", "heavy"),
    [
        ("tavus_consent", ["attrs", "httpx", "tavus_api"]),
        ("tavus_consent.consent", ["attrs", "httpx", "tavus_api"]),
        ("tavus_consent.ledger", ["httpx", "sqlalchemy"]),
        ("tavus_consent.preflight", ["av", "faster_whisper", "httpx"]),
        ("tavus_consent.testing", ["httpx", "jsonschema_rs", "uvicorn"]),
    ],
)
def test_importing_a_package_imports_nothing_heavy(package: str, heavy: list[str]) -> None:
    code = f"import sys, {package}; print(*[name for name in {heavy} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == []


def test_the_version_is_the_one_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == tavus_consent.__version__
