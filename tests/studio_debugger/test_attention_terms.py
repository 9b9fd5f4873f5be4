"""Attention term by term, against plain Values that are found by their addresses."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
import pytest

from microgpt_studio.debugger.attention_terms import AttentionRows, HeadTerms
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted


def answer(session: Session, inquiry):
    return session.snapshot(0, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)


def test_dot_products_and_row_sums_are_those_of_plain_values(session, plain_run_of):
    session.run(3)
    rows, plain = answer(session, AttentionRows()), plain_run_of(session)
    n, size = session.runner.machine.positions, session.description.program.config.head_size
    assert rows.scale == 1 / size**0.5
    for layer, head, query in np.ndindex(2, 2, n):
        path = f"pos{query}.layer{layer}.attn"
        weights = []
        for key in range(query + 1):
            products = [
                value(session, plain, f"{path}.q[{j}]") * value(session, plain, f"pos{key}.layer{layer}.attn.k[{j}]")
                for j in range(head * size, (head + 1) * size)
            ]
            dot = reduce(add, products, 0)
            at = layer, head, query, key
            assert rows.dot[at] == dot == plain.values[rows.dot_ids[at]].data
            assert rows.dot[at] * rows.scale == value(session, plain, f"{path}.head{head}.score[{key}]")
            weights.append(value(session, plain, f"{path}.head{head}.weight[{key}]"))
        assert rows.weight_sum[layer, head, query] == reduce(add, weights)
    assert (rows.dot_ids[np.isnan(rows.dot)] == -1).sum() == 4 * 28
    assert np.isnan(rows.weight_sum[:, :, n:]).all()


def value(session, plain, address) -> float:
    return plain.values[session.description.addresses.parse(address)].data


@pytest.mark.parametrize(("layer", "head", "query"), [(0, 0, 0), (0, 1, 2), (1, 0, 1), (1, 1, 3)])
def test_a_query_term_by_term(session, plain_run_of, layer, head, query):
    session.run(2)
    terms, plain = answer(session, HeadTerms(layer, head, query)), plain_run_of(session)
    parse = session.description.addresses.parse
    size = session.description.program.config.head_size
    here = f"pos{query}.layer{layer}.attn"
    assert (terms.layer, terms.head, terms.query, terms.first_component) == (layer, head, query, head * size)
    assert terms.product.ids.shape == terms.out_total.ids.shape == (query + 1, size)
    for j in range(size):
        component = head * size + j
        assert terms.q.ids[j] == parse(f"{here}.q[{component}]")
        out_so_far = 0.0
        for key in range(query + 1):
            there = f"pos{key}.layer{layer}.attn"
            assert terms.k.ids[key, j] == parse(f"{there}.k[{component}]")
            assert terms.v.ids[key, j] == parse(f"{there}.v[{component}]")
            assert terms.product.ids[key, j] == parse(f"{here}.head{head}.score[{key}].mul[{j}]")
            assert terms.total.ids[key, j] == parse(f"{here}.head{head}.score[{key}].sum[{j}]")
            assert terms.weighted.ids[key, j] == parse(f"{here}.head{head}.out[{j}].mul[{key}]")
            assert terms.weighted.data[key, j] == terms.weight.data[key] * terms.v.data[key, j]
            out_so_far += terms.weighted.data[key, j]
            assert terms.out_total.data[key, j] == out_so_far
        assert terms.out_total.ids[query, j] == parse(f"{here}.head{head}.out[{j}]")
    for key in range(query + 1):
        sum_so_far = 0.0
        for j in range(size):
            assert terms.product.data[key, j] == terms.q.data[j] * terms.k.data[key, j]
            sum_so_far += terms.product.data[key, j]
            assert terms.total.data[key, j] == sum_so_far
        assert terms.score.ids[key] == parse(f"{here}.head{head}.score[{key}]")
        assert terms.score.data[key] == sum_so_far * terms.scale
        assert terms.weight.ids[key] == parse(f"{here}.head{head}.weight[{key}]")
    for scalars in (terms.q, terms.k, terms.product, terms.total, terms.score, terms.weight, terms.v, terms.weighted):
        assert (scalars.reach == Reach.KNOWN).all()
        assert [plain.values[scalar].data for scalar in scalars.ids.ravel()] == scalars.data.ravel().tolist()
    assert terms.weight_total.tolist() == [reduce(add, terms.weight.data[: t + 1].tolist()) for t in range(query + 1)]


def test_a_short_document_answers_for_its_last_position(session):
    session.update()
    n = session.runner.machine.positions
    assert answer(session, HeadTerms(0, 0, 7)).query == n - 1


def test_half_way_through_a_row_the_rest_is_not_known(session):
    scalar = session.description.addresses.parse("pos2.layer1.attn.head1.score[1].sum[1]")
    number = scalar - session.description.program.num_parameters
    session.go_to_place(Place(0, number))  # that scalar comes next
    terms = answer(session, HeadTerms(1, 1, 2))
    assert terms.total.reach.tolist() == [[Reach.KNOWN] * 4, [Reach.KNOWN] + 3 * [0], 4 * [0]]
    assert terms.total.number(1, 0) == session.runner.machine.data[terms.total.ids[1, 0]]
    assert terms.total.number(1, 1) is None and np.isnan(terms.total.data[1, 1])
    assert (terms.q.reach == Reach.KNOWN).all() and not (terms.weight.reach == Reach.KNOWN).any()
    rows = answer(session, AttentionRows())
    assert np.isfinite(rows.dot[1, 1, 2, 0]) and np.isnan(rows.dot[1, 1, 2, 1])
    assert np.isfinite(rows.weight_sum[1, 1, 1]) and np.isnan(rows.weight_sum[1, 1, 2])


def test_which_programs_it_fits(program):
    assert HeadTerms(1, 1, 7).fits(program)
    assert not any(HeadTerms(*of).fits(program) for of in ((2, 0, 0), (0, 2, 0), (0, 0, 8)))
