"""The server's clock against one that nobody can set."""

from __future__ import annotations

from worker.schedule.steady import TOLERANCE_S, Steady, boot_clock


class Clocks:
    def __init__(self) -> None:
        self.ours, self.theirs, self.answer_s = 1000.0, 5e9, 0.0
        self.steady = Steady(lambda: self.ours)

    def look(self, passed: float = 0.1, set_by: float = 0.0) -> float:
        self.ours += passed
        self.theirs += passed + set_by

        def read() -> float:
            self.ours += self.answer_s
            self.theirs += self.answer_s
            return self.theirs

        return self.steady.look(read)


def test_time_that_passes_is_no_step() -> None:
    clocks = Clocks()
    assert [clocks.look(passed) for passed in (0.1, 0.1, 5.0, 3600.0, 86400.0)] == [0.0] * 5


def test_a_clock_that_is_set_either_way_is_noticed_once() -> None:
    for step in (3600.0, -3600.0, TOLERANCE_S + 1):
        clocks = Clocks()
        clocks.look()
        assert round(clocks.look(set_by=step), 6) == step
        assert clocks.look(set_by=-step) == 0.0, "somebody took it out of the count"
        assert clocks.look() == 0.0
        assert round(clocks.look(set_by=step), 6) == step, "and once more"


def test_small_differences_and_slow_answers_say_nothing() -> None:
    clocks = Clocks()
    clocks.look()
    assert clocks.look(set_by=TOLERANCE_S - 1) == 0.0
    clocks.answer_s = 60.0  # the server was stopped for a minute
    assert clocks.look(set_by=3600.0) == 0.0
    clocks.answer_s = 0.0
    assert clocks.look() == 0.0


def test_the_own_clock_goes_forward() -> None:
    first = boot_clock()
    assert boot_clock() >= first
