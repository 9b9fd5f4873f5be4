"""Suggestions follow what is typed, level by level, down to a single operation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.program.addresses import Addresses
from microgpt.program.program import Program
from microgpt_studio.debugger.search_completion import Completer, Completion
from microgpt_studio.debugger.search_names import Names
from microgpt_studio.debugger.search_query import QueryError, parse


@pytest.fixture(scope="module")
def completer(program: Program) -> Completer:
    return Completer(Names(Addresses(program)))


def texts(completion: Completion) -> list[str]:
    return [suggestion.text for suggestion in completion.suggestions]


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("", ["scope:", "op:", "top:20", "by:", "nonfinite"]),
        ("s", ["scope:"]),
        ("n", ["nonfinite", "norm"]),
        ("|", ["|grad|>", "|data|>"]),
        ("op:", ["parameter", "sum", "mul", "pow", "log", "exp", "relu"]),
        ("q op:m", ["mul"]),
        ("by:", ["data", "grad", "m", "v", "update"]),
        ("top:", ["10", "20", "100"]),
        ("foo:", []),
        ("scope:pos1.l", ["pos1.layer0", "pos1.layer1", "pos1.logit", "pos1.loss"]),
        ("pos3.layer0.attn.q", [f"pos3.layer0.attn.q[{i}]" for i in range(8)]),
        ("pos3.layer0.attn.q[", [f"pos3.layer0.attn.q[{i}]" for i in range(8)]),
        ("pos3.layer0.attn.q[3", ["pos3.layer0.attn.q[3]"]),
        ("pos3.layer0.attn.q[3].m", [f"pos3.layer0.attn.q[3].mul[{i}]" for i in range(8)]),
        ("pos3.layer0.attn.q[3].mul[5", ["pos3.layer0.attn.q[3].mul[5]"]),
        ("pos3.loss[", []),
        ("pos3.norm.p", ["pos3.norm.pow[0]"]),
        ("pos3.loss.", ["pos3.loss.log[0]"]),
        ("wte", [f"wte[{i},0]" for i in range(15)]),
        ("wte[1,", [f"wte[1,{i}]" for i in range(8)]),
        ("wte[3,7", ["wte[3,7]"]),
        ("nothing[", []),
        ("rsidual", ["layer0.attn.residual", "layer0.mlp.residual"]),
    ],
)
def test_what_may_follow(completer: Completer, line: str, first: list[str]) -> None:
    found = texts(completer.complete(line, len(line)))
    assert found[: len(first)] == first
    assert first or not found


def test_a_suggestion_replaces_the_word_at_the_cursor(completer: Completer) -> None:
    line = "top:5 pos3.layer0.att op:mul"
    completion = completer.complete(line, len("top:5 pos3.lay"))
    assert line[completion.start : completion.stop] == "pos3.layer0.att"
    assert texts(completion) == ["pos3.layer0", "pos3.layer1"]
    completion = completer.complete("scope:pos3.la q", len("scope:pos3.la"))
    assert (completion.start, completion.stop) == (6, 13)


def test_a_filter_that_is_there_is_not_suggested_again(completer: Completer) -> None:
    found = texts(completer.complete("op:mul top:3 ", len("op:mul top:3 ")))
    assert not {"op:", "top:20"} & set(found)
    assert {"scope:", "by:", "nonfinite"} <= set(found)


def test_an_address_alone_has_no_filters(completer: Completer) -> None:
    assert texts(completer.complete_address("s", 1)) == [
        f"layer{layer}.attn.head{head}.score" for layer in range(2) for head in range(2)
    ]


@given(st.data())
def test_every_scalar_is_reached_by_suggestions(completer: Completer, program: Program, data: st.DataObject) -> None:
    """From nothing, suggestion after suggestion, with a character that is typed where none leads on."""
    addresses = Addresses(program)
    scalar = data.draw(st.integers(0, program.num_scalars - 1))
    typed, goal = "", addresses.format(scalar)
    while typed != goal:
        found = texts(completer.complete_address(typed, len(typed)))
        if goal in found:
            return
        longer = [text for text in found if goal.startswith(text) and len(text) > len(typed)]
        typed = longer[0] if longer else goal[: len(typed) + 1]
    pytest.fail(f"{goal} is never suggested")


@given(line=st.text(alphabet="scopetbyad:|<>=.0123456789[], q", max_size=20), column=st.integers(0, 20))
def test_any_line_can_be_completed(completer: Completer, line: str, column: int) -> None:
    column = min(column, len(line))
    completion = completer.complete(line, column)
    assert 0 <= completion.start <= column <= completion.stop <= len(line)


@pytest.mark.parametrize("line", ["pos3.layer0.attn.q[5", "op:", "scope:pos3.layer0.at", "by:", "top:", "non"])
def test_what_is_suggested_is_understood(completer: Completer, line: str) -> None:
    completion = completer.complete(line, len(line))
    for suggestion in completion.suggestions:
        text = line[: completion.start] + suggestion.text
        try:
            parse(text)
        except QueryError as error:
            pytest.fail(f"{text}: {error}")
