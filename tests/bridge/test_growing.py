"""Answers that take long grow in the worker, while training stands and while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.debugger.gradient_check import GradientCheck, Verdict
from microgpt_studio.debugger.matrix_check import MatrixCheck, MatrixChecked
from microgpt_studio.debugger.snapshot import Snapshot, Wanted
from microgpt_studio.debugger.what_if import WhatIf

if TYPE_CHECKING:
    from tests.bridge.conftest import Crew

Small = Callable[..., Settings]


def complete(inquiry: MatrixCheck) -> Callable[[Snapshot], bool]:
    def is_complete(snapshot: Snapshot) -> bool:
        answer = snapshot.answer(inquiry)
        return answer is not None and answer.is_complete

    return is_complete


def asked(crew: Crew, inquiry: MatrixCheck) -> MatrixChecked:
    crew.submit(commands.Show(Wanted(number=1, inquiries=frozenset({inquiry}))))
    answer = crew.seen(complete(inquiry)).answer(inquiry)
    assert answer is not None
    return answer


def tensor(crew: Crew, small: Small, path: str) -> int:
    description = crew.begin(small()).description
    return next(i for i, each in enumerate(description.program.tensors) if each.path == path)


def test_a_whole_matrix_is_checked_while_training_stands(crew: Crew, small: Small) -> None:
    index = tensor(crew, small, "layer0.attn_wq")
    crew.submit(commands.Run(5))
    crew.standing_at(5)
    answer = asked(crew, MatrixCheck(index))
    assert (answer.done, answer.total, answer.when.update) == (64, 64, 5)
    assert answer.counts.get(Verdict.WRONG, 0) == 0
    crew.submit(commands.Step())
    snapshot = crew.standing_at(6)
    assert snapshot.answer(MatrixCheck(index)) is not None


def test_a_whole_matrix_is_checked_while_training_runs(crew: Crew, small: Small) -> None:
    index = tensor(crew, small, "layer0.mlp_fc1")
    crew.submit(commands.Run())
    crew.running_beyond(3)
    answer = asked(crew, MatrixCheck(index))
    assert (answer.done, answer.total) == (256, 256)
    assert answer.counts.get(Verdict.WRONG, 0) == 0
    assert crew.snapshot is not None
    assert crew.snapshot.pace.running
    assert answer.when.update <= crew.snapshot.moment.update
    crew.running_beyond(crew.snapshot.moment.step)


def test_a_check_that_is_asked_for_no_more_grows_no_more(crew: Crew, small: Small) -> None:
    index = tensor(crew, small, "layer0.mlp_fc1")
    inquiry = MatrixCheck(index)
    crew.submit(commands.Step())
    crew.standing_at(1)
    crew.submit(commands.Show(Wanted(number=1, inquiries=frozenset({inquiry}))), commands.Show(Wanted(number=2)))
    crew.seen(lambda snapshot: snapshot.wanted.number == 2)
    crew.submit(commands.Show(Wanted(number=3, inquiries=frozenset({inquiry}))))
    answer = crew.seen(complete(inquiry)).answer(inquiry)
    assert answer is not None
    assert answer.when.update == 1


def test_single_answers_come_while_training_runs_and_disturb_nothing(crew: Crew, small: Small) -> None:
    description = crew.begin(small(num_steps=3000)).description
    scalar = description.addresses.parse("layer0.attn_wq[0,0]")
    check, what_if = GradientCheck(scalar), WhatIf(scalar, 0.5, True)
    crew.submit(commands.Run(3000), commands.Show(Wanted(number=1, inquiries=frozenset({check, what_if}))))
    crew.seen(lambda snapshot: snapshot.answer(what_if) is not None and snapshot.answer(check) is not None)
    disturbed = crew.standing_at(3000).losses
    crew.begin(small(num_steps=3000))
    crew.submit(commands.Run(3000))
    assert disturbed.tolist() == crew.standing_at(3000).losses.tolist()
