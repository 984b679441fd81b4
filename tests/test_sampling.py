"""Costly tests: one of sixteen runs, by the seed; the others are left to `pytest -m full`."""

import sampling


class Item:
    def __init__(self, nodeid, costly):
        self.nodeid, self.markers = nodeid, {"costly"} if costly else set()

    def get_closest_marker(self, name):
        return name if name in self.markers else None

    def add_marker(self, name):
        self.markers.add(name)


def left_out(costly):
    items = [Item(f"test_{number}", costly) for number in range(300)]
    sampling.mark_costly(items)
    return [item.nodeid for item in items if "full" in item.markers]


def test_most_costly_tests_are_left_out(monkeypatch):
    monkeypatch.delenv("ZOO_TEST_COSTLY", raising=False)
    first = left_out(costly=True)
    assert 260 < len(first) < 300 and first == left_out(costly=True)
    monkeypatch.setattr(sampling, "SEED", "another commit")
    assert left_out(costly=True) != first


def test_other_tests_and_a_run_of_all_costly_tests_leave_nothing_out(monkeypatch):
    monkeypatch.delenv("ZOO_TEST_COSTLY", raising=False)
    assert left_out(costly=False) == []
    monkeypatch.setenv("ZOO_TEST_COSTLY", "all")
    assert left_out(costly=True) == []
