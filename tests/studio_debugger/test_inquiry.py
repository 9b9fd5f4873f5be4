"""Inquiries are answered from the moment at which a snapshot is taken, and slow ones only when they are due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from microgpt.program.program import Program
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


@dataclass(frozen=True, slots=True)
class DataOf(Inquiry[float]):
    """A number of the moment."""

    scalar: int

    def answer(self, sight: Sight) -> float:
        return sight.machine.data.item(self.scalar)

    def fits(self, program: Program) -> bool:
        return self.scalar < program.num_scalars


@dataclass(frozen=True, slots=True)
class Asked(Inquiry[int]):
    """How many times something was asked in this training run."""

    is_slow: ClassVar[bool] = True

    def answer(self, sight: Sight) -> int:
        counter = sight.keep("asked", list[int])
        counter.append(1)
        return len(counter)


class Count:
    """Grows up to 3, by one at least each time."""

    def __init__(self) -> None:
        self.reached = 0

    @property
    def is_complete(self) -> bool:
        return self.reached == 3

    def advance(self, cancelled: Callable[[], bool]) -> None:
        while not self.is_complete:
            self.reached += 1
            if cancelled():
                return


@dataclass(frozen=True, slots=True)
class Counted(Inquiry[int]):
    """An answer that grows."""

    def answer(self, sight: Sight) -> int:
        count = sight.keep("count", Count)
        sight.growing.append(count)
        return count.reached


def test_an_answer_is_of_the_moment(session: Session) -> None:
    loss = DataOf(session.description.program.loss)
    for _ in range(3):
        session.update()
        snapshot = session.snapshot(1, Wanted(inquiries=frozenset({loss})))
        assert snapshot.answer(loss) == snapshot.moment.loss


def test_what_is_slow_is_answered_when_it_is_due(session: Session) -> None:
    wanted = Wanted(inquiries=frozenset({Asked(), DataOf(0)}))
    snapshot = session.snapshot(1, wanted, slow_parts_are_due=False)
    assert snapshot.answer(Asked()) is None
    assert snapshot.answer(DataOf(0)) == session.runner.machine.data[0]
    assert session.snapshot(2, wanted).answer(Asked()) == 1


def test_a_new_run_keeps_nothing_of_the_last(session: Session) -> None:
    wanted = Wanted(inquiries=frozenset({Asked()}))
    assert [session.snapshot(number, wanted).answer(Asked()) for number in range(2)] == [1, 2]
    session.restart()
    assert session.snapshot(3, wanted).answer(Asked()) == 1


def test_nothing_is_answered_that_was_not_asked(session: Session) -> None:
    assert session.snapshot(1, Wanted()).answer(DataOf(0)) is None


def test_an_answer_grows_as_long_as_it_is_asked(session: Session) -> None:
    wanted = Wanted(inquiries=frozenset({Counted()}))
    assert not session.is_tracing
    assert session.snapshot(1, wanted).answer(Counted()) == 0
    assert session.is_tracing
    session.trace_on(lambda: True)
    assert session.snapshot(2, wanted).answer(Counted()) == 1
    session.snapshot(3, Wanted())
    assert not session.is_tracing
    session.trace_on(lambda: False)
    assert session.snapshot(4, wanted).answer(Counted()) == 1
    session.trace_on(lambda: False)
    assert not session.is_tracing
    assert session.snapshot(5, wanted).answer(Counted()) == 3


def test_a_new_run_lets_nothing_grow(session: Session) -> None:
    session.snapshot(1, Wanted(inquiries=frozenset({Counted()})))
    session.restart()
    assert not session.is_tracing
