"""Proof that importing generated code only defines names and runs nothing else.

The generator escapes the text of upstream. This module does not rely on that, because one version of the generator let
a specification run code.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping

from .problems import RegenerationError

STEP = "inert"

_IMPORTED = frozenset(
    {
        "__future__", "attrs", "collections.abc", "datetime", "functools", "types", "typing",
    }
)  # fmt: skip
# The functions that a module may call during import. Each builds a value from constant arguments.
_CALLED = frozenset(
    {
        "Operation", "TypedDict", "_field", "choice", "choose", "each", "frozenset", "many", "maybe", "one",
    }
)  # fmt: skip
_DECORATORS = frozenset(
    {
        "cached_property", "frozen(kw_only=True, repr=False)", "hides_locals",
    }
)  # fmt: skip
# Our own modules, which contain no text from upstream.
FIXED = frozenset({"_frames.py", "client.py", "errors.py", "types.py", "uploads.py"})
# The code of a package that imports its names on first use. Upstream's words occur only in its table.
_LAZY = frozenset(
    {
        "from importlib import import_module",
        ast.unparse(
            ast.parse(
                """
def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value
"""
            )
        ),
    }
)
# The templates never need these names, and code that can reach them can do anything.
_BANNED = frozenset(
    {
        "__builtins__", "__import__", "breakpoint", "compile", "delattr", "eval", "exec", "getattr", "globals", "input",
        "locals", "open", "setattr", "vars",
    }
)  # fmt: skip
# The attributes of a node that hold names.
_NAMES: Mapping[type[ast.AST], tuple[str, ...]] = {
    ast.Name: ("id",), ast.Attribute: ("attr",), ast.arg: ("arg",), ast.alias: ("name", "asname"),
    ast.FunctionDef: ("name",), ast.AsyncFunctionDef: ("name",), ast.ClassDef: ("name",), ast.keyword: ("arg",),
}  # fmt: skip
_DUNDERS = frozenset({"__init__", "__enter__", "__exit__", "__aenter__", "__aexit__"})


def check(sources: Mapping[str, str]) -> None:
    """Refuse a package if one of its modules does anything but define names.

    Args:
        sources: The modules, by their path in the package.

    Raises:
        RegenerationError: A module does more. The error names the module, the line and the statement.
    """
    for name, source in sources.items():
        if name in FIXED:
            continue
        if not re.fullmatch(r"(?:[a-z0-9_]+/)*[a-z0-9_]+\.py", name):
            raise _refusal(name, 1, "its name is not that of a module")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", SyntaxWarning)
                module = ast.parse(source)
                compile(module, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise _refusal(name, getattr(error, "lineno", None) or 1, f"it is not Python: {error}") from None
        for node, cause in _objections(module):
            raise _refusal(name, getattr(node, "lineno", 1), cause)


def _refusal(name: str, line: int, cause: str) -> RegenerationError:
    remedy = "look for the text or name of upstream that became this, and mend it with an action in openapi/overlays"
    return RegenerationError(STEP, f"generated/tavus_api/{name}, line {line}", cause, remedy)


def _objections(module: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    lazily = any(
        isinstance(node, ast.ImportFrom) and node.module == "__future__" and node.names[0].name == "annotations"
        for node in module.body
    )
    yield from _bound_twice(module.body)
    body = [node for node in module.body if not _imports_lazily(node)]
    for statement in body:
        for node in ast.walk(statement):
            if type(node) in _NAMES:
                yield from _reaching(node)
    yield from _body(body, lazily)


def _imports_lazily(node: ast.stmt) -> bool:
    """Return whether a statement is part of the code that imports names on first use."""
    named = getattr(node, "module", None) == "importlib" or getattr(node, "name", None) == "__getattr__"
    return named and ast.unparse(node) in _LAZY  # unparsing every statement would take a second


def _body(body: list[ast.stmt], lazily: bool) -> Iterator[tuple[ast.AST, str]]:
    """Yield objections to the statements that run during import."""
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield from _imports(node)
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=[]):
                for inner in node.body:
                    if isinstance(inner, ast.ImportFrom):
                        yield from _imports(inner)
                    else:
                        yield inner, "it does something while it is imported"
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                pass
            case ast.Assign(value=value, targets=[ast.Name()]):
                yield from _value(value)
            case ast.AnnAssign(value=value, target=ast.Name(), annotation=annotation):
                yield from () if lazily else _value(annotation)
                yield from _value(value) if value else ()
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _function(node, lazily)
            case ast.ClassDef():
                yield from _decorated(node)
                for base in node.bases:
                    yield from _value(base)
                for keyword in node.keywords:
                    if (keyword.arg, ast.unparse(keyword.value)) != ("total", "False"):
                        yield keyword, "a class has arguments"
                yield from _bound_twice(node.body)
                yield from _body(node.body, lazily)
            case _:
                yield node, "it does something while it is imported"


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, lazily: bool) -> Iterator[tuple[ast.AST, str]]:
    yield from _decorated(node)
    arguments = node.args
    for default in (*arguments.defaults, *(default for default in arguments.kw_defaults if default)):
        yield from _value(default)
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    annotations = [*(argument.annotation for argument in every), node.returns]
    for annotation in () if lazily else filter(None, annotations):
        yield from _value(annotation)


def _decorated(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[ast.AST, str]]:
    for decorator in node.decorator_list:
        if ast.unparse(decorator) not in _DECORATORS:
            yield decorator, "a decorator is not one of the generator's"


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[ast.AST, str]]:
    relative = isinstance(node, ast.ImportFrom) and node.level > 0
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    if not relative and not set(modules) <= _IMPORTED:
        yield node, f"it imports {modules[0]}"
    if any(alias.name == "*" for alias in node.names):
        yield node, "it imports everything of a module"


def _value(node: ast.expr) -> Iterator[tuple[ast.AST, str]]:
    """Yield objections to an expression that is evaluated during import."""
    match node:
        case ast.Constant() | ast.Name() | ast.Lambda(args=ast.arguments(defaults=[], kw_defaults=[]), body=ast.Name()):
            pass
        case ast.Attribute(value=value) | ast.UnaryOp(operand=value):
            yield from _value(value)
        case ast.Tuple(elts=values) | ast.List(elts=values) | ast.Set(elts=values):
            for value in values:
                yield from _value(value)
        case ast.Dict(keys=keys, values=values):
            yield from ((node, "a mapping is unpacked") for key in keys if key is None)
            for value in (*filter(None, keys), *values):
                yield from _value(value)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right) | ast.Subscript(value=left, slice=right):
            yield from _value(left)
            yield from _value(right)
        case ast.Call(func=function, args=arguments, keywords=keywords) if ast.unparse(function) in _CALLED:
            for value in (*arguments, *(keyword.value for keyword in keywords)):
                yield from _value(value)
        case _:
            yield node, "it computes something while it is imported"


def _reaching(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield objections to the names in a node, even in code that runs only when a function is called."""
    for key in _NAMES[type(node)]:
        name = getattr(node, key) or ""
        if not name.isascii():
            yield node, f"the name {name!r} looks like another"
        if name in _BANNED and not isinstance(node, ast.Attribute | ast.keyword):
            yield node, f"it uses {name}"
        if isinstance(node, ast.Attribute) and name.startswith("__") and name not in _DUNDERS:
            yield node, f"it uses {name}"


def _bound_twice(body: list[ast.stmt]) -> Iterator[tuple[ast.AST, str]]:
    """Yield objections to names that are bound twice, because the later binding silently replaces the earlier one."""
    seen: dict[str, object] = {}
    for node in body:
        for name, origin in _bindings(node):
            if seen.setdefault(name, origin) != origin:
                yield node, f"two things are called {name}"


def _bindings(node: ast.stmt) -> Iterator[tuple[str, object]]:
    """Yield the names that a statement binds, each with its origin, so that equal bindings can be recognized."""
    match node:
        case ast.If(body=body):
            for inner in body:
                yield from _bindings(inner)
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            module = ("." * node.level + (node.module or "")) if isinstance(node, ast.ImportFrom) else ""
            yield from ((alias.asname or alias.name, (module, alias.name)) for alias in names)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, node
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            yield name, node
        case _:
            pass
