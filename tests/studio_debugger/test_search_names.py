"""What words mean: the nearest reading of what was typed, and how a word that means nothing is answered."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt.model import Configuration
from microgpt.program.addresses import Addresses
from microgpt.program.program import Operation, Program
from microgpt.program.recorder import record
from microgpt_studio.debugger.search_names import Meaning, Names


@pytest.fixture(scope="module")
def names(program: Program) -> Names:
    return Names(Addresses(program))


@pytest.fixture(scope="module")
def wide_names() -> Names:
    """With more than ten positions and layers of a single head."""
    return Names(Addresses(record(Configuration(3, n_layer=2, n_embd=2, n_head=1, block_size=12))))


def meant(names: Names, words: str) -> Meaning:
    """The one meaning of some words."""
    found = names.find(words.split(), np.ones(len(names.paths), dtype=np.bool_))
    assert len(found) == 1
    return found[0]


def paths(names: Names, words: str) -> set[str]:
    """The tensors that are meant, at all positions alike."""
    return {names.stages[i] for i in np.flatnonzero(meant(names, words).tensors).tolist()}


@pytest.mark.parametrize(
    ("words", "stages"),
    [
        ("q", {"layer0.attn.q", "layer1.attn.q"}),
        ("Q", {"layer0.attn.q", "layer1.attn.q"}),
        ("l1 q", {"layer1.attn.q"}),
        ("layer 1 q", {"layer1.attn.q"}),
        ("l0 wq", {"layer0.attn_wq"}),
        ("attn.q l0", {"layer0.attn.q"}),
        ("head1 weight", {"layer0.attn.head1.weight", "layer1.attn.head1.weight"}),
        ("head 1 weight", {"layer0.attn.head1.weight", "layer1.attn.head1.weight"}),
        ("h1 wei", {"layer0.attn.head1.weight", "layer1.attn.head1.weight"}),
        ("weigth h0", {"layer0.attn.head0.weight", "layer1.attn.head0.weight"}),
        ("mlp norm", {"layer0.mlp.norm", "layer1.mlp.norm"}),
        ("fc1", {"layer0.mlp.fc1", "layer1.mlp.fc1"}),
        ("fc1 3 5", {"layer0.mlp_fc1", "layer1.mlp_fc1"}),
        ("layer0.attn.q", {"layer0.attn.q"}),
        ("wte", {"wte"}),
        ("logi", {"logit"}),
        ("idua", {"layer0.attn.residual", "layer1.attn.residual", "layer0.mlp.residual", "layer1.mlp.residual"}),
    ],
)
def test_words_mean_tensors(names: Names, words: str, stages: set[str]) -> None:
    assert paths(names, words) == stages


@pytest.mark.parametrize(
    ("words", "index", "operation", "ordinal"),
    [
        ("q5", (5,), None, None),
        ("q 5", (5,), None, None),
        ("q[5]", (5,), None, None),
        ("attn q [5]", (5,), None, None),
        ("wq 5 7", (5, 7), None, None),
        ("wq5 7", (5, 7), None, None),
        ("wq 5,7", (5, 7), None, None),
        ("wq[5,7]", (5, 7), None, None),
        ("wq 5", (5,), None, None),
        ("q5 mul", (5,), Operation.MUL, None),
        ("q5 mul 7", (5,), Operation.MUL, 7),
        ("q5.mul[7]", (5,), Operation.MUL, 7),
        ("q mul 7 5", (5,), Operation.MUL, 7),
        ("norm exp", (), Operation.EXP, None),
        ("relu", (), None, None),
    ],
)
def test_numbers_are_elements_and_operations_are_inside(
    names: Names, words: str, index: tuple[int, ...], operation: Operation | None, ordinal: int | None
) -> None:
    meaning = meant(names, words)
    assert (meaning.index, meaning.operation, meaning.ordinal) == (index, operation, ordinal)


def test_a_position_is_meant_in_full(wide_names: Names) -> None:
    for words in ("pos1", "p1", "pos 1"):
        tensors = np.flatnonzero(meant(wide_names, words).tensors).tolist()
        assert {wide_names.paths[i].split(".")[0] for i in tensors} == {"pos1"}


def test_a_number_is_no_other_number(names: Names) -> None:
    everywhere = np.ones(len(names.paths), dtype=np.bool_)
    assert names.find(["layer7"], everywhere) == []
    assert "layer0" in names.why_none(["layer7"])


def test_an_index_has_to_be_there(names: Names) -> None:
    everywhere = np.ones(len(names.paths), dtype=np.bool_)
    assert names.find(["q", "5"], everywhere)
    for words in (["."], ["q", "8"], ["q", "5", "1"], ["wq", "1", "2", "3"], ["q[99]"]):
        assert names.find(words, everywhere) == []
    assert names.why_none(["q[99]"]) == "nothing is called 'q[99]': the shape of pos0.layer0.attn.q is 8"


def test_words_are_looked_for_among_some_tensors(names: Names) -> None:
    found = names.find(["attn"], names.is_parameter)
    assert [names.paths[i] for i in np.flatnonzero(found[0].tensors).tolist()] == [
        f"layer{layer}.attn_w{letter}" for layer in range(2) for letter in "qkvo"
    ]


@pytest.mark.parametrize(
    "scope", ["pos3", "pos3.layer1", "layer1", "layer1.attn", "wte", "layer0.mlp_fc1", "loss", "logit"]
)
def test_a_scope_is_what_breakpoints_take_it_for(names: Names, scope: str) -> None:
    from microgpt_studio.debugger.scopes import Scope

    expected = Scope.of(scope, names.program)
    ids = np.concatenate([*expected.groups, expected.parameters])
    assert sorted(np.unique(names.program.tensor[ids]).tolist()) == np.flatnonzero(names.scope(scope)).tolist()


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("pos3.layr0", "did you mean pos3.layer0?"),
        ("pos8", "there is no position 8: the block has positions 0 to 7"),
        ("wte[3,0]", "a scope has no index; did you mean wte?"),
        ("", "there is no scope ''"),
    ],
)
def test_no_scope_is_answered_with_the_nearest(names: Names, scope: str, words: str) -> None:
    assert not names.scope(scope).any()
    assert words in names.why_no_scope(scope)
