"""Training: documents in shuffled order, one an update: forward, backward, Adam."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from microgpt.adam import Adam
from microgpt.data import Tokenizer, shuffled
from microgpt.model import Configuration, draw_parameters, loss
from microgpt.sample import NextLogits, predictor


@dataclass(frozen=True, slots=True)
class Update:
    """What one update did. The first has step 1."""

    step: int
    document: str
    loss: float  # nats, before the update
    lr: float
    grad_norm: float  # of all parameters together


@dataclass(frozen=True, slots=True)
class State:
    """All that training has learned: with the settings and the data, enough to go on exactly as before."""

    step: int  # updates done
    parameters: Sequence[float]
    m: Sequence[float]
    v: Sequence[float]


class Training:
    """The plain loop over plain Values."""

    def __init__(self, documents: Sequence[str], config: Configuration, adam: Adam, num_steps: int, seed: int) -> None:
        self.config = config
        self.adam = adam
        self.num_steps = num_steps
        self.tokenizer = Tokenizer.of(documents)
        self.rng = random.Random(seed)  # draws the order of the documents, the parameters, then the samples
        self.documents = shuffled(documents, self.rng)
        self.matrices = draw_parameters(config, self.rng)
        self.parameters = [p for matrix in self.matrices.values() for row in matrix for p in row]
        self.m = [0.0] * len(self.parameters)
        self.v = [0.0] * len(self.parameters)
        self.step = 0  # updates done

    def update(self) -> Update:
        """Learn from the next document."""
        document = self.documents[self.step % len(self.documents)]
        mean_loss = loss(self.matrices, self.config, self.tokenizer.encode(document))
        for p in self.parameters:
            p.grad = 0.0
        mean_loss.backward()
        self.adam.update(self.parameters, self.m, self.v, self.step, self.num_steps)
        rate = self.adam.rate(self.step, self.num_steps)
        self.step += 1
        return Update(self.step, document, mean_loss.data, rate, self.grad_norm())

    def grad_norm(self) -> float:
        """The Euclidean norm of the gradient of all parameters."""
        square = 0.0
        for p in self.parameters:
            square += p.grad * p.grad
        return math.sqrt(square)

    def state(self) -> State:
        return State(self.step, [p.data for p in self.parameters], list(self.m), list(self.v))

    def restore(self, state: State) -> None:
        """Go back, or on, to a state of a training with the same sizes."""
        self.step, self.m, self.v = state.step, list(state.m), list(state.v)
        for p, data in zip(self.parameters, state.parameters):
            p.data = data

    def predictor(self) -> NextLogits:
        """A reader of one new document, for sampling."""
        return predictor(self.matrices, self.config)
