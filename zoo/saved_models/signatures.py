"""Signatures of a serving module, traced when they are first used."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tensorflow as tf


class Signatures(Mapping[str, Any]):
    """Concrete functions by signature name, each traced at its first use.

    An export uses all signatures, a prediction one.

    Args:
        module: the module of the functions, which refer to it weakly.
        tracers: dict of signature name to a zero-argument callable that returns the function.
    """

    def __init__(self, module: tf.Module, tracers: Mapping[str, Callable[[], Any]]) -> None:
        self._module, self._tracers = module, dict(tracers)
        self._traced: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._traced:
            self._traced[name] = self._tracers[name]()
        return self._traced[name]

    def __contains__(self, name: object) -> bool:
        return name in self._tracers

    def __iter__(self) -> Iterator[str]:
        return iter(self._tracers)

    def __len__(self) -> int:
        return len(self._tracers)
