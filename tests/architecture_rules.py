"""Rules of the source code: imports between rooms, libraries, sizes, unsafe calls.

ARCHITECTURE.md lists the rooms.
"""

import ast
import dataclasses
import pathlib
import re
import sys
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).parents[1]
PACKAGES = ("registry", "tasks", "zoo")
REGISTRIES = {
    "zoo.cells": "cells",
    "tasks.library": "tasks",
    "tasks.heads": "heads",
    "tasks.datasets": "datasets",
}
MODULE_LINES, FUNCTION_LINES, CELL_LINES, STEP_LINES = 300, 40, 120, 20

Modules = dict[str, str]  # module name -> source text


@dataclasses.dataclass(frozen=True)
class Room:
    """Modules with one purpose (a folder, or single files) and the libraries that they may use."""

    names: tuple[str, ...]
    libraries: frozenset[str] = frozenset()


def _room(names: str, libraries: str = "") -> Room:
    return Room(tuple(names.split()), frozenset(libraries.split()))


# A room imports only from itself and from the rooms before it in this list.
ROOMS = (
    _room("registry"),
    _room("zoo.errors zoo.interruption zoo.startup zoo.streams zoo.fields zoo.config"),
    _room("zoo.initializers zoo.optimizers zoo.graph_functions", "keras numpy tensorflow"),
    _room("zoo.cell_base zoo.recurrent_cell", "keras numpy"),
    _room("zoo.cells", "keras numpy"),
    _room("tasks", "keras numpy tensorflow tensorflow_datasets absl sacrebleu wrapt"),
    _room("zoo.engine", "keras numpy tensorflow"),
    _room("zoo.layers", "keras tensorflow"),
    _room("zoo.models", "keras"),
    _room("zoo.decoding", "tensorflow"),
    _room("zoo.runs", "h5py keras numpy rich"),
    _room("zoo.reports", "matplotlib numpy rich"),
    _room("zoo.evaluation", "keras matplotlib numpy tensorflow"),
    _room("zoo.training", "keras numpy tensorflow"),
    _room("zoo.saved_models", "numpy tensorflow"),
    _room("zoo.timing", "keras tensorflow"),
    _room("zoo.conformance zoo.testing", "keras numpy tensorflow pytest"),
    _room("zoo.diagnosis", "keras matplotlib numpy tensorflow"),
    _room("zoo.callbacks", "keras numpy tensorflow"),
    _room("zoo.tuning", "keras keras_tuner threadpoolctl"),
    _room("zoo.cli", "absl rich"),
)

# Entry points, not rooms: the modules that each may import.
ENTRY_POINTS = {"zoo.__main__": ("zoo.cli", "zoo.interruption", "zoo.streams")}

# Packages that may import project modules inside functions, which keeps listings fast.
LATE = ("zoo", "zoo.__main__", "zoo.tuning", "zoo.cli", "registry")

# Libraries that one module of a room may use, and the others may not.
OWN_LIBRARIES = {"zoo.cli.output": {"tensorflow"}}


def project(packages: tuple[str, ...] = PACKAGES) -> Modules:
    """Return the source of every module of some packages, by default those of the project."""
    found = {}
    for package in packages:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = path.read_text(encoding="utf-8")
    return found


def inside(module: str, package: str) -> bool:
    """Return whether `module` is `package` or one of its modules."""
    return module == package or module.startswith(package + ".")


def position(module: str) -> int | None:
    """Return the index of the module's room, or None."""
    for index, room in enumerate(ROOMS):
        if any(inside(module, name) for name in room.names):
            return index
    return None


def is_own(name: str) -> bool:
    """Return whether `name` belongs to the project."""
    return name.partition(".")[0] in PACKAGES


def imports(text: str, modules: Modules) -> list[tuple[str, int]]:
    """Return (module, line) of each import; `from a import b` counts as a.b if that is a module."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [(name if name in modules else source, node.lineno) for name in names]
    return found


def room_order(modules: Modules) -> Iterator[str]:
    """Yield modules outside of all rooms, and imports from a later room."""
    for module, text in modules.items():
        own = position(module)
        if module == "zoo":
            continue
        if own is None and module not in ENTRY_POINTS:
            yield f"{module} is in no room"
        for name, line in imports(text, modules):
            if not is_own(name) or name == "zoo":
                continue
            other = position(name)
            allowed = (
                name in ENTRY_POINTS[module]
                if module in ENTRY_POINTS
                else own is not None and other is not None and other <= own
            )
            if not allowed:
                yield f"{module}:{line} imports {name}"


def import_cycles(modules: Modules) -> Iterator[str]:
    """Yield cycles of imports, including imports inside functions."""
    edges = {
        module: {n for n, _ in imports(text, modules) if n in modules and n != module}
        for module, text in modules.items()
        if module != "zoo"
    }
    done: set[str] = set()
    path: list[str] = []

    def visit(module: str) -> Iterator[str]:
        if module in path:
            yield " > ".join([*path[path.index(module) :], module])
        elif module not in done:
            path.append(module)
            for name in sorted(edges.get(module, ())):
                yield from visit(name)
            done.add(path.pop())

    for module in sorted(edges):
        yield from visit(module)


def _is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def late_imports(modules: Modules) -> Iterator[str]:
    """Yield project imports inside functions or blocks, relative imports, and imports by name."""
    for module, text in modules.items():
        tree = ast.parse(text)
        blocks = [node.body for node in tree.body if _is_type_checking(node)]  # type: ignore[attr-defined]
        top = [*tree.body, *sum(blocks, [])]
        late = any(inside(module, name) for name in LATE if name != "zoo") or module == "zoo"
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                yield f"{module}:{node.lineno} imports relatively"
            if late:
                continue
            if isinstance(node, ast.Import | ast.ImportFrom) and node not in top:
                names = (
                    [alias.name for alias in node.names]
                    if isinstance(node, ast.Import)
                    else [node.module or ""]
                )
                if any(map(is_own, names)):
                    yield f"{module}:{node.lineno} imports {names[0]} late"
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                argument = node.args[0]
                literal = argument.value if isinstance(argument, ast.Constant) else ""
                if literal and not is_own(str(literal)):
                    continue
                yield f"{module}:{node.lineno} imports by name"


def libraries(modules: Modules) -> Iterator[str]:
    """Yield imports of libraries that a room may not use."""
    for module, text in modules.items():
        index = position(module)
        allowed = {
            *sys.stdlib_module_names,
            *(ROOMS[index].libraries if index is not None else ()),
            *OWN_LIBRARIES.get(module, ()),
        }
        for name, line in imports(text, modules):
            top = name.partition(".")[0]
            if top and not is_own(top) and top not in allowed:
                yield f"{module}:{line} uses {top}"


UNSAFE = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "yaml"}


def unsafe(modules: Modules) -> Iterator[str]:
    """Yield calls and imports that could execute data as code."""
    for module, text in modules.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("eval", "exec"):
                yield f"{module}:{node.lineno} calls {ast.unparse(node.func)}"
        for name, line in imports(text, modules):
            if name.partition(".")[0] in UNSAFE:
                yield f"{module}:{line} uses {name}"


def entries(modules: Modules) -> Iterator[str]:
    """Yield modules of a registry that do not register exactly the name of their file."""
    for folder, registry in REGISTRIES.items():
        for module, text in modules.items():
            name = module.removeprefix(folder + ".")
            if name == module or name.startswith("_"):
                continue
            pattern = rf'^@?{registry}\.register\(\s*"(\w+)"'
            registered = re.findall(pattern, text, re.MULTILINE)
            if registered != [name]:
                yield f"{module} registers {registered}"


def sizes(modules: Modules) -> Iterator[str]:
    """Yield modules, functions, cell files and steps that are too long."""
    for module, text in modules.items():
        lines = len(text.splitlines())
        cell = inside(module, "zoo.cells") and module != "zoo.cells"
        if lines > MODULE_LINES or (cell and lines >= CELL_LINES):
            yield f"{module} has {lines} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                limit = STEP_LINES - 1 if cell and node.name == "step" else FUNCTION_LINES
                if length > limit:
                    yield f"{module}: {node.name} has {length} lines"


RULES = (room_order, import_cycles, late_imports, libraries, unsafe, entries, sizes)
