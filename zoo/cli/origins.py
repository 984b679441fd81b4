"""`--show_config`: each value of a configuration and its origin."""

from collections.abc import Mapping
from typing import Any

from zoo.cli.flags import Verb
from zoo.cli.output import print_json, quiet_tensorflow, table
from zoo.config import Config
from zoo.reports.leaderboard import format_value


def show_config(
    verb: Verb, config: Config, space: Mapping[str, tuple[Any, ...]] | None = None
) -> int:
    """Print each field's value and its origin; return the exit status.

    Args:
        verb: the command, its flags parsed.
        config: the configuration of its flags.
        space: field -> choices of a search, shown in place of the field's value.
    """
    quiet_tensorflow()
    from zoo.models.resolve import sources_of_values

    flags, search, space = verb.given_fields(), space is not None, space or {}
    values = {
        name: (list(space[name]) if name in space else value, _origin(name, origin, flags))
        for name, (value, origin) in sources_of_values(config, search).items()
    }
    if verb["json"]:
        print_json({name: {"value": value, "origin": o} for name, (value, o) in values.items()})
    else:
        rows = [(name, format_value(value), origin) for name, (value, origin) in values.items()]
        table(("field", "value", "origin"), rows)
    return 0


def _origin(name: str, origin: str, flags: set[str]) -> str:
    # A difficulty becomes part of the dataset's name.
    given = name in flags or (name == "dataset" and origin == "given")
    return "flag" if given else origin
