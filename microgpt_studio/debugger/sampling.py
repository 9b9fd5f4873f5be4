"""Sampling under observation: `microgpt.sample.generate` itself runs, and what it used and drew is written down.

Nothing is computed a second time but the distribution at temperature 1, which `generate` has no need of.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from microgpt.data import Tokenizer
from microgpt.model import Vector, softmax
from microgpt.program.program import Floats, Program
from microgpt.program.runner import Reader
from microgpt.sample import NextLogits, check_temperature, generate
from microgpt_studio.debugger.execution import Execution


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """The parameters that samples are drawn from, and when training had them."""

    step: int  # updates done
    num_updated: int  # parameters that the update after these had changed already: 0, but within Adam
    parameters: Floats  # (P,) read-only

    @classmethod
    def of(cls, execution: Execution) -> Origin:
        """A moment, half-way through an update as well: the parameters as they are by then."""
        parameters = execution.machine.parameters.copy()
        parameters.flags.writeable = False
        done, length = execution.place.done, execution.length
        updated = num_updated(done, length, len(parameters))
        return cls(execution.runner.step, updated, parameters)


def num_updated(done: int, length: int, parameters: int) -> int:
    """How many parameters an update of `length` operations has changed when `done` are done, and it is not over."""
    return max(0, done - (length - parameters)) if done < length else 0


@dataclass(frozen=True, slots=True, eq=False)
class SampleTrace:
    """One document, drawn token by token. T draws, V tokens, L layers, H heads, E numbers a key. Read-only arrays."""

    document: str
    bos: int
    read: npt.NDArray[np.int64]  # (T,) the token that was read at each position; BOS first
    drawn: npt.NDArray[np.int64]  # (T,) the token that was drawn there
    logits: Floats  # (T, V)
    plain: Floats  # (T, V) probabilities at temperature 1
    probs: Floats  # (T, V) probabilities at the temperature, which were drawn from
    cumulative: Floats  # (T, V) their running sums
    numbers: Floats  # (T,) random numbers, 0 ≤ u < 1
    points: Floats  # (T,) u times the last running sum: where it fell among the running sums
    weights: Floats  # (L, H, T, T) attention of each position (third axis) on the ones so far; nan on later ones
    keys: Floats  # (L, T, E)
    values: Floats  # (L, T, E)

    def __post_init__(self) -> None:
        for field in fields(self):
            array = getattr(self, field.name)
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    @property
    def length(self) -> int:
        """T: how many tokens were drawn, the BOS at the end included."""
        return len(self.drawn)

    @property
    def is_finished(self) -> bool:
        """Whether it ends because BOS was drawn; else because the block was full."""
        return int(self.drawn[-1]) == self.bos

    def interval(self, step: int) -> tuple[float, float]:
        """The running sums between which the point of a draw fell."""
        token = int(self.drawn[step])
        low = float(self.cumulative[step, token - 1]) if token else 0.0
        return low, float(self.cumulative[step, token])

    def cached(self, step: int) -> int:
        """How many numbers keys and values hold after the position of a draw."""
        layers, _, width = self.keys.shape
        return int(2 * layers * (step + 1) * width)


class Sampler:
    """Draws one document after the other, as `microgpt sample` does with the same seed, on a machine of its own.

    Raises ValueError for a temperature that is not positive and finite.
    """

    def __init__(self, program: Program, tokenizer: Tokenizer, origin: Origin, temperature: float, seed: int) -> None:
        check_temperature(temperature)
        self._program = program
        self._tokenizer = tokenizer
        self._temperature = temperature
        self._reader = Reader(program, origin.parameters)
        self._rng = _Recorder(seed)
        self.numbers = 0  # random numbers taken so far

    def draw(self) -> str:
        """The next document. Raises ArithmeticError or ValueError where plain Python does.

        It is a ValueError that tells of the temperature where that is what is to blame.
        """
        return self._generate(self._reader.next_logits)

    def skip(self, numbers: int) -> None:
        """Take so many random numbers for nothing: another sampler has drawn documents with them."""
        for _ in range(numbers):
            self._rng.random()
        self._rng.forget()
        self.numbers += numbers

    def trace(self) -> SampleTrace:
        """The next document with everything about it. Raises as `draw` does."""
        logits: list[list[float]] = []
        plain: list[list[float]] = []

        def next_logits(token: int, position: int) -> Vector:
            found = self._reader.next_logits(token, position)
            logits.append([logit.data for logit in found])
            plain.append([p.data for p in softmax(found)])
            return found

        document = self._generate(next_logits)
        rng, sums = self._rng, [list(accumulate(weights)) for weights in self._rng.weights]
        weights, keys, values = self._memory(len(rng.drawn))
        return SampleTrace(
            document=document,
            bos=self._tokenizer.bos,
            read=np.array([self._tokenizer.bos, *rng.drawn[:-1]], dtype=np.int64),
            drawn=np.array(rng.drawn, dtype=np.int64),
            logits=np.array(logits),
            plain=np.array(plain),
            probs=np.array(rng.weights),
            cumulative=np.array(sums),
            numbers=np.array(rng.numbers),
            points=np.array([u * (each[-1] + 0.0) for u, each in zip(rng.numbers, sums, strict=True)]),
            weights=weights,
            keys=keys,
            values=values,
        )

    def _generate(self, next_logits: NextLogits) -> str:
        self._rng.forget()
        block_size = self._program.config.block_size
        logits: Vector = []  # of the latest position

        def noted(token: int, position: int) -> Vector:
            nonlocal logits
            logits = []
            logits = next_logits(token, position)
            return logits

        try:
            document = generate(noted, self._tokenizer, block_size, self._rng, self._temperature)
        except (ArithmeticError, ValueError) as error:
            if logits and all(math.isfinite(logit.data) for logit in logits):
                raise ValueError(
                    f"at temperature {self._temperature!r} the logits ÷ temperature are too large for a float; "
                    "choose a larger temperature, such as 0.5"
                ) from error
            raise
        self.numbers += len(self._rng.numbers)
        return document

    def _memory(self, length: int) -> tuple[Floats, Floats, Floats]:
        """What attention has looked at while the last document was drawn: weights, keys and values."""
        config, data = self._program.config, self._reader.machine.data
        tensors = {tensor.path: tensor for tensor in self._program.tensors}
        weights = np.full((config.n_layer, config.n_head, length, length), np.nan)
        keys = np.empty((config.n_layer, length, config.n_embd))
        values = np.empty_like(keys)
        for layer in range(config.n_layer):
            for p in range(length):
                attn = f"pos{p}.layer{layer}.attn"
                keys[layer, p] = data[self._program.elements(tensors[f"{attn}.k"])]
                values[layer, p] = data[self._program.elements(tensors[f"{attn}.v"])]
                for head in range(config.n_head):
                    ids = self._program.elements(tensors[f"{attn}.head{head}.weight"])
                    weights[layer, head, p, : p + 1] = data[ids]
        return weights, keys, values


class _Recorder(random.Random):
    """The very generator, which remembers what it was asked and what it said."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.forget()

    def forget(self) -> None:
        """A new document begins."""
        self.numbers: list[float] = []  # that `choices` took
        self.weights: list[list[float]] = []  # that it was given
        self.drawn: list[int] = []

    def random(self) -> float:
        number = super().random()
        self.numbers.append(number)
        return number

    def choices(self, population: Any, weights: Any = None, **rest: Any) -> list[Any]:
        drawn: list[Any] = super().choices(population, weights, **rest)
        self.weights.append(list(weights))
        self.drawn += drawn
        return drawn


def order_by_size(probs: Floats) -> Sequence[int]:
    """The tokens from the likeliest to the least likely; equal ones in their own order."""
    order: list[int] = np.argsort(-probs, kind="stable").tolist()
    return order
