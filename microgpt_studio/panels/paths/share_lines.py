"""The lines of the table of shares: each cut with its parts, what is inside of a block if opened, and their sum."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Floats
from microgpt_studio.debugger.shares import Part, Shares
from microgpt_studio.widgets import full


@dataclass(frozen=True, slots=True, eq=False)
class ShareLine:
    """One line: a part of a cut, or the sum of its parts. Shares are of 1."""

    label: str
    meaning: str  # in words, for hovering
    row: int | None  # of Shares; None for a sum
    shares: Floats  # (n,)
    flows: Floats  # (n,)
    passes: npt.NDArray[np.bool_]  # (n,)
    total: float | None  # None where no path goes through
    opens: str | None = None  # the block whose inside it opens
    is_open: bool = False
    begins: bool = False  # a cut
    is_inner: bool = False

    @property
    def is_sum(self) -> bool:
        return self.row is None


def share_lines(shares: Shares, opened: Collection[str]) -> tuple[ShareLine, ...]:
    """From the embedding to the loss. `opened` are the blocks whose inside is shown."""
    lines: list[ShareLine] = []
    cuts: dict[int, list[int]] = {}
    for i, row in enumerate(shares.rows):
        cuts.setdefault(row.cut, []).append(i)
    insides: dict[str, list[int]] = {}
    for i, row in enumerate(shares.rows):
        if row.inside is not None:
            insides.setdefault(row.inside, []).append(i)
    for cut, rows in cuts.items():
        first = shares.rows[rows[0]]
        if first.inside is not None:
            continue
        if not shares.cut_passes[cut]:
            lines.append(_line(shares, rows[0], first.name, _subject(first.name), None, begins=True))
        elif first.part is Part.WHOLE:
            total = float(shares.cut_total[cut])
            lines.append(_line(shares, rows[0], first.name, _subject(first.name), total, begins=True))
        else:
            lines += _block(shares, cut, rows, insides.get(first.name, []), opened)
    return tuple(lines)


def largest_deviation(shares: Shares) -> float:
    """How far the sum of a cut of all paths is from 1 at most; 0 where there is none."""
    whole = {row.cut for row in shares.rows if row.inside is None}
    deviations = [abs(float(shares.cut_total[cut]) - 1.0) for cut in sorted(whole) if shares.cut_passes[cut]]
    return max(deviations, default=0.0)


def as_text(lines: Collection[ShareLine], characters: Collection[str]) -> str:
    """Every line with tabs between, shares in full; empty where no path passes."""
    text = ["\t".join(["share of the gradient", *characters, "sum"])]
    for line in lines:
        cells = [full(share) if passes else "" for share, passes in zip(line.shares, line.passes, strict=True)]
        total = "" if line.total is None else full(line.total)
        text.append("\t".join([line.meaning, *cells, total]))
    return "\n".join(text) + "\n"


def _block(shares: Shares, cut: int, rows: list[int], inside: list[int], opened: Collection[str]) -> list[ShareLine]:
    branch, skip = rows
    name = shares.rows[branch].name
    is_open = name in opened
    lines = [
        _line(
            shares,
            branch,
            name,
            _subject(name),
            float(shares.total[branch]),
            opens=name if inside else None,
            is_open=is_open,
            begins=True,
        )
    ]
    for i in inside if is_open else []:
        word = shares.rows[i].name.removeprefix(f"{name}.")
        total = float(shares.total[i]) if shares.passes[i].any() else None
        lines.append(_line(shares, i, word, f"{word} of {name}", total, is_inner=True))
    meaning = f"past {name}, as residual"
    total = float(shares.total[skip]) if shares.passes[skip].any() else None
    lines.append(_line(shares, skip, "past it", meaning, total))
    passes = shares.passes[branch] | shares.passes[skip]
    lines.append(
        ShareLine(
            "sum",
            f"through {name} and past it",
            None,
            shares.share[branch] + shares.share[skip],  # 0 where no path passes
            shares.flow[branch] + shares.flow[skip],
            passes,
            float(shares.cut_total[cut]),
        )
    )
    return lines


def _subject(name: str) -> str:
    if name == "embed":
        return "embedding"
    return "loss of a position" if name == "loss" else f"through {name}"


def _line(
    shares: Shares,
    i: int,
    label: str,
    meaning: str,
    total: float | None,
    *,
    opens: str | None = None,
    is_open: bool = False,
    begins: bool = False,
    is_inner: bool = False,
) -> ShareLine:
    return ShareLine(
        label, meaning, i, shares.share[i], shares.flow[i], shares.passes[i], total, opens, is_open, begins, is_inner
    )
