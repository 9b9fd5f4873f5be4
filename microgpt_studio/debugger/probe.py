"""Probes: what the model makes of any text at a moment, without training on it.

The text is run forward as a document would be, on a machine of its own, with the parameters that the shown update's
forward phase uses. The kernels are the same, so the numbers are those of plain Python; what trains is not touched.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from microgpt.data import Tokenizer
from microgpt.program.machine import Fault, Machine
from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.head_places import HeadPlaces
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.mlp_units import units_of
from microgpt_studio.debugger.stream import stages_of


@dataclass(frozen=True, slots=True, eq=False)
class ProbeNumbers:
    """A text of n positions. L layers, H heads, V tokens, U units, S stages. Arrays are read-only."""

    probs: Floats  # (n, V) of every token that could come next
    losses: Floats  # (n,) nats: −ln of the probability of the token that does come
    loss: float  # nats: their mean, as the model computes it
    weights: Floats  # (L, H, n, n) [layer, head, query, key]; nan where there is no key
    relu: Floats  # (L, n, U) what the MLP's units let through
    norms: Floats  # (S, n) Euclidean norm of the residual stream
    stages: tuple[str, ...]  # (S,) "embed", "norm", then "layer0.attn", "layer0.mlp" and so on

    def __post_init__(self) -> None:
        for field in fields(self):
            array = getattr(self, field.name)
            if isinstance(array, np.ndarray):
                array.flags.writeable = False


@dataclass(frozen=True, slots=True, eq=False)
class Probed:
    """What came of a text. It is scored as a document is: BOS before it, and its end is the last thing to predict."""

    text: str
    updates: int  # finished ones, which have made the parameters
    tokens: tuple[int, ...]  # BOS first; position p reads tokens[p] and is scored on tokens[p + 1]; cut to the block
    uncut: int  # positions that it would have without the block
    numbers: ProbeNumbers | None = None
    reason: str | None = None  # why there are no numbers

    @property
    def positions(self) -> int:
        """n."""
        return len(self.tokens) - 1

    @property
    def is_cut(self) -> bool:
        """Whether the block is too short for it."""
        return self.positions < self.uncut


@dataclass(frozen=True, slots=True)
class Probe(Inquiry[Probed]):
    """What the model makes of a text."""

    is_slow = True

    text: str

    def answer(self, sight: Sight) -> Probed:
        prober = sight.keep(Probe, lambda: _Prober(sight))
        return prober.answer(self.text, sight)


def unknown_characters(text: str, tokenizer: Tokenizer) -> list[int]:
    """Where in a text the characters stand that no token stands for, counted from 0."""
    known = set(tokenizer.characters)
    return [index for index, character in enumerate(text) if character not in known]


def refused_text(text: str, tokenizer: Tokenizer) -> str | None:
    """Why a text cannot be probed; None where it can. Columns are counted from 1."""
    places = unknown_characters(text, tokenizer)
    if not places:
        return None
    first = text[places[0]]
    sentence = f"The tokenizer knows no “{first}” (column {places[0] + 1})"
    others = [f"“{text[place]}” (column {place + 1})" for place in places[1:4]]
    if others:
        more = f" and {len(places) - 4} more" if len(places) > 4 else ""
        sentence += f", nor {', '.join(others)}{more}"
    if first.lower() != first and first.lower() in tokenizer.characters:
        return f"{sentence}; it knows “{first.lower()}”."
    return f"{sentence}; it knows {_all_of(tokenizer.characters)}."


def _all_of(characters: tuple[str, ...]) -> str:
    """The characters of a tokenizer in few words: runs of the alphabet are told by their ends."""
    runs: list[list[str]] = []
    for character in characters:
        if runs and ord(runs[-1][-1]) + 1 == ord(character):
            runs[-1].append(character)
        else:
            runs.append([character])
    words = [word for run in runs for word in ([f"{run[0]}–{run[-1]}"] if len(run) > 2 else run)]
    return " ".join("␣" if word.isspace() else word for word in words)


class _Prober:
    """Runs texts forward. Answers are remembered for as long as the parameters are the same."""

    def __init__(self, sight: Sight) -> None:
        program = sight.program
        self._program = program
        self._machine = Machine(program)
        self._heads, self._relu, self._stages = HeadPlaces.of(sight).weight, units_of(sight).relu, stages_of(sight)
        self._probs: Ids = np.array([program.elements(each) for each in program.tensors if each.stage == "prob"])
        losses = [each for each in program.tensors if each.stage == "loss" and each.position is not None]
        self._losses: Ids = np.array([program.elements(each)[0] for each in losses])
        self._when: tuple[int, bytes] | None = None
        self._answers: dict[str, Probed] = {}

    def answer(self, text: str, sight: Sight) -> Probed:
        """What comes of a text with the parameters that are loaded."""
        parameters = sight.machine.data[: self._program.num_parameters]
        updates = sight.execution.place.updates
        when = updates, parameters.tobytes()
        if when != self._when:
            self._when = when
            self._answers.clear()
            self._machine.data[: self._program.num_parameters] = parameters
        if text not in self._answers:
            self._answers[text] = self._ask(text, updates, sight)
        return self._answers[text]

    def _ask(self, text: str, updates: int, sight: Sight) -> Probed:
        tokenizer = sight.description.tokenizer
        reason = refused_text(text, tokenizer)
        if reason is not None:
            return Probed(text, updates, (tokenizer.bos,), len(text) + 1, reason=reason)
        tokens = tokenizer.encode(text)
        n = self._bind(tokens)
        told = tuple(tokens[: n + 1])
        try:
            loss = self._machine.forward_all()
        except Fault as fault:
            where = sight.addresses.format(fault.scalar)
            return Probed(text, updates, told, len(tokens) - 1, reason=f"At {where} {fault.reason}.")
        return Probed(text, updates, told, len(tokens) - 1, self._read(n, loss))

    def _bind(self, tokens: list[int]) -> int:
        """As `Machine.load` binds a document, but for the orders of a backward phase, which take time and memory."""
        own, program = self._machine, self._program
        n = own.choose(tokens)
        own.positions = n
        own.first[program.loss] = program.sums_start + n - 1
        own.constants[program.mean_constant] = 1.0 / n
        return n

    def _read(self, n: int, loss: float) -> ProbeNumbers:
        data, heads, stages = self._machine.data, self._heads[:, :, :n, :n], self._stages
        stream = data[stages.stream[:, :n]]
        with np.errstate(over="ignore", invalid="ignore"):
            squares = np.cumsum(stream * stream, axis=-1)  # in the order of the components, as a plain loop adds them
        return ProbeNumbers(
            probs=data[self._probs[:n]],
            losses=data[self._losses[:n]],
            loss=loss,
            weights=np.where(heads >= 0, data[heads], np.nan),
            relu=data[self._relu[:, :n]],
            norms=np.sqrt(squares[..., -1]),
            stages=stages.names,
        )
