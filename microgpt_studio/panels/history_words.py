"""The sentences of the History panel: which updates are shown, and why others have no value."""

from __future__ import annotations

from math import isnan

from microgpt_studio.panels.history_curve import HistoryCurve
from microgpt_studio.panels.history_reading import Reading
from microgpt_studio.widgets import full


def reading_of(quantity: str, address: str, update: int, curve: HistoryCurve) -> Reading:
    """What is known of a scalar after an update."""
    value = curve.at(update)
    when = f"after update {update}" if update else "before update 1"
    if not isnan(value):
        return Reading(quantity, address, when, full(value))
    if curve.history is None or curve.last < update <= curve.end:
        return Reading(quantity, address, when, "not computed yet")
    return Reading(quantity, address, when, "no value here")


def coverage(curve: HistoryCurve, width: int, why_missing: str) -> str:
    """Which updates are shown, what is put together, and how many have no value and why.

    `why_missing` is empty where no document lacks the scalar: a nan is then what was computed.
    """
    history = curve.history
    if history is None:
        return "Nothing is computed yet."
    parts = []
    if history.reason is not None:
        parts.append(history.reason)
    looked_at = len(curve.values)
    if not looked_at:
        return parts[0] if parts else "No update is done yet." if not curve.total else "Nothing is computed yet."
    if curve.first:
        parts.append(f"updates {curve.first + 1:,} to {curve.last:,}")
    else:
        parts.append(f"{looked_at:,} updates" if curve.is_complete else f"up to update {curve.last:,}")
    if not curve.is_complete:
        parts[-1] += f" of {curve.end:,}"
    if width > 1:
        parts.append(f"min to max of every {width}")
    if curve.missing:
        missing = f"in {curve.missing:,} of {looked_at:,} updates"
        parts.append(f"gaps: not computed {missing} ({why_missing})" if why_missing else f"gaps: nan {missing}")
    if curve.infinite:
        parts.append(f"infinite in {curve.infinite:,}")
    return " · ".join(parts)
