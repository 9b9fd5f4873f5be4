"""Stepping: from a place in training to the place where the item of a grain ends, or where it begins.

An item is what the operations of one phase have in common at a grain: a position, a block of it, a tensor, an element.
It begins before the first of its operations and is over after the last, in the order in which they really run: going
backward through the graph, items interleave. Nothing runs here; Execution goes where these answers lead.

Where the names alone do not decide:
- A block is a tensor's scope, heads without their number: `layer0.attn`, `layer0.mlp`. What has no scope (embed, norm,
  logit, prob, loss; wte, wpe, lm_head) is a block of its own. Adam's blocks are these three and each layer.
- What serves a whole tensor (the total of a softmax) is an element of its own, its first.
- The mean of the losses comes after the positions, as an item beside them. Backwards each of its sums belongs to the
  position whose loss it has added, because the gradient enters that position through it; otherwise the mean would
  only be over when nearly everything is.
- In Adam there are no positions: that grain means the phase. A tensor is a matrix, an element is a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from microgpt.program.addresses import Addresses
from microgpt.program.machine import Machine
from microgpt.program.program import Ids, Program, Tensor
from microgpt_studio.debugger.execution import Execution, Phase, Place

Breadcrumb = tuple[str, ...]  # ("update 12", "backward", "pos 3", "layer0.attn", "head2.weight", "[1]", "mul[3]")

_LINES_KEPT = 3  # documents: this one and its neighbours


class Grain(IntEnum):
    """How far a step goes, from coarse to fine."""

    UPDATE = 0
    PHASE = 1
    POSITION = 2
    BLOCK = 3
    TENSOR = 4
    ELEMENT = 5
    OPERATION = 6


@dataclass(frozen=True, slots=True)
class Step:
    """Where a step leads. `reason` is one sentence where it leads nowhere."""

    place: Place
    reason: str | None = None


class Stepping:
    """Answers for every moment of one execution, whose own place does not matter and does not change."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self._groups = _Groups(execution.machine.program)
        self._addresses = Addresses(execution.machine.program)
        self._machine: Machine | None = None  # knows the orders of documents; runs nothing
        self._lines: dict[int, _Line] = {}

    def length(self, updates: int) -> int:
        """How many operations the update after so many finished ones has."""
        return len(self._line(updates))

    def into(self, place: Place) -> Step:
        """After the next operation."""
        return self.over(place, Grain.OPERATION)

    def over(self, place: Place, grain: Grain) -> Step:
        """After the last operation of the item that the next operation belongs to."""
        fault = self.execution.fault
        if fault is not None and place == self.execution.place:
            where = self._addresses.format(fault.scalar)
            return Step(place, f"The program cannot go on: it stopped at {where}, because {fault.reason}.")
        updates, done = place.updates, place.done
        if done >= self.length(updates):
            updates, done = updates + 1, 0
        if updates >= self.execution.runner.num_steps:
            return Step(place, f"Training is over: all {updates} updates are done.")
        return Step(Place(updates, self._line(updates).stop(done, grain)))

    def out(self, place: Place, grain: Grain) -> Step:
        """After the last operation of what encloses the item: the next coarser grain's."""
        if grain is Grain.UPDATE:
            return Step(place, "Nothing encloses an update but the whole training: run to its end instead.")
        return self.over(place, Grain(grain - 1))

    def back_into(self, place: Place) -> Step:
        """Before the last operation that was done."""
        return self.back_over(place, Grain.OPERATION)

    def back_over(self, place: Place, grain: Grain) -> Step:
        """Before the first operation of the item that the last done operation belongs to."""
        updates, done = place.updates, min(place.done, self.length(place.updates))
        if done == 0:
            if updates <= self.execution.first:
                return Step(place, _beginning(updates))
            updates -= 1
            done = self.length(updates)
        return Step(Place(updates, self._line(updates).start(done - 1, grain)))

    def back_out(self, place: Place, grain: Grain) -> Step:
        """Before the first operation of what encloses the item: the next coarser grain's."""
        if grain is Grain.UPDATE:
            return Step(place, "Nothing encloses an update but the whole training: go to its beginning instead.")
        return self.back_over(place, Grain(grain - 1))

    def breadcrumb(self, place: Place) -> Breadcrumb:
        """The path of the next operation; at the end of an update ("update 12", "end")."""
        update = f"update {place.updates + 1}"
        line = self._line(place.updates)
        if place.done >= len(line):
            return update, "end"
        scalar, phase = int(line.scalars[place.done]), line.phase(place.done)
        program = self.execution.machine.program
        tensor = program.tensors[program.tensor[scalar]]
        position = self._groups.position(phase, scalar)
        block = _block(tensor)
        name = tensor.stage.removeprefix(block).removeprefix(".")
        within = self._addresses.format(scalar).removeprefix(tensor.path).split(".")
        words = (update, phase.name.lower(), f"pos {position}" if position is not None else "", block, name, *within)
        return tuple(word for word in words if word)

    def position(self, place: Place) -> int | None:
        """The position that the next operation counts to; None for none, and at the end of an update."""
        line = self._line(place.updates)
        if place.done >= len(line):
            return None
        return self._groups.position(line.phase(place.done), int(line.scalars[place.done]))

    def _line(self, updates: int) -> _Line:
        if updates not in self._lines:
            while len(self._lines) >= _LINES_KEPT:
                del self._lines[next(iter(self._lines))]
            self._lines[updates] = _Line(self._groups, self._machine_of(updates))
        return self._lines[updates]

    def _machine_of(self, updates: int) -> Machine:
        """A machine that has loaded the document of an update: the run's own, where it stands there."""
        execution = self.execution
        if updates == execution.place.updates:
            return execution.machine
        self._machine = self._machine or Machine(execution.runner.program)
        self._machine.load(execution.runner.tokenizer.encode(execution.runner.document(updates)))
        return self._machine


class _Line:
    """All operations of one update in their order, and the items that they belong to."""

    def __init__(self, groups: _Groups, machine: Machine) -> None:
        program = machine.program
        forward = [np.arange(*ids, dtype=np.int32) for ids in program.live_ranges(machine.positions)]
        phases = [np.concatenate(forward), machine.order, np.arange(program.num_parameters, dtype=np.int32)]
        self.scalars: Ids = np.concatenate(phases)  # (L,)
        self._starts = (0, *np.cumsum([len(phase) for phase in phases]).tolist())
        self._groups = groups
        self._keys: dict[Grain, Ids] = {}

    def __len__(self) -> int:
        return len(self.scalars)

    def phase(self, number: int) -> Phase:
        return Phase(sum(number >= start for start in self._starts[1:-1]))

    def start(self, number: int, grain: Grain) -> int:
        """The first operation of the item that an operation belongs to."""
        if grain is Grain.OPERATION:
            return number
        first, _, same = self._item(number, grain)
        return first + int(same.argmax())

    def stop(self, number: int, grain: Grain) -> int:
        """One past the last operation of the item that an operation belongs to."""
        if grain is Grain.OPERATION:
            return number + 1
        _, last, same = self._item(number, grain)
        return last - int(same[::-1].argmax())

    def _item(self, number: int, grain: Grain) -> tuple[int, int, np.ndarray]:
        """A range of operations, and which of it are the item's."""
        if grain is Grain.UPDATE:
            return 0, len(self), np.ones(len(self), dtype=np.bool_)
        phase = self.phase(number)
        first, last = self._starts[phase : phase + 2]
        if grain is Grain.PHASE:
            return first, last, np.ones(last - first, dtype=np.bool_)
        if grain not in self._keys:
            tables = [self._groups.keys(phase, grain) for phase in Phase]
            parts = [table[self.scalars[slice(*self._starts[i : i + 2])]] for i, table in enumerate(tables)]
            self._keys[grain] = np.concatenate(parts)
        keys = self._keys[grain]
        return first, last, keys[first:last] == keys[number]


class _Groups:
    """For the grains from position to element, one number an item for each scalar. Scalars of two phases may share."""

    def __init__(self, program: Program) -> None:
        tensors = program.tensors
        positions = [-1 if tensor.position is None else tensor.position for tensor in tensors]
        blocks: dict[tuple[int, str], int] = {}
        block = [
            blocks.setdefault((position, _block(tensor)), len(blocks))
            for position, tensor in zip(positions, tensors, strict=True)
        ]
        of_tensor = {  # room for an element of each tensor that is none: the one that serves all
            Grain.POSITION: positions,
            Grain.BLOCK: block,
            Grain.TENSOR: range(len(tensors)),
            Grain.ELEMENT: [tensor.first_element + i + 1 for i, tensor in enumerate(tensors)],
        }
        forward = {grain: np.array(keys, dtype=np.int32)[program.tensor] for grain, keys in of_tensor.items()}
        forward[Grain.ELEMENT] += program.element
        backward = {grain: keys.copy() for grain, keys in forward.items()}
        sums = slice(program.sums_start, program.loss)
        losses = {tensor.position: i for i, tensor in enumerate(tensors) if tensor.stage == "loss"}
        count = program.loss - program.sums_start
        backward[Grain.POSITION][sums] = range(count)
        backward[Grain.BLOCK][sums] = [block[losses[position]] for position in range(count)]
        for grain in (Grain.TENSOR, Grain.ELEMENT):
            backward[grain][sums] = np.arange(count) + forward[grain].max() + 1
        self._keys = {Phase.FORWARD: forward, Phase.BACKWARD: backward, Phase.ADAM: forward}

    def keys(self, phase: Phase, grain: Grain) -> Ids:
        """(N,) the item of each scalar."""
        return self._keys[phase][grain]

    def position(self, phase: Phase, scalar: int) -> int | None:
        """The position that the operation on a scalar counts to; None for none."""
        position = int(self._keys[phase][Grain.POSITION][scalar])
        return None if position < 0 else position


def _block(tensor: Tensor) -> str:
    scope = tensor.stage.split(".")[:-1]
    return ".".join(scope[:2]) or tensor.stage


def _beginning(updates: int) -> str:
    if updates == 0:
        return "This is the beginning of training."
    return f"This session began with update {updates + 1}: nothing before it can be visited."
