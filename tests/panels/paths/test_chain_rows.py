"""Runs of sums stand together, and everything of a chain is there when they are opened, and in what is copied."""

from __future__ import annotations

from itertools import pairwise

import pytest

from microgpt_studio.debugger.paths import PathLink, PathsOf
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.paths.chain_rows import as_text, chain_rows, operation_text, tip


@pytest.fixture
def chain(session: Session) -> tuple[PathLink, ...]:
    session.run(2)
    inquiry = PathsOf(session.description.addresses.parse("layer0.attn_wq[0,1]"))
    answer = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert answer is not None
    return answer.chain


def test_a_run_of_sums_is_one_row(chain, program):
    rows = chain_rows(chain, program, ())
    assert sum(row.sums for row in rows) == len(chain)
    folded = [row for row in rows if row.sums > 1]
    assert folded and len(rows) < len(chain)
    starts = {link.scalar: i for i, link in enumerate(chain)}
    for row in folded:
        last = starts[row.link.scalar]
        run = chain[last - row.sums + 1 : last + 1]
        assert {link.operation for link in run} == {"sum"}
        assert {link.derivative for link in run} == {1.0}
        assert len({(program.tensor[link.scalar], program.element[link.scalar]) for link in run}) == 1
    assert rows[0].link == chain[0] and rows[-1].link == chain[-1]


def test_rows_in_a_row_are_of_different_elements(chain, program):
    links = [row.link for row in chain_rows(chain, program, ())]
    for before, link in pairwise(links[1:]):
        same = program.tensor[before.scalar], program.element[before.scalar]
        both_sums = before.operation == link.operation == "sum"
        assert not both_sums or same != (program.tensor[link.scalar], program.element[link.scalar])


def test_an_opened_run_is_followed_by_its_sums(chain, program):
    closed = chain_rows(chain, program, ())
    opened = {row.link.scalar for row in closed if row.sums > 1}
    rows = chain_rows(chain, program, opened)
    assert [row.link for row in rows if row.sums == 1] == list(chain)
    assert all(row.is_open == (row.sums > 1) for row in rows)
    assert len(rows) == len(chain) + len(opened)


def test_the_first_scalar_stands_alone(session, program):
    session.update()
    inquiry = PathsOf(session.description.addresses.parse("pos0.layer0.attn.q[0].sum[2]"))
    chain = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry).chain
    rows = chain_rows(chain, program, ())
    assert rows[0].link.scalar == inquiry.scalar and rows[0].sums == 1
    assert rows[1].link.address == "pos0.layer0.attn.q[0]" and rows[1].sums == 5


def test_what_is_copied_has_every_link_and_digit(chain):
    lines = as_text(chain).splitlines()
    assert lines[0].split("\t") == ["scalar", "operation", "derivative", "product", "data", "grad"]
    assert len(lines) == len(chain) + 1
    for link, line in zip(chain, lines[1:], strict=True):
        address, operation, derivative, product, data, grad = line.split("\t")
        assert (address, operation) == (link.address, link.operation)
        assert (float(product), float(data), float(grad)) == (link.product, link.data, link.grad)
        assert (float(derivative) if derivative else None) == link.derivative


def test_a_tip_tells_all_in_full(chain, program):
    first, *_, last = chain_rows(chain, program, ())
    assert "d(this) / d(the one above)" not in tip(first)
    assert f"data {first.link.data!r}" in tip(first) and f"grad {first.link.grad!r}" in tip(first)
    assert f"along the chain {last.link.product!r}" in tip(last)
    run = next(row for row in chain_rows(chain, program, ()) if row.sums > 1)
    assert f"the last of {run.sums} sums" in tip(run)
    assert operation_text(run) == f"{run.sums} sums"
    assert operation_text(first) == "parameter"
    inner = next(row for row in chain_rows(chain, program, ()) if ".mul[" in row.link.address)
    assert operation_text(inner) == ""
