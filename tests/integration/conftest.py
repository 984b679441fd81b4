"""Fixtures of the integration tests."""

import bad_input
import pytest
from sharing import locked, shared_folder


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
    """A folder with data and with intact and damaged runs, written once for all workers."""
    shared = shared_folder(tmp_path_factory)
    folder, complete = shared / "bad_runs", shared / "bad_runs.complete"
    with locked(shared / "bad_runs.lock"):
        if not complete.exists():
            folder.mkdir()
            bad_input.write_data(folder)
            bad_input.write_runs(folder)
            complete.touch()
    return folder
