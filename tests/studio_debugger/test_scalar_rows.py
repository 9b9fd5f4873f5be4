"""Rows have the machine's numbers, in the order that was asked for, whatever is known of them."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.scalar_rows import Order, RowNumbers, Rows
from microgpt_studio.debugger.search_query import Query, parse
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted


def rows(session: Session, line: str, order: Order = Order.ADDRESS, *, descending: bool = False) -> RowNumbers:
    asked = Rows(parse(line), order, descending)
    answer = session.snapshot(1, Wanted(inquiries=frozenset({asked}))).answer(asked)
    assert answer is not None
    return answer


def test_all_scalars_of_the_document_are_rows_with_its_numbers(session: Session) -> None:
    session.update()
    machine, program = session.runner.machine, session.description.program
    found = rows(session, "")
    live = [range(*ends) for ends in ((0, program.num_parameters), *program.live_ranges(machine.positions))]
    assert found.ids.tolist() == [scalar for each in live for scalar in each]
    assert found.data.tolist() == machine.data[found.ids].tolist()
    known = found.grad_reach == Reach.KNOWN
    assert found.grad[known].tolist() == machine.grad[found.ids][known].tolist()
    p = program.num_parameters
    assert found.has_parameters
    assert found.m[:p].tolist() == machine.m.tolist()
    assert found.v[:p].tolist() == machine.v.tolist()
    assert found.update[:p].tolist() == machine.change.tolist()
    ratios = [abs(u) / abs(w) for u, w in zip(machine.change.tolist(), machine.data[:p].tolist(), strict=True)]
    assert found.ratio[:p].tolist() == ratios
    assert (found.moment_reach[p:] == Reach.OUTSIDE).all()
    assert (found.update_reach[p:] == Reach.OUTSIDE).all()


@pytest.mark.parametrize("order", [order for order in Order if order is not Order.ADDRESS])
@pytest.mark.parametrize("descending", [False, True])
def test_rows_are_sorted_and_what_is_not_known_stands_last(session: Session, order: Order, descending: bool) -> None:
    session.update()
    session.execution.go_to(Place(1, session.execution.length - 100))  # some parameters have their update, others not
    found = rows(session, "", order, descending=descending)
    values, reach = found.number(order)
    known = (reach == Reach.KNOWN) & ~np.isnan(values)
    count = int(known.sum())
    assert known[:count].all()
    assert count > 0
    assert order is Order.DATA or count < len(known)
    expected = sorted(values[:count].tolist(), reverse=descending)
    assert values[:count].tolist() == expected
    same = values[:count]
    ties = np.flatnonzero(same[1:] == same[:-1])
    assert (found.ids[ties] < found.ids[ties + 1]).all()


def test_the_other_way_round_by_address(session: Session) -> None:
    session.update()
    assert rows(session, "scope:layer0.attn_wq", descending=True).ids.tolist() == list(
        reversed(rows(session, "scope:layer0.attn_wq").ids.tolist())
    )


def test_filters_hold(session: Session) -> None:
    session.update()
    machine, program = session.runner.machine, session.description.program
    found = rows(session, "scope:pos1.layer0.attn op:mul |grad|>0.001")
    assert len(found.ids)
    assert not found.has_parameters
    assert (np.abs(machine.grad[found.ids]) > 0.001).all()
    assert {program.tensors[t].path.split(".")[0] for t in program.tensor[found.ids]} == {"pos1"}


def test_where_nothing_is_found_the_reason_is_told(session: Session) -> None:
    session.update()
    found = rows(session, "scope:layer0.attn_wq |data|>1000")
    assert len(found.ids) == 0
    assert found.reason


def test_answers_are_read_only(session: Session) -> None:
    found = rows(session, "scope:wte", Order.DATA)
    for array in (found.ids, found.data, found.grad, found.m, found.update, found.ratio):
        assert not array.flags.writeable
    assert Rows(Query()) == Rows(Query())
