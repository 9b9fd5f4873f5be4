"""Whether the strongest chain is drawn, what is asked for it, and the latest answer."""

from __future__ import annotations

from collections.abc import Iterator

from microgpt_studio.debugger.paths import Paths, PathsOf
from microgpt_studio.debugger.snapshot import Snapshot


class ChainAsking:
    """Of the selected scalar. While training runs the answer comes less often than pictures: the last one is kept."""

    def __init__(self) -> None:
        self.wanted = False
        self._told: Paths | None = None

    def inquiries(self, selection: int | None) -> Iterator[PathsOf]:
        """What is to be asked while this scalar is selected."""
        if self.wanted and selection is not None:
            yield PathsOf(selection)

    def paths(self, snapshot: Snapshot, selection: int | None) -> Paths | None:
        """The paths whose strongest chain is drawn, as they were last told."""
        if not self.wanted or selection is None:
            return None
        self._told = snapshot.answer(PathsOf(selection)) or self._told
        return self._told if self._told is not None and self._told.scalar == selection else None
