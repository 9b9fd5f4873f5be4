"""The end of a scale of probabilities: a round number, so that it is easily read and seldom changes between steps."""

from __future__ import annotations

_ENDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def scale_end(largest: float) -> float:
    """The least round number that is not below a probability; 1 for the large ones, and for nan."""
    return next((end for end in _ENDS if largest <= end), 1.0)
