"""Generated invalid requests, data files and run folders: a sentence, or the right result.

ZOO_TEST_REQUESTS=N tries N cases of each kind in the tests that are marked `full`.
"""

import contextlib
import io
import os
import signal

import pytest
from bad_input import eagerly
from generated_cases.cases import KINDS
from generated_cases.verdict import BEGINS, Outcome, faults, snapshot
from sampling import SEED, failure_message

import zoo.cli
from tasks.data import network
from zoo.cli import main
from zoo.errors import RunError
from zoo.saved_models import exporting, predictor  # both before one is changed

pytestmark = [
    pytest.mark.filterwarnings("ignore:Even though the `tf.config"),
]

QUICK = {"flags": 160, "data": 128, "run": 12}  # cases of each kind in every run of the tests
MANY = int(os.environ.get("ZOO_TEST_REQUESTS", "500"))
SECONDS = 600  # of a command, before it counts as endless
CASES = [
    pytest.param(kind, number, marks=() if number < count else pytest.mark.full)
    for kind, count in QUICK.items()
    for number in range(max(count, MANY))
]


def begin(*args, **arguments):
    raise RunError(BEGINS)


@pytest.fixture
def imports(monkeypatch):
    """Replace what takes long: training, the suite, timing, pictures; return a list of imports.

    The commands append to the list instead of importing TensorFlow.
    """
    for name in (
        "zoo.training.session.Session.run_epoch",
        "zoo.tuning.trials.TrialTuner.search",
        "zoo.timing.layers.bench",
    ):
        monkeypatch.setattr(name, begin)
    monkeypatch.setattr("zoo.conformance.suite.check", lambda *args, **arguments: [])
    monkeypatch.setattr("zoo.reports.writing.pictures", lambda report: ())
    monkeypatch.setattr(network, "online", lambda: False)
    found = []
    for module in (*vars(zoo.cli).values(), zoo.cli.training.show_config.__globals__):
        names = module if isinstance(module, dict) else getattr(module, "__dict__", {})
        if "quiet_tensorflow" in names:
            monkeypatch.setitem(names, "quiet_tensorflow", lambda: found.append(True))
    return found


_expected = {}  # arguments -> outcome


class Endless(BaseException):
    """A command that does not end; not an Exception, which a command would report."""


def endless(*_):
    raise Endless


def run(argv, folder, imports):
    """Run a command in `folder` and return its outcome."""
    imports.clear()
    before, out, err = snapshot(folder), io.StringIO(), io.StringIO()
    signal.signal(signal.SIGALRM, endless)
    signal.alarm(SECONDS)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), eagerly():
            status = main(argv)
    finally:
        signal.alarm(0)
    return Outcome(
        argv, status, out.getvalue(), err.getvalue(), before, snapshot(folder), bool(imports)
    )


@pytest.mark.parametrize(("kind", "number"), CASES)
def test_invalid_request_is_a_sentence_or_is_handled_right(
    kind, number, run_folder, tmp_path, imports, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    if kind == "flags" and number < QUICK[kind]:  # seconds each, after the flags have been read
        for module in (exporting, predictor):
            monkeypatch.setattr(module, "serving_module", begin)
    seed = "0" if number < QUICK[kind] else SEED  # the quick cases are the same in every commit
    case = KINDS[kind](f"{seed} {kind} {number}", tmp_path, run_folder)
    for place, argv in enumerate(case.commands):
        outcome = run(argv, tmp_path, imports)
        found = faults(outcome)
        if case.like and place == 0:
            found += differences(outcome, expected(case.like[0], tmp_path, imports), kind)
        if kind == "data" and outcome.status == 2 and argv[0] in ("inspect", "train"):
            found += ["TensorFlow is imported first"] * outcome.imported
        assert not found, failure_message(
            f"{kind} {number}: {case.description}: {'; '.join(found)}\n  zoo {argv!r:.1000}\n"
            f"  status {outcome.status}: {outcome.err[-1000:]}"
        )


def expected(argv, folder, imports):
    """Return the outcome of a command on files without a change, which is computed once."""
    if (key := tuple(argv)) not in _expected:
        _expected[key] = run(argv, folder, imports)
    return _expected[key]


def differences(outcome, expected, kind):
    """Return what differs from the outcome of the same command on files without a change."""
    assert expected.status == 0, expected.err
    if outcome.status:
        return ["a change without a meaning is refused"] if kind == "data" else []
    return [] if outcome.value == expected.value else ["another result than without the change"]
