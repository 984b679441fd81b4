"""The settings with which the command line imports TensorFlow."""

import importlib.util
import os
import sys
import types
from unittest import mock

import pytest

from zoo.cli import output

VARIABLE = "TF_ENABLE_ONEDNN_OPTS"


class FakeTensorFlow:
    """Import hook that finds an empty TensorFlow and records the variable at its import."""

    def __init__(self):
        self.seen = []

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self) if name == "tensorflow" else None

    def create_module(self, spec):
        self.seen.append(os.environ.get(VARIABLE))
        module = types.ModuleType("tensorflow")
        module.constant, module.get_logger = mock.Mock(), mock.Mock()
        return module

    def exec_module(self, module):
        pass


@pytest.mark.parametrize(("value", "expected"), [(None, "1"), ("0", "0")])
def test_onednn_is_enabled_before_the_import_unless_the_user_sets_it(value, expected, monkeypatch):
    monkeypatch.setattr(os, "environ", {} if value is None else {VARIABLE: value})
    monkeypatch.delitem(sys.modules, "tensorflow")
    hook = FakeTensorFlow()
    monkeypatch.setattr(sys, "meta_path", [hook, *sys.meta_path])
    output.quiet_tensorflow()
    assert hook.seen == [expected]


THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


@pytest.mark.parametrize(
    ("cores", "chosen", "expected"),
    [
        (2, {}, ["1", "2"]),
        (1, {}, [None, None]),
        (16, {}, [None, None]),
        (2, {THREADS[0]: "2"}, ["2", None]),
        (2, {THREADS[1]: "2"}, [None, "2"]),
    ],
)
def test_operations_have_one_thread_on_two_cores(cores, chosen, expected, monkeypatch):
    monkeypatch.setattr(os, "environ", dict(chosen))
    monkeypatch.setattr("zoo.startup.cores", lambda: cores)
    monkeypatch.delitem(sys.modules, "tensorflow")
    monkeypatch.setattr(sys, "meta_path", [FakeTensorFlow(), *sys.meta_path])
    output.quiet_tensorflow()
    assert [os.environ.get(name) for name in THREADS] == expected


def test_threads_of_an_imported_tensorflow_stay(monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr("zoo.startup.cores", lambda: 2)
    output.quiet_tensorflow()
    assert not set(THREADS) & set(os.environ)


STARTED = """
import gc, sys
from zoo.cli.output import quiet_tensorflow

gc.enable()
quiet_tensorflow()
assert "keras" in sys.modules and not {"sklearn", "matplotlib"} & set(sys.modules), "start"
assert gc.isenabled() and gc.get_freeze_count() > 0, "garbage collection"
import matplotlib, sklearn
"""


def test_command_starts_without_packages_that_it_does_not_use(fresh_process):
    fresh_process(STARTED)
