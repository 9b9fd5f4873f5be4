"""Statistics of a matrix in words: short beside its name, on a line of their own, and in full."""

from __future__ import annotations

from microgpt_studio.debugger.matrix_statistics import Statistics
from microgpt_studio.widgets.mosaic_paint import Note
from microgpt_studio.widgets.number_text import fitted, full, short

_ROOM = 8  # characters of a number beside a name
NOTE_ROOM = (len("min ") + _ROOM, len("max ") + _ROOM, len("norm ") + _ROOM, len("zeros 100%"))


def note_of(figures: Statistics, *, sums: bool) -> Note:
    """Beside the name; empty words where nothing is known. Without `sums` no norm and no zeros: of logarithms."""
    if not figures.known:
        return ("",) * len(NOTE_ROOM)
    extremes = f"min {fitted(figures.low, _ROOM)}", f"max {fitted(figures.high, _ROOM)}"
    if not sums:
        return (*extremes, "", "")
    return (
        *extremes,
        f"norm {fitted(figures.norm, _ROOM)}",
        f"zeros {percent(figures.zeros, figures.known)}",
    )


def statistics_texts(figures: Statistics, digits: int, *, sums: bool) -> list[tuple[str, str]]:
    """What, and how much, on one line."""
    if not figures.known:
        return [("", "no numbers yet")]
    found = [("min", short(figures.low, digits)), ("max", short(figures.high, digits))]
    if sums:
        found += [("norm", short(figures.norm, digits)), ("zeros", percent(figures.zeros, figures.known))]
    if figures.nonfinite:
        found.append(("nan or inf", f"{figures.nonfinite:,}"))
    if figures.known < figures.count:
        found.append(("known", f"{figures.known:,} of {figures.count:,}"))
    return found


def statistics_lines(figures: Statistics, *, sums: bool) -> list[str]:
    """In full, a line each."""
    if not figures.known:
        return ["no numbers yet"]
    lines = [f"min {full(figures.low)}", f"max {full(figures.high)}"]
    if sums:
        lines += [f"norm {full(figures.norm)} (Euclidean)", f"zeros {figures.zeros:,} of {figures.known:,}"]
    if figures.nonfinite:
        lines.append(f"nan or infinite {figures.nonfinite:,}")
    if figures.known < figures.count:
        lines.append(f"of {figures.known:,} of {figures.count:,} numbers: the rest is not known")
    return lines


def percent(part: int, whole: int) -> str:
    """A share without decimals; what is neither nothing nor all never reads 0% or 100%."""
    if part in (0, whole):
        return "0%" if part == 0 else "100%"
    share = 100 * part / whole
    return "<1%" if share < 1 else ">99%" if share > 99 else f"{share:.0f}%"
