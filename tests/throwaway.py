"""Temporary packages of cells with a registry, and temporary distributions."""

import importlib
import itertools
import sys
import textwrap

NUMBER = itertools.count()
MGU = '''\
"""The module of the minimal gated unit."""
from {package} import cells


@cells.register("mgu", paper="Zhou et al. 2016", year=2016, tags=("gated", "small"))
class MGUCell:
    """Minimal gated unit.

    More about it.
    """
'''
LSTM = '''\
"""The module of the LSTM."""
from {package} import cells


@cells.register("lstm", paper="Hochreiter & Schmidhuber 1997", tags=("gated",), size=2 * len("ab"))
class LSTMCell:
    """Long short-term memory."""
'''
SHOUT = '''\
"""Shouts every word."""
from {package} import cells

shout = cells.register(
    "shout", tags=["value"]
)({{"loud": True}})
'''


class Folder:
    """A package of cells with a registry, in a folder on the import path, and distributions.

    Args:
        path: the folder.
        also_import: the registry's argument of the same name.
    """

    def __init__(self, path, also_import=()):
        self.path = path
        self.package = f"throwaway{next(NUMBER)}"
        self.group = f"{self.package}.plugins"
        init = f"""
            from registry import Registry

            cells = Registry(
                "cell", package={self.package!r}, group={self.group!r},
                also_import={also_import!r}, list_command="zoo list cells",
            )
        """
        self.write(f"{self.package}/__init__.py", init)
        self.add_modules(
            mgu=MGU, lstm=LSTM, shout=SHOUT, _helper="raise RuntimeError('not an entry')"
        )

    @property
    def cells(self):
        return importlib.import_module(self.package).cells

    def write(self, name, text):
        """Write a file, and return its path."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        importlib.invalidate_caches()
        return str(file)

    def add_modules(self, **texts):
        """Write modules of the package: name -> text."""
        for name, text in texts.items():
            self.write(f"{self.package}/{name}.py", text.format(package=self.package))

    def file(self, name):
        """Return the path of a module of the package."""
        return str(self.path / self.package / f"{name}.py")

    def add_distribution(self, name, points, files=(), listed=True):
        """Write a distribution: entry points {name: value} and modules {file: text}."""
        lines = "".join(f"{point} = {value}\n" for point, value in points.items())
        folder = f"{name.replace('-', '_')}-1.0.dist-info"
        self.write(f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        self.write(f"{folder}/entry_points.txt", f"[{self.group}]\n{lines}")
        for file, text in dict(files).items():
            self.write(file, text.format(package=self.package))
        if listed:
            self.write(f"{folder}/RECORD", "".join(f"{file},,\n" for file in dict(files)))

    def imported(self):
        """Return the names of the package's modules that are imported."""
        return {name for name in sys.modules if name.startswith(f"{self.package}.")}


def registration(name, body="pass", **facts):
    """Return the source of a module that registers a class `Cell` under a name."""
    arguments = "".join(f", {fact}={value!r}" for fact, value in facts.items())
    return (
        f'from {{package}} import cells\n\n\n@cells.register("{name}"{arguments})\n'
        f"class Cell:\n    {body}\n"
    )


def one_line(error):
    """Return the message of a caught error; check that it is one line without enclosing quotes."""
    text = str(error.value)
    assert text.count("\n") == 0 and text[0] not in "'\""
    return text
