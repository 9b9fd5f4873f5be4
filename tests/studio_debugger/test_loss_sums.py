"""The sums of the losses are those of plain Python's loss."""

from __future__ import annotations

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.loss_sums import LossSumNumbers, LossSums
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


def ask(session: Session) -> LossSumNumbers:
    found = session.snapshot(0, Wanted(inquiries=frozenset({LossSums()}))).answer(LossSums())
    assert found is not None
    return found


def test_they_add_up_to_the_loss(session):
    session.run(3)
    machine, parse = session.runner.machine, session.description.addresses.parse
    sums, so_far = ask(session), 0.0
    assert len(sums.ids) == machine.positions and sums.known.all()
    for position in range(machine.positions):
        assert sums.ids[position] == parse(f"loss.sum[{position}]")
        so_far += machine.data[parse(f"pos{position}.loss")]
        assert sums.data[position] == so_far
    assert sums.share == 1 / machine.positions
    assert sums.share * so_far == machine.data[parse("loss")]


def test_on_the_way_they_are_known_one_after_the_other(session):
    forward = session.execution.lengths[0]
    session.go_to_place(Place(0, forward - 3))  # two sums and the loss are still to come
    sums = ask(session)
    assert sums.known.tolist() == [True] * (len(sums.ids) - 2) + [False] * 2
