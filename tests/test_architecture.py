"""The floors of the project: who may import whom, which libraries a room uses, and what an import costs."""

import ast
import dataclasses
import pathlib
import re
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent
PACKAGES = ("registry", "tasks", "zoo")
KINDS = {
    "zoo.cells": "cells",
    "tasks.library": "tasks",
    "tasks.heads": "heads",
    "tasks.datasets": "datasets",
}
HEAVY = ("tensorflow", "keras", "tensorflow_datasets", "keras_tuner")

KERAS, BOTH = {"keras", "numpy"}, {"keras", "numpy", "tensorflow"}


@dataclasses.dataclass(frozen=True)
class Room:
    """A row of the table: its floor, its modules (with all that is in a folder), and the libraries it may use."""

    floor: int
    names: tuple[str, ...]
    libraries: frozenset = frozenset()


ROOMS = tuple(
    Room(floor, tuple(names.split()), frozenset(libraries))
    for floor, names, libraries in (
        (0, "registry", ()),
        (0, "zoo.errors zoo.runs.files zoo.timing.interleaving", ()),
        (1, "zoo.config", ()),
        (1, "zoo.recurrent_cell zoo.initializers", KERAS),
        (2, "zoo.cells", KERAS),
        (2, "tasks", BOTH | {"tensorflow_datasets", "absl", "sacrebleu", "wrapt"}),
        (3, "zoo.recurrence", BOTH),
        (
            4,
            "zoo.models.builder zoo.models.encoder_decoder zoo.optimizers zoo.decoding.beam_search zoo.training.losses zoo.decoding.translator",
            BOTH,
        ),
        (
            5,
            "zoo.runs.run zoo.evaluation.evaluator zoo.training.truncated_bptt zoo.training.session zoo.saved_models.exporting zoo.saved_models.predictor zoo.reports zoo.runs.progress zoo.conformance "
            "zoo.timing.layers zoo.evaluation.score_by_length",
            BOTH | {"rich", "matplotlib"},
        ),
        (6, "zoo.tuning", {"keras", "keras_tuner", "threadpoolctl"}),
        (7, "zoo.cli", {"absl", "rich"}),
    )
)

# `import zoo` and `python -m zoo` are doors, not rooms: what they may import is said here.
DOORS = {"zoo": (), "zoo.__main__": ("zoo.cli",)}

# Modules of the project that import late, by name, so that listings stay fast.
LATE = {"zoo", "zoo.tuning", "zoo.cli", "zoo.cli.work", "registry.core", "registry.sources"}

# The command line imports TensorFlow before others do, with stderr shut: its greetings are nothing a user asked for.
FOR_SILENCE = {"zoo.cli.output": ("tensorflow",)}


def project():
    """Module -> source text, of all modules of the project."""
    found = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(
                encoding="utf-8"
            )
    return found


def inside(module, name):
    return module == name or module.startswith(name + ".")


def room_of(module):
    return next((room for room in ROOMS if any(inside(module, name) for name in room.names)), None)


def imports(text, modules):
    """The pairs (module, line) that a file imports; of a `from` import, the module or the attribute's owner."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [
                (name if name in modules else "." * node.level + (node.module or ""), node.lineno)
                for name in full
            ]
    return found


def is_own(name):
    return name.partition(".")[0] in PACKAGES


def wrong_floors(modules):
    """Modules without a room, and imports that do not go down."""
    for module, text in modules.items():
        own, room = (
            [(name, line) for name, line in imports(text, modules) if is_own(name)],
            room_of(module),
        )
        for name, line in own:
            below = room_of(name)
            down = room and below and (below == room or below.floor < room.floor)
            if not (name in DOORS[module] if module in DOORS else down):
                yield f"{module}:{line} imports {name}"
        if room is None and module not in DOORS:
            yield f"{module} stands on no floor"


def circles(modules):
    """Modules that import each other in a circle; a package's __init__ counts where it is imported from."""
    edges = {
        module: {name for name, _ in imports(text, modules) if name in modules and name != module}
        for module, text in modules.items()
    }
    done, path = set(), []

    def walk(module):
        if module in path:
            yield " > ".join([*path[path.index(module) :], module])
        elif module not in done:
            path.append(module)
            for name in sorted(edges[module]):
                yield from walk(name)
            done.add(path.pop())

    for module in sorted(modules):
        yield from walk(module)


def late_imports(modules):
    """Imports of own modules anywhere but at the top of a file, and imports by name where there is no exception."""
    for module, text in modules.items():
        tree = ast.parse(text)
        for node in ast.walk(tree):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            if any(map(is_own, names)) and node not in tree.body and module not in LATE:
                yield f"{module}:{node.lineno} imports {names[0]} late"
            if isinstance(node, ast.ImportFrom) and node.level:
                yield f"{module}:{node.lineno} imports relatively"
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).endswith("import_module")
                and module not in LATE
            ):
                literal = next(
                    (
                        part.value
                        for part in ast.walk(node.args[0])
                        if isinstance(part, ast.Constant)
                    ),
                    "",
                )
                if is_own(literal) or not literal:
                    yield f"{module}:{node.lineno} imports {literal or 'something'} by name"


def wrong_libraries(modules):
    """Libraries that are not the room's."""
    for module, text in modules.items():
        allowed = room_of(module).libraries if room_of(module) else frozenset()
        for name, line in imports(text, modules):
            top = name.partition(".")[0]
            if (
                top
                and not is_own(top)
                and top not in {*sys.stdlib_module_names, *allowed, *FOR_SILENCE.get(module, ())}
            ):
                yield f"{module}:{line} uses {top}"


def dangers(modules):
    """Ways for data to become code."""
    for module, text in modules.items():
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("eval", "exec")
            ):
                yield f"{module}:{node.lineno} calls {node.func.id}"
        for name, line in imports(text, modules):
            if name.partition(".")[0] in (
                "pickle",
                "cPickle",
                "dill",
                "cloudpickle",
                "marshal",
                "shelve",
                "yaml",
            ):
                yield f"{module}:{line} uses {name}"


def strays(modules):
    """Files in the folder of a kind that register nothing under the name of the file."""
    for folder, registry in KINDS.items():
        for module, text in modules.items():
            if not module.startswith(folder + "."):
                continue
            name = module.removeprefix(folder + ".")
            registered = [
                node.args[0].value
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.Call) and ast.unparse(node.func) == f"{registry}.register"
            ]
            if registered != [name]:
                yield f"{module} registers {registered}"


def long_cells(modules):
    """Cell files of 90 lines, and steps of 20."""
    for module, text in modules.items():
        if inside(module, "zoo.cells") and module != "zoo.cells":
            if len(text.splitlines()) >= 90:
                yield f"{module} has {len(text.splitlines())} lines"
            for node in ast.walk(ast.parse(text)):
                if (
                    isinstance(node, ast.FunctionDef)
                    and node.name == "step"
                    and node.end_lineno - node.lineno >= 19
                ):
                    yield f"{module}: step has {node.end_lineno - node.lineno + 1} lines"


RULES = (wrong_floors, circles, late_imports, wrong_libraries, dangers, strays, long_cells)


@pytest.mark.parametrize("rule", RULES)
def test_the_project_keeps_the_rule(rule):
    assert list(rule(project())) == []


VIOLATIONS = (
    (wrong_floors, "zoo.config", "from zoo.cells import cells", "zoo.config:1 imports zoo.cells"),
    (
        wrong_floors,
        "tasks.metrics",
        "from zoo.cells import cells",
        "tasks.metrics:1 imports zoo.cells",
    ),
    (
        wrong_floors,
        "zoo.cells.lstm",
        "from tasks import metrics",
        "zoo.cells.lstm:1 imports tasks.metrics",
    ),
    (
        wrong_floors,
        "zoo.engine.loops",
        "import zoo.models.builder",
        "zoo.engine.loops:1 imports zoo.models.builder",
    ),
    (
        wrong_floors,
        "zoo.training.session",
        "from zoo.cli import work",
        "zoo.training.session:1 imports zoo.cli.work",
    ),
    (
        wrong_floors,
        "registry.core",
        "from zoo.errors import RunError",
        "registry.core:1 imports zoo.errors",
    ),
    (wrong_floors, "zoo", "import zoo.models.builder", "zoo:1 imports zoo.models.builder"),
    (wrong_floors, "zoo.cellar", "", "zoo.cellar stands on no floor"),
    (circles, "zoo.errors", "from zoo import files", "zoo.errors > zoo.runs.files > zoo.errors"),
    (
        circles,
        "zoo.reports.leaderboard",
        "from zoo.reports import card",
        "zoo.reports.leaderboard > zoo.reports.card > zoo.reports.leaderboard",
    ),
    (
        late_imports,
        "zoo.runs.run",
        "def f():\n    from zoo import files",
        "zoo.runs.run:2 imports zoo late",
    ),
    (
        late_imports,
        "zoo.runs.run",
        "if True:\n    import zoo.runs.files",
        "zoo.runs.run:2 imports zoo.runs.files late",
    ),
    (late_imports, "zoo.runs.run", "from . import files", "zoo.runs.run:1 imports relatively"),
    (
        late_imports,
        "zoo.runs.run",
        "importlib.import_module('zoo.runs.files')",
        "zoo.runs.run:1 imports zoo.runs.files by name",
    ),
    (
        late_imports,
        "zoo.runs.run",
        "importlib.import_module(name)",
        "zoo.runs.run:1 imports something by name",
    ),
    (wrong_libraries, "zoo.config", "import numpy", "zoo.config:1 uses numpy"),
    (wrong_libraries, "zoo.runs.files", "import keras", "zoo.runs.files:1 uses keras"),
    (
        wrong_libraries,
        "registry.entry",
        "def f():\n    import attrs",
        "registry.entry:2 uses attrs",
    ),
    (
        wrong_libraries,
        "zoo.cells.gru",
        "import tensorflow as tf",
        "zoo.cells.gru:1 uses tensorflow",
    ),
    (
        wrong_libraries,
        "tasks.text.features",
        "import keras_tuner",
        "tasks.text.features:1 uses keras_tuner",
    ),
    (dangers, "zoo.runs.run", "from pickle import loads", "zoo.runs.run:1 uses pickle"),
    (dangers, "zoo.runs.run", "import yaml", "zoo.runs.run:1 uses yaml"),
    (dangers, "tasks.data.readers", "eval('1')", "tasks.data.readers:1 calls eval"),
    (dangers, "registry.core", "exec('1')", "registry.core:1 calls exec"),
    (strays, "zoo.cells.helpers", "x = 1", "zoo.cells.helpers registers []"),
    (
        strays,
        "tasks.library.two",
        "tasks.register('one')(1)",
        "tasks.library.two registers ['one']",
    ),
    (long_cells, "zoo.cells.gru", "\n" * 90, "zoo.cells.gru has 90 lines"),
    (
        long_cells,
        "zoo.cells.gru",
        "def step():\n" + "    1\n" * 19,
        "zoo.cells.gru: step has 20 lines",
    ),
)


@pytest.mark.parametrize(("rule", "module", "text", "complaint"), VIOLATIONS)
def test_a_violation_is_found(rule, module, text, complaint):
    assert complaint in list(rule({**project(), module: text}))


def test_the_document_has_the_same_table():
    document = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = set()
    for floor, names in re.findall(r"^\| (\d) \| ([^|]+) \|", document, re.MULTILINE):
        modules = [
            name.removesuffix(".py").strip("/").replace("/", ".")
            for name in re.findall(r"`([^`]+)`", names)
        ]
        rows.add((int(floor), frozenset(modules)))
    assert rows == {(room.floor, frozenset(room.names)) for room in ROOMS}


def light_modules():
    """The packages, the modules that hold registries, and those that listings and help go through."""
    modules = project()
    packages = {
        module for module in modules if (ROOT / module.replace(".", "/") / "__init__.py").exists()
    }
    holders = {
        module
        for module, text in modules.items()
        if re.search(r"^\w+ = Registry\(", text, re.MULTILINE)
    }
    assert {
        "zoo.cells",
        "tasks.library",
        "tasks.heads",
        "tasks.datasets",
        "zoo.initializers",
        "zoo.tuning.tuners",
    } <= holders
    return sorted(
        {
            *packages,
            *holders,
            "zoo.config",
            "zoo.errors",
            "zoo.runs.files",
            "zoo.cli.listing",
            "zoo.cli.flags",
        }
    )


def test_imports_and_listings_load_no_heavy_library(fresh_process):
    code = f"import {', '.join(light_modules())}, sys\n" + (
        "from zoo.cells import cells; from tasks.library import tasks\n"
        "for each in cells, tasks: each.names('*'), each.records()\n"
        f"print(*(name for name in {HEAVY} if name in sys.modules))"
    )
    assert fresh_process(code).split() == []


@pytest.mark.parametrize("name", ["tasks", "registry"])
def test_a_folder_of_the_user_with_our_name_gets_a_sentence(name, tmp_path, fresh_process):
    (tmp_path / name).mkdir()
    theirs = tmp_path / name / "__init__.py"
    theirs.write_text("def todo(): pass\n")
    place = fresh_process(
        "import zoo, pathlib; print(pathlib.Path(zoo.__file__).parent.parent)"
    ).strip()
    told = (
        fresh_process("import zoo", path=(tmp_path, place), cwd=tmp_path, status=1)
        .strip()
        .splitlines()[-1]
    )
    assert told.startswith(f"ImportError: zoo needs its own package {name!r}")
    assert str(theirs) in told and str(pathlib.Path(place) / name) in told
