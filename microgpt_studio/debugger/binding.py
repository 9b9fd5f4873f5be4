"""Binding: which scalars a program's operations read once a document is loaded: its tokens choose some, its length one.

It says of a moment's tokens what the machine that has loaded them does, without the machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microgpt.program.program import Ids, Program


def bound_first(program: Program, tokens: Sequence[int]) -> Ids:
    """(N,) the id of every first operand for a document's tokens, BOS first; read-only."""
    positions = min(program.config.block_size, len(tokens) - 1)
    first = program.first.copy()
    count = int(program.chooser_stop[positions])
    chosen = np.asarray(tokens)[program.chooser_token[:count]]
    first[program.chooser[:count]] = program.choices[np.arange(count), chosen]
    first[program.loss] = program.sums_start + positions - 1
    first.flags.writeable = False
    return first
