"""What the Health panel says: names, meanings, causes, and what the usual ranges rest on."""

from __future__ import annotations

import math

import numpy as np

from microgpt_studio.debugger.health_figures import DEAD_FOR, Kind
from microgpt_studio.debugger.health_ranges import (
    GROWTH,
    LEAST_FOR_MEDIAN,
    RMSNORM_EPSILON,
    SPIKE,
    Mark,
    Usual,
)
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.health.readings import Reading, Readings
from microgpt_studio.widgets.number_text import full, short

SIGNS = {Mark.NONE: "", Mark.LOW: "▼", Mark.HIGH: "▲", Mark.ZERO: "○", Mark.NONFINITE: "✕"}
UNITS = {
    Kind.GRADIENT: "nats per unit of weight",
    Kind.UPDATE: "ratio",
    Kind.SILENT: "share of units",
    Kind.DEAD: "share of units",
    Kind.ENTROPY: "share of the most there can be",
    Kind.NATS: "nats",
    Kind.STREAM: "length",
}

_MEANING = {
    Kind.GRADIENT: "The length of the loss's gradient: √(Σ g²). It tells how steep the loss is in these weights.",
    Kind.UPDATE: "norm(update) ÷ norm(weights before the update): how far one update moves the matrix.",
    Kind.SILENT: "The share of the layer's ReLUs that let nothing through at any position of this document.",
    Kind.DEAD: (
        f"The share of the layer's ReLUs that let nothing through in the last {DEAD_FOR} updates that were looked at: "
        "all in a row, or, while training runs fast, those that are shown."
    ),
    Kind.ENTROPY: (
        "How evenly the head looks: −Σ w ln w of each row, ÷ ln of its number of keys, mean over the rows "
        "but the first. 0: one key has all; 1: all have the same."
    ),
    Kind.STREAM: "The length of the residual stream at this stage, √(Σ x²), mean over the document's positions.",
}
_CAUSES = {
    Kind.GRADIENT: (
        "A spike: an unusual document, or steps that are too large. "
        "Exactly 0: nothing of the loss depends on it, as where all units of its MLP are silent."
    ),
    Kind.UPDATE: (
        "High: a large learning rate, or small weights, as at the beginning. "
        "Low: a small rate, as at the end, where it falls to 0."
    ),
    Kind.SILENT: "Some silence is how ReLU works. Much: inputs that were pushed below 0 by steps that were too large.",
    Kind.DEAD: "A unit that never fires has no gradient, so it seldom comes back.",
    Kind.ENTROPY: (
        "Near 1: the head has not learned to choose, as at the beginning. Near 0: its scores are so large that "
        "softmax is stuck on one key."
    ),
    Kind.STREAM: (
        "Large: layers add ever longer vectors, and later ones count for little beside them. "
        "Small embeddings: rmsnorm's constant outweighs them."
    ),
}
_GROUND = {
    Kind.GRADIENT: f"{SPIKE:g} × the median of the updates shown; a rule of thumb for spikes",
    Kind.UPDATE: "a rule of thumb, about 1e-3 and ten times less or more; small models often learn well above it",
    Kind.SILENT: "a rule of thumb, half of the units",
    Kind.DEAD: "a rule of thumb, half of the units",
    Kind.ENTROPY: "a rule of thumb: outside it rows are almost one key alone, or almost even",
    Kind.STREAM: f"a rule of thumb, {GROWTH:g} × the length after the first rmsnorm",
}
_EMBED_GROUND = f"√(n_embd × {RMSNORM_EPSILON:g}), below which rmsnorm's constant outweighs the embedding"
_NO_MEDIAN = f"it is {SPIKE:g} × the median of at least {LEAST_FOR_MEDIAN} updates"
_NO_LENGTH = f"it is {GROWTH:g} × the length after the first rmsnorm, which is not computed"
_JUST_SET = "rmsnorm has just set this length to about √n_embd"


def title(reading: Reading) -> str:
    """A figure's full name: "gradient norm of layer0.attn_wq"."""
    name = "all parameters" if reading.figure.name == "all" else reading.figure.name
    if reading.figure.kind is Kind.STREAM:
        return f"stream norm after {name}"
    if reading.figure.kind is Kind.DEAD:
        return f"units of {name} silent in the last {DEAD_FOR}"
    return f"{reading.figure.kind.value} of {name}"


def value_text(reading: Reading, *, exact: bool = False) -> str:
    """Its value; a dash where there is none."""
    return (full if exact else short)(reading.value) if reading.is_known else "–"


def mark_text(reading: Reading) -> str:
    """The mark as sign and word: "▲ high"."""
    return f"{SIGNS[reading.mark]} {reading.mark.value}" if reading.mark is not Mark.NONE else ""


def usual_text(limits: Usual) -> str:
    """A range in numbers."""
    if not limits.is_there:
        return "no usual range"
    if math.isinf(limits.low):
        return f"usual up to {short(limits.high)}"
    if math.isinf(limits.high):
        return f"usual from {short(limits.low)}"
    return f"usual {limits.low:g} to {limits.high:g}"


def meaning(reading: Reading) -> str:
    """What the figure is."""
    return _MEANING[reading.figure.kind]


def causes(reading: Reading) -> str:
    """What usually makes it large or small."""
    return _CAUSES[reading.figure.kind]


def ground(reading: Reading) -> str:
    """Its usual range, and what that rests on."""
    kind, name = reading.figure.kind, reading.figure.name
    if not reading.usual.is_there:
        reason = _NO_MEDIAN if kind is Kind.GRADIENT else _JUST_SET if name == "norm" else _NO_LENGTH
        return f"No usual range: {reason}."
    reason = _EMBED_GROUND if kind is Kind.STREAM and name == "embed" else _GROUND[kind]
    text = usual_text(reading.usual)
    return f"{text[0].upper()}{text[1:]}: {reason}."


def missing(reading: Reading) -> str:
    """Why there is no value."""
    kind = reading.figure.kind
    if reading.reach is Reach.OUTSIDE:
        reason = "all its weights are 0" if kind is Kind.UPDATE else "the document has a single position"
        return f"There is no such number: {reason}."
    if kind is Kind.DEAD:
        return f"Not measured yet: it takes {DEAD_FOR} finished updates that were looked at."
    return "Not computed yet in this update."


def span_text(readings: Readings) -> str:
    """Which updates the histories are about."""
    history = readings.history
    if history.rows is None:
        if not history.count:
            return "none was shown yet"
        return f"the {history.count:,} updates shown of {history.updates[0]} to {history.updates[-1]}"
    if history.stop == history.first:
        return "no update is finished yet"
    whole = f"updates {history.first + 1} to {history.stop}"
    if history.rows.reason is not None:
        return f"{whole}, as far as {history.rows.done}: {history.rows.reason}"
    if history.rows.is_complete:
        return whole
    return f"{whole}: {history.count:,} of {history.stop - history.first:,} replayed"


def silence(readings: Readings, reading: Reading) -> str:
    """How long the units of a layer have been silent, as far as it was measured; empty for other figures."""
    history = readings.history
    if reading.figure.kind not in (Kind.SILENT, Kind.DEAD) or not history.count:
        return ""
    layer = reading.figure.column - readings.places.columns(reading.figure.kind).start
    counts, done = history.silent[-1, layer], int(history.updates[-1])
    if history.rows is None:
        when = f"the {history.measured:,} updates shown, of {history.updates[0]} to {done}"
    else:
        when = f"the {history.measured:,} updates measured, {history.rows.counted_from + 1} to {done}"
    if history.measured == 1:
        when = f"the one update measured, {done}"
    never, longest = int(np.count_nonzero(counts >= history.measured)), int(counts.max())
    if never:
        return f"{never} of {len(counts)} units fired in none of {when}."
    if not longest:
        return f"Every unit fired in update {done}, the last of {when}."
    return f"Every unit fired in some of {when}; one has been silent for the last {longest:,} of them."


def brief(readings: Readings, reading: Reading) -> str:
    """One line about a figure."""
    parts = [title(reading), value_text(reading)]
    if reading.figure.kind is Kind.ENTROPY and (nats := readings.nats(reading)) is not None:
        parts[1] += f" ({short(nats)} nats)"
    if reading.mark is not Mark.NONE:
        parts.append(mark_text(reading))
    parts.append(usual_text(reading.usual))
    if not reading.is_known:
        parts.append(missing(reading))
    return " · ".join([*parts, silence(readings, reading) or meaning(reading)])


def hover(readings: Readings, reading: Reading) -> str:
    """Everything about a figure, with every digit."""
    value = f"{title(reading)}: {value_text(reading, exact=True)} {mark_text(reading)}".rstrip()
    lines = [value]
    if not reading.is_known:
        lines.append(missing(reading))
    elif reading.figure.kind is Kind.DEAD:
        lines.append(f"after update {reading.update}")
    if reading.figure.kind is Kind.ENTROPY and (nats := readings.nats(reading)) is not None:
        lines.append(f"{full(nats)} nats")
    if (extremes := reading.extremes) is not None:
        lines.append(f"{full(extremes[0])} to {full(extremes[1])} in {span_text(readings)}")
    lines += ["", meaning(reading), causes(reading), ground(reading)]
    if text := silence(readings, reading):
        lines.append(text)
    return "\n".join(lines)


def summary(readings: Readings) -> str:
    """What is outside its usual range."""
    update, known = readings.numbers.update, sum(reading.is_known for reading in readings.all)
    if readings.is_empty:
        return f"Update {update}: nothing of it is computed yet. Histories: {span_text(readings)}."
    total = f"Update {update}: {known} of {len(readings.all)} figures known"
    marked = readings.marked
    if not marked:
        return f"{total}, none outside its usual range. Histories: {span_text(readings)}."
    named = ", ".join(f"{SIGNS[reading.mark]} {title(reading)}" for reading in marked[:3])
    more = f" and {len(marked) - 3} more" if len(marked) > 3 else ""
    return f"{total}, {len(marked)} outside their usual ranges: {named}{more}. Histories: {span_text(readings)}."


def as_text(readings: Readings) -> str:
    """All figures as a table, with every digit."""
    lines = [f"update {readings.numbers.update}\tvalue\tunit\tmark\tusual from\tusual to\tafter update"]
    for reading in readings.all:
        low, high = reading.usual.low, reading.usual.high
        limits = ["" if math.isinf(low) else full(low), "" if math.isinf(high) else full(high)]
        value = full(reading.value) if reading.is_known else "not computed"
        unit = UNITS[reading.figure.kind]
        lines.append("\t".join([title(reading), value, unit, reading.mark.value, *limits, str(reading.update)]))
        if reading.figure.kind is Kind.ENTROPY:
            nats = readings.nats(reading)
            text = "not computed" if nats is None else full(nats)
            lines.append("\t".join([title(reading), text, "nats", "", "", "", str(reading.update)]))
    return "\n".join(lines)
