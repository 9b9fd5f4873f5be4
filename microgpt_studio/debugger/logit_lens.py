"""The logit lens: what the model would predict if it stopped at an earlier stage of the residual stream.

The stream of each stage goes through lm_head and the softmax exactly as the model does it with that of the last one
(nostalgebraist 2020, "interpreting GPT: the logit lens"; this model has no norm before lm_head, and the lens adds
none). At the last stage its numbers are the program's own; at the others they are outside the graph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.kernels import compiled
from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reach, Reaches
from microgpt_studio.debugger.stream import stages_of

Flags = npt.NDArray[np.bool_]

_NOT_COMPUTED, _KNOWN = int(Reach.NOT_COMPUTED), int(Reach.KNOWN)


@dataclass(frozen=True, slots=True, eq=False)
class LensNumbers:
    """S stages, n positions, V tokens. Read-only; nan where the stream of a stage is not there yet."""

    logits: Floats  # (S, n, V)
    probs: Floats  # (S, n, V)
    reach: Reaches  # (S, n)

    def probs_of(self, tokens: Ids) -> Floats:
        """(S, n) the probability of one token a position; tokens (n,)."""
        found: Floats = np.take_along_axis(self.probs, tokens[None, :, None], axis=2)[:, :, 0]
        return found

    def ranks_of(self, tokens: Ids) -> Ids:
        """(S, n) 1 for the most probable token; tokens of the same probability share the better rank. tokens (n,).

        0 where the probabilities are no numbers, or not there.
        """
        above = self.probs > self.probs_of(tokens)[:, :, None]
        return np.where(self._is_numbers, above.sum(axis=2) + 1, 0).astype(np.int32)

    def top(self) -> Ids:
        """(S, n) the most probable token; of several the first. -1 where the probabilities are no numbers."""
        return np.where(self._is_numbers, np.argmax(self.probs, axis=2), -1).astype(np.int32)

    @property
    def _is_numbers(self) -> Flags:
        return np.asarray(np.isfinite(self.probs).all(axis=2))

    def best(self, stage: int, position: int, count: int) -> list[int]:
        """The most probable tokens, in this order; what is no number comes last."""
        order = np.argsort(-self.probs[stage, position], kind="stable")
        return [int(token) for token in order[:count]]


@dataclass(frozen=True, slots=True)
class LogitLens(Inquiry[LensNumbers]):
    """What each stage of each position would predict, with the parameters that the forward pass uses."""

    is_slow = True  # not for the time it takes: it is read, and nobody reads faster

    def answer(self, sight: Sight) -> LensNumbers:
        program, machine = sight.program, sight.machine
        stages = stages_of(sight)
        stream = stages.stream[:, : machine.positions]
        shape = (*stream.shape[:2], program.config.vocab_size)
        logits, probs = np.full(shape, np.nan), np.full(shape, np.nan)
        reach = np.empty(shape[:2], dtype=np.uint8)
        _predict(machine.data, sight.data_reach, stream, stages.head, -1.0, logits, probs, reach)
        for array in (logits, probs, reach):
            array.flags.writeable = False
        return LensNumbers(logits, probs, reach)


@compiled
def _predict(data, reach, stream, head, exponent, logits, probs, reaches):  # type: ignore[no-untyped-def]
    """Do what `linear` and `softmax` of model.py do, in their order. `exponent` is -1, unknown to the compiler."""
    for s in range(stream.shape[0]):
        for p in range(stream.shape[1]):
            known = True
            for i in stream[s, p]:
                known = known and reach[i] == _KNOWN
            reaches[s, p] = _KNOWN if known else _NOT_COMPUTED
            if known:
                _linear(data, stream[s, p], head, logits[s, p])
                _softmax(logits[s, p], exponent, probs[s, p])


@compiled
def _linear(data, x, w, out):  # type: ignore[no-untyped-def]
    for row in range(len(out)):
        total = 0.0
        for k in range(len(x)):
            total = total + data[w[row, k]] * data[x[k]]
        out[row] = total


@compiled
def _softmax(logits, exponent, out):  # type: ignore[no-untyped-def]
    largest = logits[0]
    for logit in logits:
        if logit > largest:  # noqa: PLR1730 - as Python's max does it, nan included
            largest = logit
    total = 0.0
    for k in range(len(logits)):
        out[k] = math.exp(logits[k] + -largest)
        total = total + out[k]
    inverse = math.pow(total, exponent)
    for k in range(len(logits)):
        out[k] = out[k] * inverse
