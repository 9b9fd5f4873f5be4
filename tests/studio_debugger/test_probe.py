"""Probes: every number is that of the plain model with the moment's parameters, to the last bit; it disturbs none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from microgpt import model
from microgpt.adam import Adam
from microgpt.data import Tokenizer
from microgpt.settings import Settings
from microgpt.value import Value
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.probe import Probe, Probed, ProbeNumbers, refused_text, unknown_characters
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "charlotte", "amelia"]
TEXTS = ["emma", "", "a", "tobias", "charlott", "charlotte", "sssssssssssss"]  # the block has 8 positions
_NAMES_OF_ARRAYS = ("data", "grad", "m", "v", "m_before", "v_before", "change", "parameters", "first", "constants")


def ask(session: Session, *texts: str) -> list[Probed]:
    inquiries = [Probe(text) for text in texts]
    snapshot = session.snapshot(1, Wanted(inquiries=frozenset(inquiries)))
    answers = [snapshot.answer(inquiry) for inquiry in inquiries]
    assert all(answer is not None for answer in answers)
    return answers  # type: ignore[return-value]


def plain(session: Session, text: str) -> tuple[dict[str, list[float]], float]:
    """What `model.loss` computes for a text with the parameters of the shown update: named vectors, and the loss."""
    program, machine = session.description.program, session.runner.machine
    numbers = iter(machine.data[: program.num_parameters].tolist())
    parameters = {
        name: [[Value(next(numbers)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in program.config.shapes().items()
    }
    seen: dict[str, list[float]] = {}

    def name(address: str, vector: list[Value]) -> list[Value]:
        seen[address] = [value.data for value in vector]
        return vector

    loss = model.loss(parameters, program.config, session.runner.tokenizer.encode(text), name)
    return seen, float(loss.data)


def norm(vector: list[float]) -> float:
    square = 0.0
    for x in vector:
        square += x * x
    return float(np.sqrt(square))


def assert_plain(session: Session, probed: Probed) -> None:
    """Every number of an answer is plain Python's."""
    seen, loss = plain(session, probed.text)
    config, numbers, n = session.description.program.config, probed.numbers, probed.positions
    assert numbers is not None and probed.reason is None
    assert numbers.loss.hex() == loss.hex()
    assert n == len(numbers.losses) == len(numbers.probs) == min(len(probed.text) + 1, config.block_size)
    assert numbers.stages == ("embed", "norm", "layer0.attn", "layer0.mlp", "layer1.attn", "layer1.mlp")
    streams = ("embed", "norm", *(f"layer{i}.{part}.residual" for i in range(2) for part in ("attn", "mlp")))
    for p in range(n):
        assert numbers.probs[p].tolist() == seen[f"pos{p}.prob"]
        assert [numbers.losses[p]] == seen[f"pos{p}.loss"]
        assert numbers.norms[:, p].tolist() == [norm(seen[f"pos{p}.{stream}"]) for stream in streams]
        for layer in range(config.n_layer):
            assert numbers.relu[layer, p].tolist() == seen[f"pos{p}.layer{layer}.mlp.relu"]
            for head in range(config.n_head):
                weights = seen[f"pos{p}.layer{layer}.attn.head{head}.weight"]
                assert numbers.weights[layer, head, p, : p + 1].tolist() == weights
                assert np.isnan(numbers.weights[layer, head, p, p + 1 :]).all()


@pytest.mark.parametrize("updates", [0, 1, 7])
def test_every_number_is_plain_python_s(session: Session, updates: int) -> None:
    session.run(updates)
    for probed in ask(session, *TEXTS):
        assert_plain(session, probed)
        assert probed.updates == max(updates - 1, 0)


def test_a_text_is_scored_as_a_document_is(session: Session) -> None:
    """The loss of the loaded document is the loss of the update, and its numbers are those of the graph."""
    session.run(5)
    moment = session.snapshot(1, Wanted()).moment
    (probed,) = ask(session, moment.document)
    assert probed.numbers is not None
    assert (probed.numbers.loss, probed.tokens) == (moment.loss, moment.tokens)
    parse, data = session.description.addresses.parse, session.runner.machine.data
    assert probed.numbers.losses.tolist() == [data[parse(f"pos{p}.loss")] for p in range(moment.positions)]


def test_an_empty_text_tells_what_comes_first(session: Session) -> None:
    (probed,) = ask(session, "")
    bos = session.runner.tokenizer.bos
    assert (probed.tokens, probed.positions, probed.is_cut) == ((bos, bos), 1, False)


@pytest.mark.parametrize(
    ("text", "uncut", "is_cut"), [("charlot", 8, False), ("charlott", 9, True), ("a" * 30, 31, True)]
)
def test_a_text_that_is_longer_than_the_block_is_cut(session: Session, text: str, uncut: int, is_cut: bool) -> None:
    (probed,) = ask(session, text)
    assert (probed.positions, probed.uncut, probed.is_cut) == (8, uncut, is_cut)
    assert probed.tokens == tuple(session.runner.tokenizer.encode(text)[:9])


def test_half_way_through_an_update_the_parameters_are_those_of_its_forward_phase(session: Session) -> None:
    session.run(3)
    before = ask(session, "emma")[0].numbers
    for share in (0.0, 0.2, 0.6, 0.999, 1.0):
        session.go_to_place(Place(2, round(share * session.execution.length)))
        (probed,) = ask(session, "emma")
        assert probed.updates == 2
        assert_plain(session, probed)
        assert probed.numbers is not None and before is not None and probed.numbers.loss == before.loss
    session.go_to_place(Place(3, 0))
    assert ask(session, "emma")[0].updates == 3
    assert ask(session, "emma")[0].numbers.loss != before.loss  # type: ignore[union-attr]


def test_a_moment_of_the_past_has_its_own_numbers(session: Session) -> None:
    losses = []
    for _ in range(6):
        session.run(1)
        losses.append(ask(session, "emma")[0].numbers.loss)  # type: ignore[union-attr]
    assert len(set(losses)) == 6
    for update in (4, 1, 6):
        session.go_to(update)
        (probed,) = ask(session, "emma")
        assert_plain(session, probed)
        assert probed.numbers is not None and probed.numbers.loss == losses[update - 1]


def test_training_is_not_disturbed(program: Any) -> None:
    """Two runs, one of them probed after each update and within some: the same to the last bit."""
    settings = Settings(n_layer=2, n_embd=8, n_head=2, block_size=8, num_steps=20)
    probed, left_alone = (Session(settings, NAMES, program, "eight names") for _ in range(2))
    for update in range(10):
        for place in (Place(update, 100), Place(update, 5000)):
            probed.go_to_place(place)
            ask(probed, *TEXTS)
        probed.run(1)
        left_alone.run(1)
        ask(probed, *TEXTS)
        for name in _NAMES_OF_ARRAYS:
            theirs, ours = (getattr(each.runner.machine, name) for each in (left_alone, probed))
            assert theirs.tobytes() == ours.tobytes(), name
    assert probed.execution.log.losses.tobytes() == left_alone.execution.log.losses.tobytes()


def test_an_answer_is_remembered_while_the_parameters_are_the_same(session: Session) -> None:
    session.run(2)
    (first,) = ask(session, "emma")
    assert ask(session, "ava", "emma")[1] is first
    session.run(1)
    assert ask(session, "emma")[0] is not first
    session.go_to(2)
    again = ask(session, "emma")[0]
    assert again.numbers is not None and first.numbers is not None and again.numbers.loss == first.numbers.loss


def test_an_answer_cannot_be_changed(session: Session) -> None:
    numbers = ask(session, "emma")[0].numbers
    assert isinstance(numbers, ProbeNumbers)
    for array in (numbers.probs, numbers.losses, numbers.weights, numbers.relu, numbers.norms):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_where_plain_python_raises_the_answer_says_so(program: Any) -> None:
    settings = Settings(n_layer=2, n_embd=8, n_head=2, block_size=8, num_steps=20, adam=Adam(learning_rate=1000.0))
    session = Session(settings, NAMES, program, "eight names")
    session.run(20)
    assert session.execution.fault is not None
    document = session.snapshot(1, Wanted()).moment.document
    for probed in ask(session, document, "zz", "olivia"):
        if probed.text == "zz":
            assert probed.reason is not None and probed.reason.startswith("The tokenizer knows no “z”")
            continue
        assert probed.numbers is None and probed.updates == session.step
        assert probed.reason is not None and "log(0.0) is not defined" in probed.reason
        with pytest.raises(ValueError, match=r"math domain error|expected a positive input"):
            plain(session, probed.text)


def test_numbers_that_are_none_are_told_as_they_are(session: Session) -> None:
    session.run(1)
    session.runner.machine.data[session.description.addresses.parse("lm_head[0,0]")] = float("nan")
    (probed,) = ask(session, "emma")
    assert probed.numbers is not None and np.isnan(probed.numbers.loss)
    assert ask(session, "emma")[0] is probed


def test_an_unknown_character_is_pointed_out(session: Session) -> None:
    (probed,) = ask(session, "emmä")
    assert (probed.numbers, probed.positions) == (None, 0)
    assert probed.reason == refused_text("emmä", session.runner.tokenizer)


TOKENIZER = Tokenizer(tuple("abcdefxy"))


@pytest.mark.parametrize("text", ["", "abc", "yxx"])
def test_texts_that_can_be_probed(text: str) -> None:
    assert refused_text(text, TOKENIZER) is None
    assert unknown_characters(text, TOKENIZER) == []


@pytest.mark.parametrize(
    ("text", "places", "sentence"),
    [
        ("abé", [2], "The tokenizer knows no “é” (column 3); it knows a–f x y."),
        ("Ab", [0], "The tokenizer knows no “A” (column 1); it knows “a”."),
        ("a b9", [1, 3], "The tokenizer knows no “ ” (column 2), nor “9” (column 4); it knows a–f x y."),
        ("1234567", [0, 1, 2, 3, 4, 5, 6], "and 3 more; it knows a–f x y."),
    ],
)
def test_texts_that_cannot_be_probed(text: str, places: list[int], sentence: str) -> None:
    assert unknown_characters(text, TOKENIZER) == places
    refused = refused_text(text, TOKENIZER)
    assert refused is not None and refused.endswith(sentence)
