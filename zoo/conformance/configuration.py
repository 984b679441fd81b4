"""The property that a cell's configuration holds every constructor argument."""

import json
from typing import Any

from zoo.conformance.subject import Subject
from zoo.conformance.violation import demand, demand_same


def config(subject: Subject) -> None:
    """`get_config` and `from_config` preserve every constructor argument and the outputs."""
    arguments = {**subject.other_arguments(), "name": "other", "dtype": "mixed_float16"}
    units = 7 if subject.accepts(7, **arguments) else 8
    cell = subject.builder(units, **arguments)
    saved = json.loads(json.dumps(cell.get_config()))
    hint = (
        f"the constructor in {subject.file}: it stores each argument under its own name and passes "
        "the others on as **kwargs"
    )
    for name, value in {"units": units, **arguments}.items():
        if name == "dtype":
            continue
        demand(
            name in saved,
            f"expected {name} in the configuration; measured {sorted(saved)}. Check {hint}.",
        )
        demand(
            saved[name] == value,
            f"expected {name}={value!r} in the configuration; measured {saved[name]!r}. "
            f"Check {hint}.",
        )
    _demand_attributes(subject, cell, arguments, hint)
    restored = subject.builder.from_config(saved)
    demand(
        restored.get_config() == cell.get_config(),
        f"expected the same configuration after from_config; measured {restored.get_config()}. "
        f"Check {hint}.",
    )
    policy = restored.dtype_policy.name
    demand(
        policy == "mixed_float16",
        f"expected the policy mixed_float16 after from_config; measured {policy}. Check {hint}.",
    )
    _demand_same_outputs(subject, hint)


def _demand_attributes(subject: Subject, cell: Any, arguments: dict[str, Any], hint: str) -> None:
    """A number that is stored under the name of an argument is the value of that argument."""
    own = subject.builder.own_argument_names()
    for name, value in arguments.items():
        stored = getattr(cell, name, None)
        if name not in own or not all(_is_number(each) for each in (value, stored)):
            continue
        demand(
            stored == value,
            f"expected that the attribute {name} is the argument {name}={value!r}; measured "
            f"{stored!r}. Check {hint}.",
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _demand_same_outputs(subject: Subject, hint: str) -> None:
    for arguments in subject.variants():
        cell = subject.cell(**arguments)
        restored = subject.builder.from_config(json.loads(json.dumps(cell.get_config())))
        restored.build((None, 2))
        restored.set_weights(cell.get_weights())
        x, states = subject.inputs()[:, 0], subject.states(cell)
        demand_same(
            f"a cell restored from its configuration with {arguments} gives the same output",
            restored(x, states)[0],
            cell(x, states)[0],
            0.0,
            hint,
        )
