"""Sampling: new documents, one token after the other, from the distribution that the model predicts."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from microgpt.data import Tokenizer
from microgpt.model import Configuration, Matrix, Vector, gpt, softmax

NextLogits = Callable[[int, int], Vector]  # (token, its position) → the logits of the token that follows


def predictor(parameters: dict[str, Matrix], config: Configuration) -> NextLogits:
    """A model that reads one document: it remembers the keys and values of the tokens it has been given."""
    keys: list[list[Vector]] = [[] for _ in range(config.n_layer)]
    values: list[list[Vector]] = [[] for _ in range(config.n_layer)]
    return lambda token, position: gpt(parameters, config, token, position, keys, values)


def check_temperature(temperature: float) -> None:
    """Raises ValueError for a temperature that is not positive and finite."""
    if not (math.isfinite(temperature) and temperature > 0):
        raise ValueError(f"temperature is {temperature}, but it has to be positive and finite")


def generate(
    next_logits: NextLogits, tokenizer: Tokenizer, block_size: int, rng: random.Random, temperature: float
) -> str:
    """One new document: it ends where BOS is drawn, or where the block is full.

    A temperature below 1 sharpens the distribution, one above 1 flattens it.
    """
    token, document = tokenizer.bos, ""
    for position in range(block_size):
        probs = softmax([logit / temperature for logit in next_logits(token, position)])
        token = rng.choices(range(tokenizer.vocab_size), weights=[p.data for p in probs])[0]
        if token == tokenizer.bos:
            break
        document += tokenizer.characters[token]
    return document
