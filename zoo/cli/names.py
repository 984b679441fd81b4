"""Validation of registered names before TensorFlow is imported."""

from collections.abc import Iterable, Mapping
from typing import Any

from registry import Registry
from tasks.heads import heads
from tasks.library import tasks
from zoo import initializers
from zoo.cells import cells
from zoo.cli.tags import check_tags
from zoo.config import Config
from zoo.errors import RequestError

REGISTRIES: dict[str, Registry[Any]] = {"task": tasks, "cell": cells, "head": heads}
TAG = "tag:"  # begins a value of a flag that stands for all names with a tag


def known(registry: Registry, name: str) -> None:
    """Raise UnknownName, with similar names, unless `name` is registered, without importing it."""
    if name not in registry:
        registry.entry(name)


def matches(flag: str, text: str, registry: Registry | None) -> list[str]:
    """Return the names for one value of a flag: those of a wildcard or a tag, or the value itself.

    Raises:
        RequestError: a wildcard matches no name, or no name has the tag.
    """
    if registry is not None and text.startswith(TAG):
        tag = text.removeprefix(TAG)
        check_tags(f"--{flag}={text}", (tag,), (registry,))
        return registry.names(tags=tag)
    if registry is None or "*" not in text:
        return [text]
    names = registry.names(text)
    if not names:
        raise RequestError(
            f"--{flag}={text} matches none of: {', '.join(registry.names())}. Change the pattern."
        )
    return names


def check_names(config: Config, space: Mapping[str, Iterable[Any]] | None = None) -> None:
    """Raise for the first unknown name in a configuration or a search space.

    Args:
        config: a configuration.
        space: field -> choices; they replace the field's value in `config`.

    Raises:
        RegistryError, RequestError: for an unknown name, with similar ones.
    """
    values = {name: (value,) for name, value in config.to_json().items()} | dict(space or {})

    def values_of(field: str) -> list[Any]:
        return [value for value in values[field] if value not in (None, "none")]

    for field, registry in REGISTRIES.items():
        for name in values_of(field):
            known(registry, name)
    for field, tag in (("kernel_initializer", "kernel"), ("bias_initializer", "bias")):
        for spec in values_of(field):
            initializers.parse_spec(spec, tag)
    for spec in values_of("recurrent_initializer"):  # which tags fit depends on the cell
        known(initializers.initializers, spec.partition(":")[0])
