"""Facts read from a source file without importing it."""

import ast
import functools
import importlib.util
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from registry.errors import describe_exception, one_line

NO_FACTS: Mapping[str, Any] = MappingProxyType({})
# Packages that were found. Files of a folder import the same few, and a search walks sys.path.
_INSTALLED: set[str] = set()


@dataclass(frozen=True)
class Registration:
    """A call `registry_name.register("name", fact=value)` in a file.

    Args:
        registry_name: the variable or attribute that holds the registry, such as "cells".
        name: the registered name.
        facts: the keyword arguments; None for a value that is not a literal.
        line: the line number of the call.
        doc: the first line of the docstring of a class or function; None for a plain value.
    """

    registry_name: str
    name: str
    facts: Mapping[str, Any]
    line: int
    doc: str | None


@dataclass(frozen=True)
class SourceFacts:
    """The top level of a file: its docstring, its registrations and possible import failures.

    Args:
        doc: the first line of the module's docstring.
        registrations: the calls of `register`.
        imports: (line number, top-level package) of each unconditional import.
        raises: (line number, description) of an unconditional `raise`, or None.
        unreadable: the reason why the file cannot be parsed, or None.
    """

    doc: str | None = None
    registrations: tuple[Registration, ...] = ()
    imports: tuple[tuple[int, str], ...] = ()
    raises: tuple[int, str] | None = None
    unreadable: str | None = None

    def registration(self, name: str, registry_name: str) -> Registration | None:
        """Return the registration of `name`, preferably in `registry_name`, or None."""
        found = [each for each in self.registrations if each.name == name]
        return min(found, key=lambda each: each.registry_name != registry_name, default=None)

    def fault(self) -> str | None:
        """Return the reason why importing the file would fail, on one line, or None."""
        if self.unreadable:
            return self.unreadable
        faults = [self.raises] if self.raises else []
        faults += [
            (line, f"ModuleNotFoundError: line {line} imports {package!r}, which is not installed")
            for line, package in self.imports
            if not is_installed(package)
        ]
        return min(faults)[1] if faults else None


def read(file: str) -> SourceFacts:
    """Return the `SourceFacts` of a file; they are empty if it is not Python source."""
    if not str(file).endswith(".py"):
        return SourceFacts()
    try:
        stat = os.stat(file)
        return _read(str(file), stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        return SourceFacts(unreadable=describe_exception(error))


def first_line(doc: str | None) -> str | None:
    """Return the first non-empty line of a docstring, or None."""
    return next((line.strip() for line in (doc or "").splitlines() if line.strip()), None)


def is_installed(package: str) -> bool:
    """Return whether a top-level module can be found on the import path, without importing it."""
    if package not in _INSTALLED and _is_found(package):
        _INSTALLED.add(package)
    return package in _INSTALLED


def _is_found(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):  # An imported module without a spec, such as `__main__`.
        return True


@functools.lru_cache(maxsize=1024)
def _read(file: str, modified: int, size: int) -> SourceFacts:
    """Parse a file; its time and size are part of the cache key, so an edit invalidates it."""
    with open(file, "rb") as source:
        text = source.read()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # A listing does not report invalid escape sequences.
            tree = ast.parse(text)
    except SyntaxError as error:
        return SourceFacts(unreadable=one_line(f"SyntaxError: {error.msg} (line {error.lineno})"))
    except (ValueError, RecursionError, MemoryError) as error:
        return SourceFacts(unreadable=describe_exception(error))
    return SourceFacts(
        doc=first_line(ast.get_docstring(tree)),
        registrations=tuple(_registrations(tree.body)),
        imports=tuple(_imports(tree.body)),
        raises=next((_raise(node) for node in tree.body if isinstance(node, ast.Raise)), None),
    )


def _registrations(body: Sequence[ast.AST]) -> Iterator[Registration]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            doc = first_line(ast.get_docstring(node))
            found = [_registration(decorator, doc) for decorator in node.decorator_list]
        elif isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign):
            called = node.value.func if isinstance(node.value, ast.Call) else None
            found = [_registration(called, None)]
        else:
            found = []
            for block in ("body", "handlers", "orelse", "finalbody"):
                found += _registrations(getattr(node, block, ()))
        yield from filter(None, found)


def _registration(node: ast.AST | None, doc: str | None) -> Registration | None:
    """Return the registration if the expression `node` is a call of `register`, otherwise None."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=owner, attr="register"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            facts = {each.arg: _literal(each.value) for each in node.keywords if each.arg}
            return Registration(_last_name(owner), name, MappingProxyType(facts), node.lineno, doc)
    return None


def _last_name(node: ast.expr) -> str:
    """Return "cells" for `cells` and for `zoo.cells`, and an empty string for other expressions."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _literal(node: ast.expr) -> Any:
    """Return the value of a literal, and None for any other expression."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _imports(body: Sequence[ast.stmt]) -> Iterator[tuple[int, str]]:
    """Yield the line and the top-level package of each unconditional absolute import."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.lineno, node.module.partition(".")[0]


def _raise(node: ast.Raise) -> tuple[int, str]:
    raised = ast.unparse(node.exc) if node.exc else "an exception"
    return node.lineno, one_line(f"line {node.lineno} raises {raised}")
