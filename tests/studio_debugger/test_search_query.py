"""The language of the search: what a line says, and what is wrong with it and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.program.program import Operation
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.search_query import Comparison, Query, QueryError, Relation, parse


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("", Query()),
        ("   ", Query()),
        ("q5", Query(words=("q5",))),
        ("attn  q 5", Query(words=("attn", "q", "5"))),
        ("wq[5, 7]", Query(words=("wq[5,7]",))),
        ("pos3.layer0.attn.q[5].mul[7]", Query(words=("pos3.layer0.attn.q[5].mul[7]",))),
        ("scope:pos3.layer0.attn", Query(scope="pos3.layer0.attn")),
        ("op:mul", Query(operation=Operation.MUL)),
        ("OP:Mul", Query(operation=Operation.MUL)),
        ("op:parameter", Query(operation=Operation.PARAMETER)),
        ("top:20", Query(top=20, by=Quantity.GRAD)),
        ("by:|data| top:3", Query(top=3, by=Quantity.DATA)),
        ("by:update", Query(by=Quantity.UPDATE)),
        ("nonfinite", Query(nonfinite=True)),
        ("|grad|>0.01", Query(comparisons=(Comparison(Quantity.GRAD, True, Relation.MORE, 0.01),))),
        ("| grad | >= 1e-3", Query(comparisons=(Comparison(Quantity.GRAD, True, Relation.AT_LEAST, 1e-3),))),
        ("grad<-.5", Query(comparisons=(Comparison(Quantity.GRAD, False, Relation.LESS, -0.5),))),
        ("data == 0", Query(comparisons=(Comparison(Quantity.DATA, False, Relation.EQUAL, 0.0),))),
        ("data≠0", Query(comparisons=(Comparison(Quantity.DATA, False, Relation.NOT_EQUAL, 0.0),))),
        ("v<=inf", Query(comparisons=(Comparison(Quantity.V, False, Relation.AT_MOST, float("inf")),))),
    ],
)
def test_a_line_says(line: str, query: Query) -> None:
    assert parse(line) == query


def test_all_at_once() -> None:
    query = parse("attn |data|>1 op:sum q scope:layer0 top:5 nonfinite m<0")
    assert query.words == ("attn", "q")
    assert [str(comparison) for comparison in query.comparisons] == ["|data| > 1.0", "m < 0.0"]
    assert (query.scope, query.operation, query.top, query.nonfinite) == ("layer0", Operation.SUM, 5, True)
    assert query.quantities == (Quantity.GRAD, Quantity.DATA, Quantity.M)


@pytest.mark.parametrize(
    ("line", "column", "length", "words"),
    [
        ("foo:3", 0, 3, "there is no filter 'foo'; there are scope:, op:, top:, by: and nonfinite"),
        ("q5 op:div", 6, 3, "there is no operation 'div'; there are parameter, sum, mul"),
        ("op:", 3, 1, "op: takes one of parameter, sum"),
        ("scope: q", 6, 1, "scope: takes a path"),
        ("top:0", 4, 1, "top: takes a number from 1 to 10,000, not '0'"),
        ("top:x", 4, 1, "not 'x'"),
        ("top:20000", 4, 5, "not '20000'"),
        ("by:size", 3, 4, "a scalar has no number 'size'; there are data, grad, m, v, update"),
        ("op:mul op:exp", 7, 6, "op: is there twice"),
        ("top:1 top:1", 6, 5, "top: is there twice"),
        ("size > 3", 0, 4, "a scalar has no number 'size'"),
        ("|grad>3", 0, 7, "an absolute value has two bars: |grad|"),
        ("q grad>x", 2, 6, "'grad>x' is no comparison"),
        ("q |grad|", 2, 6, "'|grad|' is no comparison"),
        ("a&b", 1, 1, "'&' is in no address and in no filter"),
        ("q[5", 1, 1, "an index is one or two numbers in brackets"),
        ("nan", 0, 3, "did you mean nonfinite?"),
    ],
)
def test_a_mistake_is_told_with_its_place(line: str, column: int, length: int, words: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(line)
    error = refused.value
    assert (error.column, error.length) == (column, length)
    assert words in error.sentence


@given(st.text(alphabet="scopetbyad:|<>=.0123456789[], q\t-é", max_size=30))
def test_any_line_is_understood_or_refused_at_a_column_of_it(line: str) -> None:
    try:
        parse(line)
    except QueryError as error:
        assert 0 <= error.column <= len(line)
        assert error.length >= 1
        assert error.sentence
