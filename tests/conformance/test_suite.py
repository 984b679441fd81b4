"""Every registered cell has every property of the conformance suite, and deliberately wrong cells have not."""

import functools

import pytest
from wrong_cells import WRONG, BrokenEverywhere, registered

from zoo.cells import cells
from zoo.conformance.subject import ARRANGEMENTS, Subject
from zoo.conformance.suite import ARRANGED, check, judge, properties
from zoo.conformance.violation import Violation
from zoo.conformance.whole_models import in_fresh_process

NAMES = cells.names()


@functools.cache
def subject_of(name, arrangement=None, full=False):
    return Subject(name, arrangement, full)


@functools.cache
def fresh_reasons(arrangement=None):
    """One new process for all cells."""
    return in_fresh_process([subject_of(name, arrangement) for name in NAMES])


def holds(subject, asked, arrangement=None):
    function = None
    if asked == "fresh_process":

        def function(subject):
            reason = fresh_reasons(arrangement)[subject.name]
            if reason:
                raise Violation(reason)

    result = judge(subject, asked, function)
    assert result.passed, result.reason


@pytest.mark.parametrize("asked", properties)
@pytest.mark.parametrize("name", NAMES)
def test_cell(name, asked):
    holds(subject_of(name), asked)


@pytest.mark.parametrize("asked", [asked for asked in ARRANGED if asked != "fresh_process"])
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
@pytest.mark.parametrize("name", NAMES[:3])
def test_some_cells_in_every_arrangement(name, arrangement, asked):
    holds(subject_of(name, arrangement), asked)


@pytest.mark.full
@pytest.mark.parametrize("asked", ARRANGED)
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
@pytest.mark.parametrize("name", NAMES)
def test_every_cell_in_every_arrangement(name, arrangement, asked):
    holds(subject_of(name, arrangement, full=True), asked, arrangement)


@pytest.fixture(scope="module")
def wrong_cells():
    with registered():
        yield


@pytest.mark.parametrize(
    ("name", "asked"), [(name, asked) for name, (_, fails, _) in WRONG.items() for asked in fails]
)
def test_wrong_cell_is_rejected(wrong_cells, name, asked):
    result = judge(Subject(name, "forward"), asked)
    assert not result.passed
    assert result.reason and "\n" not in result.reason


def test_a_declared_exception_excuses_a_failure_with_its_reason():
    with cells.temporary():
        cells.register("excused", exceptions={"docstring": "no paper yet"})(
            WRONG["wrong_without_source"][0]
        )
        result = judge(Subject("excused"), "docstring")
    assert result.passed
    assert result.reason == "excepted: no paper yet"


def test_check_outlives_a_cell_that_never_works():
    reported = []
    with cells.temporary():
        cells.register("broken_everywhere")(BrokenEverywhere)
        results = check("broken_everywhere", report=reported.append)
    assert [result.property for result in results] == list(properties)
    assert reported == results
    failed = {result.property: result.reason for result in results if not result.passed}
    assert {"reference", "loops", "saved_model", "fresh_process", "learning"} <= set(failed)
    assert failed["reference"].endswith("this step never works")


def test_a_cell_that_a_new_process_cannot_find_is_named():
    with cells.temporary():
        cells.register("only_here")(WRONG["wrong_without_source"][0])
        reasons = in_fresh_process([Subject("only_here", "forward"), Subject(NAMES[0], "forward")])
    assert "only_here" in reasons["only_here"]
    assert reasons[NAMES[0]] is None
