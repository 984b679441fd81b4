"""Facts read from a source file without importing it."""

import ast
import functools
import importlib.util
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from registry.errors import one_line, reason_of

NO_FACTS = MappingProxyType({})
_FOUND = set()  # Every file of a folder imports the same few packages, and each search goes through all of sys.path.


@dataclass(frozen=True)
class Registration:
    """One `receiver.register("name", fact=value)` in a file; `doc` is None for plain values."""

    receiver: str
    name: str
    facts: Mapping[str, Any]
    line: int
    doc: str | None


@dataclass(frozen=True)
class SourceFacts:
    """What a file says at its top level: docstring, registrations, and what may keep it from being imported."""

    doc: str | None = None
    registrations: tuple[Registration, ...] = ()
    imports: tuple[tuple[int, str], ...] = ()
    raises: tuple[int, str] | None = None
    unreadable: str | None = None

    def registration(self, name, receiver):
        """Return the registration of `name`, that of the `receiver` first ("cells"), or None."""
        found = [each for each in self.registrations if each.name == name]
        return min(found, key=lambda each: each.receiver != receiver, default=None)

    def fault(self):
        """Return why an import of the file is bound to fail, in one line, or None; nothing is imported."""
        if self.unreadable:
            return self.unreadable
        faults = [self.raises] if self.raises else []
        faults += [
            (line, f"ModuleNotFoundError: line {line} imports {package!r}, which is not installed")
            for line, package in self.imports
            if not is_installed(package)
        ]
        return min(faults)[1] if faults else None


def read(file):
    """Return the `SourceFacts` of a file; a file that is not Python source has none, which is no fault."""
    if not str(file).endswith(".py"):
        return SourceFacts()
    try:
        stat = os.stat(file)
        return _read(str(file), stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        return SourceFacts(unreadable=reason_of(error))


def first_line(doc):
    """Return the first line of a docstring that says something, or None."""
    return next((line.strip() for line in (doc or "").splitlines() if line.strip()), None)


def is_installed(package):
    """Whether a top-level module of this name can be found; it is not imported."""
    if package not in _FOUND and _is_found(package):
        _FOUND.add(package)
    return package in _FOUND


def _is_found(package):
    try:
        return importlib.util.find_spec(package) is not None
    except (
        ImportError,
        ValueError,
    ):  # A module that is already there without a spec, such as `__main__`.
        return True


@functools.lru_cache(maxsize=1024)
def _read(file, modified, size):
    """Parse one state of a file: time and size are there to tell the states apart."""
    with open(file, "rb") as source:
        text = source.read()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # An unescaped backslash is not a listing's business.
            tree = ast.parse(text)
    except SyntaxError as error:
        return SourceFacts(unreadable=one_line(f"SyntaxError: {error.msg} (line {error.lineno})"))
    except (ValueError, RecursionError, MemoryError) as error:
        return SourceFacts(unreadable=reason_of(error))
    return SourceFacts(
        doc=first_line(ast.get_docstring(tree)),
        registrations=tuple(_registrations(tree.body)),
        imports=tuple(_imports(tree.body)),
        raises=next((_raise(node) for node in tree.body if isinstance(node, ast.Raise)), None),
    )


def _registrations(body):
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            doc = first_line(ast.get_docstring(node))
            yield from (
                _registration(call, doc) for call in node.decorator_list if _registers(call)
            )
        elif isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign):
            if isinstance(node.value, ast.Call) and _registers(node.value.func):
                yield _registration(node.value.func, None)
        else:
            for part in ("body", "handlers", "orelse", "finalbody"):
                yield from _registrations(getattr(node, part, ()))


def _registers(call):
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "register"
        and bool(call.args)
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    )


def _registration(call, doc):
    receiver = call.func.value
    receiver = receiver.attr if isinstance(receiver, ast.Attribute) else getattr(receiver, "id", "")
    facts = {keyword.arg: _literal(keyword.value) for keyword in call.keywords if keyword.arg}
    return Registration(receiver, call.args[0].value, MappingProxyType(facts), call.lineno, doc)


def _literal(node):
    """Return the value of a literal, and None (unknown) for what would have to be computed."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _imports(body):
    """Yield the line and the top-level package of each unconditional absolute import."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, node.module.partition(".")[0]


def _raise(node):
    raised = ast.unparse(node.exc) if node.exc else "an exception"
    return node.lineno, one_line(f"line {node.lineno} raises {raised}")
