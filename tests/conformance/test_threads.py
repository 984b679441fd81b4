"""The property `threads` finds a context that threads share."""

from zoo.cell_base import step_context
from zoo.conformance.subject import Subject
from zoo.conformance.suite import judge


class SharedVariable:
    """The interface of a context variable, with one value for all threads."""

    value = None

    def get(self):
        return self.value

    def set(self, value):
        token, self.value = self.value, value
        return token

    def reset(self, token):
        self.value = token


def test_context_that_threads_share_is_found(monkeypatch):
    subject = Subject("gru", "forward")
    assert judge(subject, "threads").passed
    monkeypatch.setattr(step_context, "_current", SharedVariable())
    result = judge(subject, "threads")
    assert not result.passed
    assert "thread" in result.reason
