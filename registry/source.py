"""A source: a module that registers one name, located without importing it."""

import importlib.machinery
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

BUILT_IN = "built-in"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Source:
    """A module that registers `name` when it is imported.

    Args:
        name: the registered name.
        module: the dotted name of the module.
        origin: "built-in", or the name of the distribution that provides a plugin.
        find_file: zero-argument callable that returns the module's file or None, without importing
            the module.
        rejected: the reason why the source cannot be used, such as a name that is taken; or None.
    """

    name: str
    module: str
    origin: str
    find_file: Callable[[], str | None]
    rejected: str | None = None

    @cached_property
    def file(self) -> str | None:
        """The module's file, found without importing the module, or None."""
        return self.find_file()

    def owns(self, module: str, file: str | None) -> bool:
        """Return whether a registration made in this module and file belongs to the source.

        A plugin may register from any module of its top-level package; a built-in registers from
        its own module, or from a submodule if it is a package.
        """
        if self.origin != BUILT_IN:
            return module.partition(".")[0] == self.module.partition(".")[0]
        return module == self.module or module.startswith(self.module + ".") or file == self.file


def is_name(name: object) -> bool:
    """Return whether `name` is a valid registered name: a lower-case identifier, letter first."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def existing_file(stem: str) -> str | None:
    """Return the file of the module at the path `stem`, which has no suffix, or None."""
    return next((path for path in candidate_files(stem) if os.path.isfile(path)), None)


def candidate_files(stem: str) -> list[str]:
    """Return the paths at which Python finds a module, source files before compiled ones."""
    suffixes = importlib.machinery.all_suffixes()
    return [stem + suffix for suffix in suffixes] + [
        f"{stem}/__init__{suffix}" for suffix in suffixes
    ]
