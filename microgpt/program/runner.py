"""The runner: training with a recorded program, bit-identical to the plain `Training`, a few hundred times as fast."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from microgpt.adam import Adam
from microgpt.data import Tokenizer, shuffled
from microgpt.model import Vector, draw_parameters
from microgpt.program.machine import Machine
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
        document, machine, step = self.document(self.step), self.machine, self.step
        machine.load(self.tokenizer.encode(document))
        loss = machine.forward_all()
        machine.backward_all()
        machine.update(self.adam, step, self.num_steps, 0, self.program.num_parameters)
        self.step += 1
        rate = self.adam.rate(step, self.num_steps)
        return Update(self.step, document, loss, rate, machine.grad_norm())

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
        self._logits = [program.elements(tensor) for tensor in program.tensors if tensor.stage == "logit"]

    def next_logits(self, token: int, position: int) -> Vector:
        """The logits after the token at a position; position 0 starts a new document.

        Raises ValueError for a position that does not follow the last one.
        """
        if position > len(self.tokens):
            raise ValueError(f"position {position} does not follow position {len(self.tokens) - 1}")
        self.tokens[position:] = [token]
        machine, program = self.machine, self.machine.program
        machine.choose([*self.tokens, 0])
        machine.forward(int(program.position_start[position]), int(program.position_start[position + 1]))
        return [Value(x) for x in machine.data[self._logits[position]].tolist()]
