"""History: the scalars that were looked at, to go back and forward through, as a browser does."""

_LONGEST = 100


class History:
    """A bounded list of ids with a place in it."""

    def __init__(self) -> None:
        self._visited: list[int] = []
        self._place = -1

    def __len__(self) -> int:
        return len(self._visited)

    @property
    def previous(self) -> int | None:
        """Where going back leads."""
        return self._visited[self._place - 1] if self._place > 0 else None

    @property
    def next(self) -> int | None:
        """Where going forward leads."""
        return self._visited[self._place + 1] if self._place + 1 < len(self._visited) else None

    def visit(self, scalar: int) -> None:
        """The scalar is looked at: the present one is no news, any other drops what lay ahead."""
        if self._visited and self._visited[self._place] == scalar:
            return
        self._visited = [*self._visited[: self._place + 1], scalar][-_LONGEST:]
        self._place = len(self._visited) - 1

    def go_back(self) -> int | None:
        """Step back; returns the id there, or None at the beginning."""
        scalar = self.previous
        self._place -= scalar is not None
        return scalar

    def go_forward(self) -> int | None:
        """Step forward; returns the id there, or None at the end."""
        scalar = self.next
        self._place += scalar is not None
        return scalar
