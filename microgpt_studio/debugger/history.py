"""History: saved states of past updates, from which any other moment is restored by running forward again.

Its memory is bounded. When it is full every second state goes, so that the rest stay evenly spread over the past.
"""

from __future__ import annotations

import numpy as np

from microgpt.program.program import Floats

FIRST_STRIDE = 16  # updates between two saved states at first
LIMIT = 64 << 20  # bytes


class History:
    """States of P parameters with their moments, at updates that are multiples of `stride`."""

    def __init__(self, num_parameters: int, limit: int = LIMIT) -> None:
        self.stride = FIRST_STRIDE
        self._most = max(2, limit // (3 * 8 * num_parameters))
        self._states: dict[int, Floats] = {}  # updates done → (3, P): parameters, m, v

    @property
    def num_bytes(self) -> int:
        """Memory of the saved states."""
        return sum(state.nbytes for state in self._states.values())

    def is_due(self, updates_done: int) -> bool:
        """Whether the state after so many updates should be saved and is not: the first one always."""
        return not self._states or (updates_done % self.stride == 0 and updates_done not in self._states)

    def save(self, updates_done: int, parameters: Floats, m: Floats, v: Floats) -> None:
        """Keep a copy of the state after so many updates; the arrays are (P,)."""
        if len(self._states) >= self._most:
            self.stride *= 2
            first = min(self._states)
            self._states = {
                done: state for done, state in self._states.items() if done % self.stride == 0 or done == first
            }
        if updates_done % self.stride == 0 or not self._states:
            self._states[updates_done] = np.stack([parameters, m, v])

    def nearest(self, updates_done: int) -> tuple[int, Floats]:
        """The latest saved state that is not after so many updates: its number of updates, and (3, P).

        Raises LookupError where none is.
        """
        earlier = [done for done in self._states if done <= updates_done]
        if not earlier:
            raise LookupError(f"nothing before update {updates_done} was saved")
        return max(earlier), self._states[max(earlier)]

    def updates_until_due(self, updates_done: int) -> int:
        """How many updates may be done in one go before the next state has to be saved."""
        return self.stride - updates_done % self.stride
