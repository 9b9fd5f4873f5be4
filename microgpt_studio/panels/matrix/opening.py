"""Opening and leaving bands: an axis goes from one grain of names to the next."""

from __future__ import annotations

from microgpt_studio.panels.matrix.bands import Band, Bands, Level
from microgpt_studio.panels.matrix.camera import Axis

_SHARE = 0.7  # of what is seen: a band that is smaller can be opened, one that is larger has been


def open_band(axis: Axis, bands: Bands, pixel: float) -> None:
    """Let the coarsest band at a pixel that does not fill the window already fill it."""
    seen = axis.span.last - axis.span.first
    smaller = [band for band in _bands_at(axis, bands, pixel) if band.size < seen * _SHARE]
    if smaller:
        axis.show(smaller[0].start, smaller[0].stop)


def leave_band(axis: Axis, bands: Bands) -> bool:
    """Let the finest band in the middle that does not fit into the window fill it. False where there is none."""
    seen = axis.span.last - axis.span.first
    larger = [band for band in _bands_at(axis, bands, axis.span.pixels / 2) if band.size > seen / _SHARE]
    if larger:
        axis.show(larger[-1].start, larger[-1].stop)
    return bool(larger)


def _bands_at(axis: Axis, bands: Bands, pixel: float) -> list[Band]:
    """The bands that have the place at a pixel, from coarse to fine."""
    place = min(max(int(axis.span.to_place(pixel)), axis.low), bands.num_places - 1)
    return [bands.at(level, place) for level in Level]
