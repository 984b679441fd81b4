"""What is wrong by name alone, told before TensorFlow is waited for."""

from tasks.heads import heads
from tasks.library import tasks
from zoo import initializers
from zoo.cells import cells

REGISTRIES = {"task": tasks, "cell": cells, "head": heads}


def known(registry, name):
    """Raises UnknownName, with close names, unless `name` is registered; nothing is imported for a known one."""
    if name not in registry:
        registry.entry(name)


def check_names(config, space=None):
    """Raises for the first unknown name in a configuration, or among the choices of a search: field -> values."""
    values = {**{field: (value,) for field, value in config.to_json().items()}, **(space or {})}

    def named(field):
        return [value for value in values[field] if value not in (None, "none")]

    for field, registry in REGISTRIES.items():
        for name in named(field):
            known(registry, name)
    for field, tag in (("kernel_initializer", "kernel"), ("bias_initializer", "bias")):
        for spec in named(field):
            initializers.parse_spec(spec, tag)
    for spec in named(
        "recurrent_initializer"
    ):  # whether it may be a diagonal's, only the cell knows
        known(initializers.initializers, spec.partition(":")[0])
