"""The runner: training with a recorded program, bit-identical to the plain `Training`, a few hundred times as fast."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from microgpt.adam import Adam
from microgpt.data import Tokenizer, shuffled
from microgpt.model import Vector, draw_parameters
from microgpt.program.machine import Lap, Machine
from microgpt.program.program import Program
from microgpt.sample import NextLogits
from microgpt.train import State, Update
from microgpt.value import Value


class Runner:
    """One training run. `machine` holds the numbers of its latest update until the next one begins."""

    def __init__(self, program: Program, documents: Sequence[str], adam: Adam, num_steps: int, seed: int) -> None:
        self.program = program
        self.config = program.config
        self.adam = adam
        self.num_steps = num_steps
        self.tokenizer = Tokenizer.of(documents)
        self.rng = random.Random(seed)
        self.documents = shuffled(documents, self.rng)
        matrices = draw_parameters(self.config, self.rng)
        self.machine = Machine(program)
        self.machine.parameters[:] = [p.data for matrix in matrices.values() for row in matrix for p in row]
        self.step = 0

    def document(self, step: int) -> str:
        """The document that update `step` (counted from 0) learns from."""
        return self.documents[step % len(self.documents)]

    def update(self) -> Update:
        """Learn from the next document. Raises Fault where plain Python would raise; the step is not done then."""
        lap = self.run(1)
        if lap.fault is not None:
            raise lap.fault
        rate = self.adam.rate(self.step - 1, self.num_steps)
        return Update(self.step, self.document(self.step - 1), float(lap.losses[0]), rate, float(lap.grad_norms[0]))

    def run(self, updates: int) -> Lap:
        """So many updates in one go, for which the interpreter is not needed; fewer where the program stops.

        Raises ValueError for less than one.
        """
        if updates < 1:
            raise ValueError(f"{updates} updates cannot be run; at least one can")
        steps = range(self.step, self.step + updates)
        documents = [self.tokenizer.encode(self.document(step)) for step in steps]
        lap = self.machine.train(documents, self.adam, self.step, self.num_steps)
        self.step += len(lap.losses)
        return lap

    def state(self) -> State:
        machine = self.machine
        return State(self.step, machine.parameters.tolist(), machine.m.tolist(), machine.v.tolist())

    def restore(self, state: State) -> None:
        """Go back, or on, to a state of a training with the same sizes."""
        machine = self.machine
        machine.parameters[:], machine.m[:], machine.v[:] = state.parameters, state.m, state.v
        self.step = state.step

    def predictor(self) -> NextLogits:
        """A reader of one new document with the parameters of this moment, on a machine of its own."""
        return Reader(self.program, self.machine.parameters).next_logits


class Reader:
    """Runs the program forward, position by position, over tokens that come one at a time."""

    def __init__(self, program: Program, parameters: np.ndarray) -> None:
        self.machine = Machine(program)
        self.machine.data[: program.num_parameters] = parameters
        self.tokens: list[int] = []
        self._logits = [tensor for tensor in program.tensors if tensor.stage == "logit"]

    def next_logits(self, token: int, position: int) -> Vector:
        """The logits after the token at a position; position 0 starts a new document.

        Raises ValueError for a position that does not follow the last one.
        """
        if position > len(self.tokens):
            raise ValueError(f"position {position} does not follow position {len(self.tokens) - 1}")
        self.tokens[position:] = [token]
        machine, program, logits = self.machine, self.machine.program, self._logits[position]
        machine.choose([*self.tokens, 0])  # the target does not matter: the loss is not computed
        machine.forward(int(program.position_start[position]), logits.stop)
        return [Value(x) for x in machine.data[program.elements(logits)].tolist()]
