"""The suite rejects deliberately wrong cells, each by the properties that it violates."""

import pytest
from wrong_cells import WRONG, registered

from zoo.conformance.subject import Subject
from zoo.conformance.suite import judge

CASES = [
    (name, property_name) for name, (_, violated, _) in WRONG.items() for property_name in violated
]


@pytest.fixture(scope="module", autouse=True)
def wrong_cells():
    with registered():
        yield


@pytest.mark.parametrize(("name", "property_name"), CASES)
def test_wrong_cell_is_rejected(name, property_name):
    result = judge(Subject(name, "forward"), property_name)
    assert not result.passed
    assert result.reason and "\n" not in result.reason
