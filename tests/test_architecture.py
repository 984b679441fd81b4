"""The source code follows the architecture rules, and listings import no heavy library."""

import pathlib
import re

import architecture_rules as rules
import pytest
from architecture_rules import ROOT, RULES, project

HEAVY = ("tensorflow", "keras", "tensorflow_datasets", "keras_tuner")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_project_follows_the_rule(rule):
    assert list(rule(project())) == []


def test_benchmarks_and_examples_are_of_limited_size():
    modules = project(("benchmarks", "examples"))
    assert {"benchmarks.kills", "examples.own_tuner"} <= set(modules)
    assert list(rules.sizes(modules)) == []


VIOLATIONS = (
    ("room_order", "zoo.config", "from zoo.cells import cells", "zoo.config:1 imports zoo.cells"),
    ("room_order", "tasks.metrics", "import zoo.engine", "tasks.metrics:1 imports zoo.engine"),
    ("room_order", "zoo.cells.lstm", "import tasks", "zoo.cells.lstm:1 imports tasks"),
    (
        "room_order",
        "zoo.engine.loops",
        "import zoo.models.builder",
        "zoo.engine.loops:1 imports zoo.models.builder",
    ),
    (
        "room_order",
        "registry.core",
        "from zoo.errors import RunError",
        "registry.core:1 imports zoo.errors",
    ),
    ("room_order", "zoo.__main__", "import zoo.engine", "zoo.__main__:1 imports zoo.engine"),
    ("room_order", "zoo.cellar", "", "zoo.cellar is in no room"),
    (
        "import_cycles",
        "zoo.errors",
        "from zoo import config",
        "zoo.config > zoo.errors > zoo.config",
    ),
    (
        "late_imports",
        "zoo.runs.run",
        "def f():\n    from zoo.runs import files",
        "zoo.runs.run:2 imports zoo.runs late",
    ),
    (
        "late_imports",
        "zoo.runs.run",
        "if True:\n    import zoo.runs",
        "zoo.runs.run:2 imports zoo.runs late",
    ),
    ("late_imports", "zoo.runs.run", "from . import files", "zoo.runs.run:1 imports relatively"),
    (
        "late_imports",
        "zoo.runs.run",
        "importlib.import_module(name)",
        "zoo.runs.run:1 imports by name",
    ),
    ("libraries", "zoo.config", "import numpy", "zoo.config:1 uses numpy"),
    ("libraries", "registry.entry", "def f():\n    import attrs", "registry.entry:2 uses attrs"),
    ("libraries", "zoo.cells.gru", "import tensorflow as tf", "zoo.cells.gru:1 uses tensorflow"),
    ("libraries", "tasks.task", "import keras_tuner", "tasks.task:1 uses keras_tuner"),
    ("unsafe", "zoo.runs.run", "from pickle import loads", "zoo.runs.run:1 uses pickle"),
    ("unsafe", "zoo.runs.run", "import yaml", "zoo.runs.run:1 uses yaml"),
    ("unsafe", "tasks.data.readers", "eval('1')", "tasks.data.readers:1 calls eval"),
    ("entries", "zoo.cells.helpers", "x = 1", "zoo.cells.helpers registers []"),
    (
        "entries",
        "tasks.library.two",
        'tasks.register("one")(1)',
        "tasks.library.two registers ['one']",
    ),
    ("sizes", "zoo.cells.gru", "\n" * 120, "zoo.cells.gru has 120 lines"),
    (
        "sizes",
        "zoo.cells.gru",
        "def step():\n" + "    1\n" * 19,
        "zoo.cells.gru: step has 20 lines",
    ),
    ("sizes", "zoo.errors", "\n" * 301, "zoo.errors has 301 lines"),
    ("sizes", "zoo.errors", "def f():\n" + "    1\n" * 40, "zoo.errors: f has 41 lines"),
)


@pytest.mark.parametrize(("rule", "module", "text", "message"), VIOLATIONS)
def test_violation_of_a_rule_is_reported(rule, module, text, message):
    assert message in list(getattr(rules, rule)({**project(), module: text}))


def test_architecture_page_lists_the_rooms_in_order():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+) \|", page, re.MULTILINE)
    listed = [re.findall(r"`([^`]+)`", row) for row in rows]
    names = [[name.removesuffix(".py").strip("/").replace("/", ".") for name in r] for r in listed]
    assert names == [list(room.names) for room in rules.ROOMS]


def light_modules():
    """Return the packages, the modules that define registries, and those that listings import."""
    modules = project()
    packages = {m for m in modules if (ROOT / m.replace(".", "/") / "__init__.py").exists()}
    holders = {m for m, text in modules.items() if re.search(r"^\w+(: .+)? = Registry", text, re.M)}
    assert {*rules.REGISTRIES, "zoo.initializers", "zoo.tuning.tuners"} <= holders
    return sorted({*packages, *holders, "zoo.config", "zoo.errors", "zoo.cli.listing"})


def test_imports_and_listings_load_no_heavy_library(fresh_process):
    code = (
        f"import {', '.join(light_modules())}, sys\n"
        "from zoo.cells import cells; from tasks.library import tasks\n"
        "for each in cells, tasks: each.names('*'), each.records()\n"
        f"print(*(name for name in {HEAVY} if name in sys.modules))"
    )
    assert fresh_process(code).split() == []


@pytest.mark.parametrize("name", ["tasks", "registry"])
def test_foreign_package_of_the_same_name_raises_import_error(name, tmp_path, fresh_process):
    (tmp_path / name).mkdir()
    foreign = tmp_path / name / "__init__.py"
    foreign.write_text("def todo(): pass\n")
    place = fresh_process(
        "import zoo, pathlib; print(pathlib.Path(zoo.__file__).parent.parent)"
    ).strip()
    error = fresh_process("import zoo", path=(tmp_path, place), cwd=tmp_path, status=1)
    message = error.strip().splitlines()[-1]
    assert message.startswith(f"ImportError: zoo needs its own package {name!r}")
    assert str(foreign) in message and str(pathlib.Path(place) / name) in message
