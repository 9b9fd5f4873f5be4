"""The check of a whole tensor is that of each of its elements, a few at a time."""

from __future__ import annotations

import math

import pytest

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.gradient_check import Checked, GradientCheck, Verdict
from microgpt_studio.debugger.matrix_check import MatrixCheck, MatrixChecked
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


def tensor(session: Session, path: str) -> int:
    return next(i for i, each in enumerate(session.description.program.tensors) if each.path == path)


def ask(session: Session, inquiry: MatrixCheck) -> MatrixChecked:
    answer = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert answer is not None
    return answer


def whole(session: Session, inquiry: MatrixCheck) -> MatrixChecked:
    ask(session, inquiry)
    session.trace_on(lambda: False)
    return ask(session, inquiry)


def single(session: Session, scalar: int) -> Checked:
    inquiry = GradientCheck(scalar)
    answer = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert answer is not None
    return answer


@pytest.mark.parametrize("path", ["layer1.attn_wq", "pos1.layer0.attn.q"])
def test_it_is_the_check_of_each_element(session: Session, path: str) -> None:
    session.run(2)
    index = tensor(session, path)
    program = session.description.program
    found = whole(session, MatrixCheck(index))
    ones = [single(session, scalar) for scalar in program.elements(program.tensors[index]).tolist()]
    assert (found.done, found.total, found.is_complete) == (len(ones), len(ones), True)
    for verdict in Verdict:
        assert found.counts.get(verdict, 0) == sum(one.verdict is verdict for one in ones)
    assert found.worst[0].error == max(one.error for one in ones)
    assert [one.error for one in found.worst] == sorted((one.error for one in ones), reverse=True)[:10]
    attempts = {one.scalar: one.attempt for one in ones}
    assert all(one.attempt == attempts[one.scalar] for one in found.worst)


def test_it_grows_and_can_be_left(session: Session) -> None:
    session.run(2)
    inquiry = MatrixCheck(tensor(session, "layer1.attn_wq"))
    assert (ask(session, inquiry).done, ask(session, inquiry).total) == (0, 64)
    assert session.is_tracing
    for done in (1, 2, 3):
        session.trace_on(lambda: True)
        answer = ask(session, inquiry)
        assert (answer.done, sum(answer.counts.values()), answer.is_complete) == (done, done, False)
    session.snapshot(2, Wanted())
    assert not session.is_tracing
    assert whole(session, inquiry).is_complete
    assert not session.is_tracing


def test_another_number_is_another_check(session: Session) -> None:
    session.run(2)
    index = tensor(session, "layer1.attn_wq")
    whole(session, MatrixCheck(index, number=1))
    session.run(1)
    assert whole(session, MatrixCheck(index, number=1)).when.update == 2
    assert ask(session, MatrixCheck(index, number=2)).when.update == 3


def test_it_stays_with_its_update_while_training_goes_on(session: Session) -> None:
    session.run(2)
    inquiry = MatrixCheck(tensor(session, "layer0.attn_wo"), 1e-4)
    expected = [
        GradientCheck(s, 1e-4)
        for s in session.description.program.elements(session.description.program.tensors[inquiry.tensor]).tolist()
    ]
    answers = session.snapshot(1, Wanted(inquiries=frozenset(expected))).answers
    errors = sorted((answers[each].error for each in expected), reverse=True)  # type: ignore[attr-defined]
    ask(session, inquiry)
    session.trace_on(lambda: True)
    while session.update() is not None:
        session.trace_on(lambda: True)
    found = whole(session, inquiry)
    assert found.when.update == 2
    assert [one.error for one in found.worst] == errors[:10]


def test_wrong_gradients_are_counted_and_are_the_worst(session: Session) -> None:
    session.run(2)
    index = tensor(session, "layer1.attn_wv")
    program, machine = session.description.program, session.runner.machine
    scalars = program.elements(program.tensors[index]).tolist()
    machine.grad[scalars[7]] += 1.0
    machine.grad[scalars[9]] = math.nan
    found = whole(session, MatrixCheck(index))
    assert found.counts[Verdict.WRONG] == 2
    assert [one.scalar for one in found.worst[:2]] == [scalars[9], scalars[7]]


def test_what_the_loss_does_not_depend_on_is_left_out(session: Session) -> None:
    session.run(1)
    found = whole(session, MatrixCheck(tensor(session, "pos0.prob")))
    target = session.snapshot(1, Wanted()).moment.tokens[1]
    assert found.total == 1
    assert [one.scalar for one in found.worst] == [session.description.addresses.parse(f"pos0.prob[{target}]")]


def test_reasons_why_there_is_nothing_to_check(session: Session) -> None:
    index = tensor(session, "layer1.attn_wv")
    none_yet = whole(session, MatrixCheck(index))
    assert none_yet.reason is not None
    assert "no gradients to check" in none_yet.reason
    assert (none_yet.total, none_yet.is_complete, session.is_tracing) == (0, True, False)
    forward, backward, _ = session.execution.lengths
    session.execution.go_to(Place(0, forward + backward // 2))
    half = whole(session, MatrixCheck(index, number=1))
    assert "not complete" in (half.reason or "")


def test_it_fits_programs_that_have_the_tensor(session: Session) -> None:
    program = session.description.program
    assert MatrixCheck(len(program.tensors) - 1).fits(program)
    assert not MatrixCheck(len(program.tensors)).fits(program)
