"""Size: how many scalars a configuration has and how much memory it needs, told before anything is recorded."""

from __future__ import annotations

from enum import StrEnum

import psutil

from microgpt.model import Configuration

IDS = 2**31  # a program's ids have 32 bits


class Engine(StrEnum):
    """What runs the model: the recorded program, or plain Values."""

    PROGRAM = "program"
    VALUE = "value"


# Bytes a scalar, the most that any of 12 configurations took: from 130 thousand to 2.3 million scalars, mostly graph,
# mostly parameters or mostly vocabulary, one to 64 heads, one to 200 positions. Measured with Python 3.11 as the growth
# of the process's largest resident size, divided by the scalars.
_PROGRAM_BYTES = 170  # recording, some updates, and a machine for sampling beside the one that trains: 96 to 168
_VALUE_BYTES = 290  # one update, all Values alive: 171 to 276
# The backward orders come on top, one for each position and target that training has met.
_ORDER_BYTES = 4  # a scalar of an order
_ORDERS_LIMIT = 512 << 20  # all of them; or two of the whole program, where that is more


def memory_estimate(
    config: Configuration, engine: Engine = Engine.PROGRAM, positions: int | None = None, beside: int = 0
) -> int:
    """The bytes that training needs at its peak.

    A program is as long as the block. Plain Values are made for as many positions as the longest document has, which
    can be told in `positions`. `beside` are bytes a scalar that whoever looks at the program needs beside it.
    """
    if engine is Engine.VALUE:
        return _VALUE_BYTES * scalar_count(config, positions)
    scalars = scalar_count(config)
    order = _ORDER_BYTES * scalars
    return (_PROGRAM_BYTES + beside) * scalars + min(order * config.vocab_size, max(_ORDERS_LIMIT, 2 * order))


def check_memory(
    config: Configuration,
    engine: Engine = Engine.PROGRAM,
    positions: int | None = None,
    available: int | None = None,
    beside: int = 0,
) -> None:
    """Raises ValueError with the estimate where the graph would not fit in memory.

    `available` is in bytes; None asks the system. `beside` as in `memory_estimate`.
    """
    available = psutil.virtual_memory().available if available is None else available
    scalars = scalar_count(config, positions if engine is Engine.VALUE else None)
    needed = memory_estimate(config, engine, positions, beside)
    graph = (
        f"the graph (n_layer {config.n_layer}, n_embd {config.n_embd}, block_size {config.block_size}, "
        f"{config.vocab_size} tokens) would have {min(scalars, 10**300):.3g} scalars"
    )
    if needed > available:
        raise ValueError(
            f"{graph} and need {_gigabytes(needed)} of memory, but {_gigabytes(available)} are available; "
            "choose smaller sizes"
        )
    if engine is Engine.PROGRAM and scalars >= IDS:
        raise ValueError(f"{graph}, more than the {IDS:.3g} that a program can number; choose smaller sizes")


def _gigabytes(count: int) -> str:
    return f"about {count / 1e9:,.1f} GB" if count < 10**15 else "more than a million GB"


def parameter_count(config: Configuration) -> int:
    """The number of parameters."""
    e = config.n_embd
    return (2 * config.vocab_size + config.block_size) * e + config.n_layer * 12 * e * e


def scalar_count(config: Configuration, positions: int | None = None) -> int:
    """The number of scalars of the graph of a document that fills the block, or of one with fewer positions.

    It follows the model line by line; the tests compare it with recorded programs.
    """
    n, e, vocabulary = positions or config.block_size, config.n_embd, config.vocab_size
    rmsnorm = 2 * e + 3 + e  # squares and their sum; mean, plus 1e-5, power; products
    attention = rmsnorm + 4 * linear(e, e) + e
    mlp = rmsnorm + linear(e, 4 * e) + 4 * e + linear(4 * e, e) + e
    prediction = linear(e, vocabulary) + softmax(vocabulary) + 2
    position = e + rmsnorm + config.n_layer * (attention + mlp) + prediction
    # A position looks at itself and all before it: for each of these a score and a weight a head, and sums of values.
    looks = n * (n + 1) // 2
    look = config.n_head * (2 * config.head_size + 1 + softmax(1)) + 2 * e
    return parameter_count(config) + n * position + config.n_layer * looks * look + n + 1


def linear(inputs: int, outputs: int) -> int:
    """The scalars of a matrix times a vector: a product and a sum for each entry."""
    return 2 * inputs * outputs


def softmax(size: int) -> int:
    """The scalars of a softmax: for each entry a difference, exp, a sum, a power and a product."""
    return 5 * size
