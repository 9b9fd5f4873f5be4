"""The residual stream: how long it is at each stage of each position, how far it turns, and what is added to it there.

The stages of a position are those at which the model calls a vector x and goes on with it: the embedding, the rmsnorm
that it is put through before the first layer, and what is left behind by each layer's attention and MLP. Everything is
read off the numbers of the run; sums are added up in the order of the components, from 0, as a plain loop would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.program.kernels import compiled
from microgpt.program.program import Floats, Ids, Operation, Program
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reach, Reaches

_NOT_COMPUTED, _KNOWN, _OUTSIDE = int(Reach.NOT_COMPUTED), int(Reach.KNOWN), int(Reach.OUTSIDE)


@dataclass(frozen=True, slots=True, eq=False)
class Stages:
    """Where a program keeps the stream. S = 2 + 2 × layers stages, B positions, E components; -1: there is none."""

    names: tuple[str, ...]  # "embed", "norm", then "layer0.attn", "layer0.mlp" and so on
    stream: Ids  # (S, B, E) what goes on from the stage
    added: Ids  # (S, B, E) what is added there: wpe at the embedding, attn.proj, mlp.fc2; nothing at the norm
    scale: Ids  # (B,) what the norm multiplies every component by
    head: Ids  # (V, E) the rows of lm_head, one a token
    logit: Ids  # (B, V) what comes of the last stage

    @property
    def count(self) -> int:
        """S."""
        return len(self.names)

    @classmethod
    def of_program(cls, program: Program) -> Stages:
        """The stages of all positions."""
        config = program.config
        tensors = {tensor.path: tensor for tensor in program.tensors}
        names, stream = ["embed", "norm"], ["embed", "norm"]
        added: list[str | None] = [None, None]
        for layer in range(config.n_layer):
            names += [f"layer{layer}.attn", f"layer{layer}.mlp"]
            stream += [f"layer{layer}.attn.residual", f"layer{layer}.mlp.residual"]
            added += [f"layer{layer}.attn.proj", f"layer{layer}.mlp.fc2"]
        shape = len(names), config.block_size, config.n_embd
        stream_ids, added_ids = np.full(shape, -1, dtype=np.int32), np.full(shape, -1, dtype=np.int32)
        scale = np.empty(config.block_size, dtype=np.int32)
        logit = np.empty((config.block_size, config.vocab_size), dtype=np.int32)
        for position in range(config.block_size):
            for stage, (path, what) in enumerate(zip(stream, added, strict=True)):
                stream_ids[stage, position] = program.elements(tensors[f"pos{position}.{path}"])
                if what is not None:
                    added_ids[stage, position] = program.elements(tensors[f"pos{position}.{what}"])
            norm = tensors[f"pos{position}.norm"]
            powers = np.flatnonzero(program.operation[norm.start : norm.stop] == Operation.POW)
            scale[position] = norm.start + int(powers[0])
            logit[position] = program.elements(tensors[f"pos{position}.logit"])
        added_ids[0] = program.second[stream_ids[0]]  # t + p: wpe, whatever the token is
        head = program.elements(tensors["lm_head"]).reshape(tensors["lm_head"].shape)
        for array in (stream_ids, added_ids, scale, head, logit):
            array.flags.writeable = False
        return cls(tuple(names), stream_ids, added_ids, scale, head, logit)


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """One quantity. Where the reach is not KNOWN the value is nan; OUTSIDE: there is no such thing."""

    values: Floats
    reach: Reaches


@dataclass(frozen=True, slots=True, eq=False)
class StreamNumbers:
    """The stream of a document of n positions; arrays (S, n), those of scale and logit (n,). Read-only.

    The stage before the embedding is the token's row of wte alone. Nothing is added at the norm. A vector of length 0
    has no cosine: OUTSIDE.
    """

    norm: Measure  # Euclidean norm of the stream
    cosine: Measure  # between the stream and the stream at the stage before
    added: Measure  # Euclidean norm of what is added
    added_cosine: Measure  # between what is added and the stream to which it is added
    toward: Measure  # product with the target's row of lm_head: of the stream at the norm, later of what is added
    scale: Measure  # what the rmsnorm multiplies every component by
    logit: Measure  # the target's: the sum of a column of `toward`, but for rounding


@dataclass(frozen=True, slots=True)
class Stream(Inquiry[StreamNumbers]):
    """How long the residual stream is at each stage of each position, how it came to that, and what it leads to.

    With components xᵢ and yᵢ, i from 0: norm √(Σ xᵢ²); cosine Σ xᵢyᵢ ÷ (norm of x × norm of y). The stream adds up and
    lm_head is linear, so each addition has its own part in a logit (Elhage et al. 2021, "A mathematical framework for
    transformer circuits", direct paths); the embedding has it by way of the norm, which is not linear.
    """

    is_slow = True  # not for the time it takes: its numbers are read, and nobody reads faster

    def answer(self, sight: Sight) -> StreamNumbers:
        machine, n = sight.machine, sight.machine.positions
        stages, targets = stages_of(sight), _targets(sight)
        stream, added = stages.stream[:, :n], stages.added[:, :n]
        before = np.concatenate([machine.first[stream[:1]], stream[:-1]])
        numbers = np.full((5, *stream.shape[:2]), np.nan)
        reach = np.empty(numbers.shape, dtype=np.uint8)
        _measure(machine.data, sight.data_reach, stream, before, added, stages.head[targets], numbers, reach)
        for array in (numbers, reach):
            array.flags.writeable = False
        norm, cosine, added_norm, added_cosine, toward = (Measure(numbers[k], reach[k]) for k in range(5))
        return StreamNumbers(
            norm,
            cosine,
            added_norm,
            added_cosine,
            toward,
            scale=_read(sight, stages.scale[:n]),
            logit=_read(sight, stages.logit[np.arange(n), targets]),
        )


def stages_of(sight: Sight) -> Stages:
    """The stages of a session's program, found once."""
    return sight.keep(Stages, lambda: Stages.of_program(sight.program))


def _targets(sight: Sight) -> Ids:
    """(n,) the token that each position should predict."""
    runner = sight.execution.runner
    tokens = runner.tokenizer.encode(runner.document(sight.execution.place.updates))
    return np.array(tokens[1 : sight.machine.positions + 1], dtype=np.int32)


def _read(sight: Sight, ids: Ids) -> Measure:
    """Numbers of the program itself."""
    reach = sight.data_reach[ids]
    values = np.where(reach == Reach.KNOWN, sight.machine.data[ids], np.nan)
    for array in (values, reach):
        array.flags.writeable = False
    return Measure(values, reach)


@compiled
def _measure(data, reach, stream, before, added, heads, numbers, reaches):  # type: ignore[no-untyped-def]
    """Write the quantities of StreamNumbers, in their order, to `numbers` (5, S, n), with their reach.

    `heads` (n, E) are the targets' rows of lm_head.
    """
    for s in range(stream.shape[0]):
        for p in range(stream.shape[1]):
            here, back, more = stream[s, p], before[s, p], added[s, p]
            has_here, has_back, has_more = _reach(reach, here), _reach(reach, back), _reach(reach, more)
            reaches[0, s, p], reaches[1, s, p] = has_here, has_here
            reaches[2, s, p], reaches[3, s, p] = has_more, has_more
            reaches[4, s, p] = _OUTSIDE if s == 0 else has_here if s == 1 else has_more
            if has_here == _KNOWN:
                numbers[0, s, p] = _norm(data, here)
                _cosine(data, here, back, numbers[1, s], reaches[1, s], p)
            if has_more == _KNOWN:
                numbers[2, s, p] = _norm(data, more)
                if has_back == _KNOWN:
                    _cosine(data, more, back, numbers[3, s], reaches[3, s], p)
                else:
                    reaches[3, s, p] = _NOT_COMPUTED
            if reaches[4, s, p] == _KNOWN:
                numbers[4, s, p] = _dot(data, heads[p], here if s == 1 else more)


@compiled
def _reach(reach, ids):  # type: ignore[no-untyped-def]
    """Whether all components are there; OUTSIDE for no vector at all."""
    if ids[0] < 0:
        return _OUTSIDE
    for i in ids:
        if reach[i] != _KNOWN:
            return _NOT_COMPUTED
    return _KNOWN


@compiled
def _norm(data, ids):  # type: ignore[no-untyped-def]
    square = 0.0
    for i in ids:
        square += data[i] * data[i]
    return np.sqrt(square)


@compiled
def _dot(data, a, b):  # type: ignore[no-untyped-def]
    total = 0.0
    for k in range(len(a)):
        total += data[a[k]] * data[b[k]]
    return total


@compiled
def _cosine(data, a, b, numbers, reaches, p):  # type: ignore[no-untyped-def]
    """Write it to place p; OUTSIDE where one of the vectors has length 0."""
    lengths = _norm(data, a) * _norm(data, b)
    if lengths == 0.0:
        reaches[p] = _OUTSIDE
    else:
        numbers[p] = _dot(data, a, b) / lengths
