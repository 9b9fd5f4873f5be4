"""The update log: loss and gradient norm of every update that was finished, whenever and however often."""

from __future__ import annotations

import numpy as np

from microgpt.program.program import Floats


class UpdateLog:
    """Two growing columns by update, counted from 0; nan where the session has not been.

    What is written a second time, by a replay, is the same to the last bit. So a view that was handed out stays true.
    """

    def __init__(self, first: int) -> None:
        self.known = first  # updates, the unknown ones before the first included
        self._columns = np.full((2, max(1024, 2 * first)), np.nan)

    def write(self, first: int, losses: Floats, grad_norms: Floats) -> None:
        """Note some updates in a row, the first of them `first`."""
        stop = first + len(losses)
        if stop > self._columns.shape[1]:
            grown = np.full((2, 2 * stop), np.nan)
            grown[:, : self.known] = self._columns[:, : self.known]
            self._columns = grown
        self._columns[0, first:stop] = losses
        self._columns[1, first:stop] = grad_norms
        self.known = max(self.known, stop)

    def forget(self, known: int) -> None:
        """Know no more than so many updates: those after them were run only to look what happens in them."""
        self.known = min(self.known, known)

    @property
    def losses(self) -> Floats:
        """(known,) in nats, read-only."""
        return self._view(0)

    @property
    def grad_norms(self) -> Floats:
        """(known,) of all parameters together, read-only."""
        return self._view(1)

    def _view(self, column: int) -> Floats:
        view = self._columns[column, : self.known]
        view.flags.writeable = False
        return view
