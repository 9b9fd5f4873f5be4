"""The table of a scope is a plain CSV file with plain Python's numbers, and nothing where there is none."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest

from microgpt.program.program import Operation
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.ledger import adam_ledger
from microgpt_studio.debugger.scope_table import ScopeTable, live_scalars, scalars_of
from microgpt_studio.debugger.scopes import ScopeError
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import ParameterNumbers, Wanted
from tests.studio_debugger.conftest import PlainRun

ADAM = ["m", "v", "m_hat", "v_hat", "update"]


def content(session: Session, scope: str) -> bytes:
    inquiry = ScopeTable(scope)
    answer = session.snapshot(1, Wanted(inquiries=frozenset((inquiry,)))).answer(inquiry)
    assert answer is not None
    assert answer.num_rows == answer.content.count(b"\r\n") - 1
    return answer.content


def rows(session: Session, scope: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(session, scope).decode(), newline=""), strict=True))


def short_document(session: Session) -> None:
    """Train until the document shown does not fill the block."""
    session.update()
    while session.runner.machine.positions >= session.description.program.config.block_size - 1:
        session.update()


def test_every_scalar_of_the_document_with_plain_pythons_numbers(session: Session) -> None:
    short_document(session)
    plain, addresses = PlainRun.of(session), session.description.addresses
    reached = set(plain.backward_order)
    found = rows(session, "")
    assert [addresses.parse(row["address"]) for row in found] == sorted(plain.values)
    for row in found:
        scalar = addresses.parse(row["address"])
        value = plain.values[scalar]
        assert row["address"] == addresses.format(scalar)
        assert row["operation"] == Operation(session.description.program.operation[scalar]).name.lower()
        assert row["data"] == repr(value.data)
        is_known = value in reached or scalar < session.description.program.num_parameters
        assert row["grad"] == (repr(float(value.grad)) if is_known else "")


def test_file_is_rfc_4180(session: Session) -> None:
    session.update()
    text = content(session, "wte").decode("ascii")
    first, second, *others = text.split("\r\n")
    assert first == "address,operation,data,grad,m,v,m_hat,v_hat,update"
    assert second.startswith('"wte[0,0]",parameter,')
    assert others[-1] == "" and all(line.startswith('"wte[') for line in others[:-1])
    assert "\n" not in text.replace("\r\n", "")


def test_parameters_have_adams_numbers(session: Session) -> None:
    for _ in range(3):
        session.update()
    numbers = session.snapshot(1, Wanted(parameters=True)).parameters
    assert isinstance(numbers, ParameterNumbers)
    settings = session.settings
    for row in rows(session, "layer0.attn_wq"):
        parameter = session.description.addresses.parse(row["address"])
        ledger = adam_ledger(settings.adam, numbers, 3, settings.num_steps, parameter)
        told = [ledger.m, ledger.v, ledger.m_hat, ledger.v_hat, ledger.change]
        assert [row[name] for name in ADAM] == [repr(number) for number in told]
        assert row["data"] == repr(ledger.before)


def test_in_the_middle_of_adam_some_are_updated(session: Session) -> None:
    session.update()
    parameters = session.description.program.num_parameters
    length = session.execution.length
    session.execution.go_to(Place(0, length - parameters + 5))
    found = rows(session, "wte")
    assert [row["update"] != "" for row in found[:8]] == [True] * 5 + [False] * 3
    assert [row["m_hat"] != "" for row in found[:8]] == [True] * 5 + [False] * 3
    assert found[5]["m"] == "0.0", "as it stands before its first update"
    assert found[4]["m"] == repr(session.runner.machine.m.item(4))


def test_what_is_not_computed_is_empty(session: Session) -> None:
    """Before the first update parameters have data, and nothing else has anything."""
    found = rows(session, "")
    parameters = session.description.program.num_parameters
    assert all(row["data"] for row in found[:parameters])
    assert not any(row["data"] or row["grad"] for row in found[parameters:])
    assert not any(row["grad"] or row["update"] or row["m_hat"] for row in found[:parameters])


def test_a_gradient_that_is_not_complete_is_empty(session: Session) -> None:
    session.update()
    forward, backward, _ = session.execution.lengths
    session.execution.go_to(Place(0, forward + backward // 2))
    arrivals = session._gradients.at(session.execution.place.done)
    partial = np.flatnonzero((arrivals.received > 0) & (arrivals.received < arrivals.expected))
    assert len(partial)
    by_address = {row["address"]: row for row in rows(session, "")}
    for scalar in partial.tolist():
        assert by_address[session.description.addresses.format(scalar)]["grad"] == ""


def test_numbers_that_are_not_finite_are_told(session: Session) -> None:
    session.update()
    session.runner.machine.data[session.description.program.loss] = math.inf
    session.runner.machine.grad[session.description.program.loss] = math.nan
    row = rows(session, "loss")[-1]
    assert (row["data"], row["grad"]) == ("inf", "nan")


@pytest.mark.parametrize(
    ("scope", "first", "last"),
    [
        ("pos1.layer0.attn.q", "pos1.layer0.attn.q[0].mul[0]", "pos1.layer0.attn.q[7]"),
        ("pos1.layer0.attn.q[5]", "pos1.layer0.attn.q[5].mul[0]", "pos1.layer0.attn.q[5]"),
        ("pos1.layer0.attn.q[5].mul[2]", "pos1.layer0.attn.q[5].mul[2]", "pos1.layer0.attn.q[5].mul[2]"),
        (" layer1.mlp_fc2 ", "layer1.mlp_fc2[0,0]", "layer1.mlp_fc2[7,31]"),
        ("lm_head[3,4]", "lm_head[3,4]", "lm_head[3,4]"),
        ("layer0.attn.q", "pos0.layer0.attn.q[0].mul[0]", "pos7.layer0.attn.q[7]"),
        ("loss", "loss.sum[0]", "loss"),
        ("", "wte[0,0]", "loss"),
    ],
)
def test_what_a_scope_has(session: Session, scope: str, first: str, last: str) -> None:
    addresses = session.description.addresses
    ids = scalars_of(scope, addresses)
    assert (np.diff(ids) > 0).all()
    assert [addresses.format(int(ids[0])), addresses.format(int(ids[-1]))] == [first, last]
    outer = scope.strip()
    if outer and not outer.startswith("layer"):
        assert all(addresses.format(scalar).startswith(outer) for scalar in ids.tolist())


def test_graph_alone_has_no_columns_of_adam(session: Session) -> None:
    session.update()
    assert list(rows(session, "pos0.embed")[0]) == ["address", "operation", "data", "grad"]


def test_position_that_the_document_does_not_have_has_no_rows(session: Session) -> None:
    short_document(session)
    positions = session.runner.machine.positions
    assert rows(session, f"pos{positions}") == []
    assert len(live_scalars(f"pos{positions - 1}", session.description.addresses, positions)) > 0


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [
        ("pos1.layer7", "there is no scope 'pos1.layer7'; did you mean pos1.layer"),
        ("pos9.embed", "there is no position 9: the block has positions 0 to 7; did you mean pos7.embed?"),
        ("pos1.embed[99]", "the last element of pos1.embed is pos1.embed[7]"),
        ("pos1.embed[0].exp[0]", "has no exp inside"),
    ],
)
def test_scope_that_means_nothing_is_refused(session: Session, scope: str, sentence: str) -> None:
    with pytest.raises(ScopeError) as refused:
        scalars_of(scope, session.description.addresses)
    assert sentence in str(refused.value)
    assert not ScopeTable(scope).fits(session.description.program)


def test_inquiries_fit_the_programs_that_have_their_scope(session: Session) -> None:
    assert ScopeTable("layer1.attn_wq").fits(session.description.program)
    assert ScopeTable("").fits(session.description.program)
