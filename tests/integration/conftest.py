"""Fixtures of the integration tests."""

import bad_input
import pytest


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory):
    """A folder with valid and invalid data, and empty folders `tagger` and `writer`."""
    folder = tmp_path_factory.mktemp("bad_input")
    bad_input.write_data(folder)
    for name in ("tagger", "writer"):
        (folder / name).mkdir()
    return folder


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """A folder with data and with intact and damaged runs."""
    folder = tmp_path_factory.mktemp("bad_runs")
    bad_input.write_data(folder)
    bad_input.write_runs(folder)
    return folder
