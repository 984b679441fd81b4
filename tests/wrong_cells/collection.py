"""The collection of wrong cells, and the properties that must reject each of them."""

import contextlib
import re

from zoo.cells import cells

WRONG = {}  # name -> (class, properties that must reject it, facts of its registration)


def wrong(*properties, **facts):
    """Return a decorator that adds a cell to `WRONG` with the properties that it violates."""

    def decorator(builder):
        snake_case = re.sub("(?<!^)(?=[A-Z])", "_", builder.__name__).lower()
        WRONG[f"wrong_{snake_case}"] = (builder, properties, facts)
        return builder

    return decorator


@contextlib.contextmanager
def registered():
    """Register all wrong cells for the duration of the context."""
    with cells.temporary():
        for name, (builder, _, facts) in WRONG.items():
            cells.register(name, paper="none", year=2000, tags=("wrong",), **facts)(builder)
        yield
