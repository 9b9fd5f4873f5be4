"""Which query and key of which head a scalar is about, so that the enlarged head can follow the selection."""

from __future__ import annotations

import re
from dataclasses import dataclass

from microgpt.program.program import Program

_PATH = re.compile(r"pos(\d+)\.layer(\d+)\.attn\.head(\d+)\.(score|weight|out)")


@dataclass(frozen=True, slots=True)
class Pair:
    """A query of a head; the key is None where the scalar is about all of them."""

    layer: int
    head: int
    query: int
    key: int | None


def pair_of(program: Program, scalar: int | None) -> Pair | None:
    """What a scalar is about; None for one that is not inside a head's score, weight or output."""
    if scalar is None:
        return None
    match = _PATH.fullmatch(program.tensors[program.tensor[scalar]].path)
    if match is None:
        return None
    query, layer, head = map(int, match.groups()[:3])
    element = int(program.element[scalar])
    return Pair(layer, head, query, element if element >= 0 and match[4] != "out" else None)
