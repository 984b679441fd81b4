"""A registry of cells in a temporary package."""

import sys

import pytest
from throwaway import Folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A package with a registry, on the import path; its modules are unloaded afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield Folder(tmp_path)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def cells(folder):
    """The registry of `folder`."""
    return folder.cells
