"""The blocks of the enlarged head: one query's scores, weights and output, term by term.

A block says what it shows; where that lies and how it is painted is for the sheet to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from microgpt_studio.debugger.attention_terms import HeadTermNumbers, Scalars
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.theme import Scale, ScaleKind
from microgpt_studio.widgets import short


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a table. None for a value: not computed yet. None for a scalar: it is not one of the program's."""

    value: float | None
    scalar: int | None = None
    key: int | None = None  # the key's position that it is about, if it is not the chosen one
    note: str = ""  # for the tool tip

    @classmethod
    def of(cls, scalars: Scalars, *index: int, key: int | None = None, note: str = "") -> Figure:
        """One of some scalars."""
        return cls(scalars.number(*index), int(scalars.ids[index]), key, note)


@dataclass(frozen=True, slots=True)
class Row:
    """A label and the figures of the last columns."""

    label: str
    figures: tuple[Figure, ...]
    chosen: bool = False  # it is the row of the chosen key


@dataclass(frozen=True, slots=True)
class Table:
    """Figures in columns; every label fits `label` characters, unless its row leaves columns free."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    label: int


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """A matrix of scalars by colour, by one scale; rows without a scalar are blank."""

    heading: str
    ids: np.ndarray  # (R, J) -1: none
    data: np.ndarray  # (R, J)
    known: np.ndarray  # (R, J)
    scale: Scale


@dataclass(frozen=True, slots=True, eq=False)
class Strips:
    """Matrices side by side with the same rows."""

    title: str
    labels: tuple[str, ...]
    keys: tuple[int | None, ...]  # the key's position of each row
    strips: tuple[Strip, ...]
    chosen: int  # the row of the chosen key


Block = Table | Strips


def blocks(terms: HeadTermNumbers, head: str, characters: Sequence[str], key: int) -> tuple[Block, ...]:
    """All of one query; `characters` are those of the positions, and `key` is the chosen position."""
    return (
        _score(terms, head, characters, key),
        _weights(terms, characters, key),
        _output(terms, characters, key),
        _vectors(terms, characters, key),
        _outputs(terms, characters, key),
    )


def _named(position: int, characters: Sequence[str]) -> str:
    return f"{position} “{characters[position]}”"


def _score(terms: HeadTermNumbers, head: str, characters: Sequence[str], key: int) -> Table:
    """The dot product of query and key component by component, and what it becomes."""
    size = len(terms.q.ids)
    rows = [
        Row(
            str(terms.first_component + j),
            (
                Figure.of(terms.q, j),
                Figure.of(terms.k, key, j),
                Figure.of(terms.product, key, j, note="q × k"),
                Figure.of(terms.total, key, j, note="the dot product" if j == size - 1 else "the products so far"),
            ),
        )
        for j in range(size)
    ]
    rows += [
        Row(f"× 1/√{size}", (Figure(terms.scale, note="a constant of the program"),)),
        Row("= score", (Figure.of(terms.score, key),)),
        Row("softmax: weight", (Figure.of(terms.weight, key),)),
    ]
    title = f"{head}: q of {_named(terms.query, characters)} · k of {_named(key, characters)}"
    return Table(title, ("q", "k", "q × k", "sum"), tuple(rows), 2)


def _weights(terms: HeadTermNumbers, characters: Sequence[str], key: int) -> Table:
    """All keys of the query, whose weights add up to 1."""
    known = terms.weight.reach == Reach.KNOWN
    label = len(f"{len(known) - 1} c")
    total = short(float(terms.weight_total[-1])) if known.all() else "…"
    rows = tuple(
        Row(
            f"{t} {characters[t]}".rjust(label),
            (
                Figure.of(terms.total, t, -1, key=t, note="the dot product"),
                Figure.of(terms.score, t, key=t),
                Figure.of(terms.weight, t, key=t),
                Figure(
                    float(terms.weight_total[t]) if known[: t + 1].all() else None,
                    key=t,
                    note="the weights added up from key 0 on; no scalar of the program",
                ),
            ),
            t == key,
        )
        for t in range(len(known))
    )
    return Table(
        f"row {_named(terms.query, characters)}: its weights add up to {total}",
        ("q · k", "score", "weight", "Σ"),
        rows,
        label,
    )


def _output(terms: HeadTermNumbers, characters: Sequence[str], key: int) -> Table:
    """What the chosen key adds to the output."""
    last = len(terms.weight.ids) - 1
    rows = tuple(
        Row(
            str(terms.first_component + j),
            (
                Figure.of(terms.v, key, j),
                Figure.of(terms.weighted, key, j, note="weight × v"),
                Figure.of(terms.out_total, key, j, note="of the keys up to this one"),
                Figure.of(terms.out_total, last, j, note="of all keys: the head's output"),
            ),
        )
        for j in range(len(terms.q.ids))
    )
    return Table(f"weight × v of {_named(key, characters)} → out", ("v", "w × v", "so far", "out"), rows, 2)


def _vectors(terms: HeadTermNumbers, characters: Sequence[str], key: int) -> Strips:
    """The query above the keys, and beside them their products."""
    blank = Scalars(np.full(terms.q.ids.shape, -1), terms.q.data, np.zeros_like(terms.q.reach))
    return Strips(
        "q, and k of all keys",
        ("q", *_labels(terms, characters)),
        (None, *range(len(terms.weight.ids))),
        (_strip("q, k", terms.q, terms.k), _strip("q × k", blank, terms.product)),
        key + 1,
    )


def _outputs(terms: HeadTermNumbers, characters: Sequence[str], key: int) -> Strips:
    """The values, what the weights make of them, and below their sum."""
    last = len(terms.weight.ids) - 1
    out = Scalars(terms.out_total.ids[last], terms.out_total.data[last], terms.out_total.reach[last])
    blank = Scalars(np.full(out.ids.shape, -1), out.data, np.zeros_like(out.reach))
    return Strips(
        "v of all keys, weighted, and out",
        (*_labels(terms, characters), "out"),
        (*range(last + 1), None),
        (_strip("v", terms.v, blank), _strip("w × v", terms.weighted, out)),
        key,
    )


def _labels(terms: HeadTermNumbers, characters: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{t} {characters[t]}" for t in range(len(terms.weight.ids)))


def _strip(heading: str, above: Scalars, below: Scalars) -> Strip:
    ids, data = np.vstack([above.ids, below.ids]), np.vstack([above.data, below.data])
    known = np.vstack([above.reach, below.reach]) == Reach.KNOWN
    return Strip(heading, ids, data, known, Scale.fit(data[known], ScaleKind.SIGNED))
