"""The neighbourhood: one scalar with its operands and consumers to some depth, as the loaded document binds them.

Its edges are the program's own: each is one use of one scalar by another. A long sum may be folded into one node, Σ;
then the edges within it are not drawn, and one that leads into it still is the program's edge to the product, or sum,
that uses the scalar. It holds ids and no numbers, so that it stays the same while training changes the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

from microgpt.program.machine import Machine
from microgpt.program.program import Ids, Operation
from microgpt_studio.debugger.consumers import Consumers
from microgpt_studio.debugger.long_sums import LongSums

MOST_NODES = 300  # drawn
MOST_DEPTH = 6

Flags = npt.NDArray[np.bool_]


class Direction(Enum):
    """Where to go from the selected scalar."""

    OPERANDS = "operands"  # what it is made from
    LOSS = "loss"  # what uses it
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of the graph around a scalar is wanted."""

    scalar: int
    depth: int = 1  # of operands, and of consumers; a long sum counts as one
    direction: Direction = Direction.BOTH
    opened: frozenset[int] = frozenset()  # names of long sums that are drawn with their terms, if there is room
    all_opened: bool = False  # every long sum for whose terms there is room, the nearest first


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhood:
    """n nodes, those of a long sum side by side, and e edges. Read-only.

    Equal ones answer the same question in the same way.
    """

    extent: Extent
    focus: int  # the node of the selected scalar; of a folded Σ that it belongs to, if that could not be opened
    scalars: Ids  # (n,) what each node stands for; a Σ for its last sum
    operation: npt.NDArray[np.uint8]  # (n,) Operation
    constant: Ids  # (n,) index of the constant operand; -1 for none
    terms: Ids  # (n,) how many terms the long sum has whose last sum this is; 0 for all other nodes
    products: Flags  # (n,) whether these terms are products that belong to the long sum
    folded: Flags  # (n,) whether the node is a Σ that stands for all of its long sum
    names: Ids  # (n,) the name of the long sum that a node belongs to; -1 for none
    distance: Ids  # (n,) steps from the selected scalar: negative for operands
    operands_left: Ids  # (n,) edges from operands that are not drawn
    consumers_left: Ids  # (n,) edges to consumers that are not drawn
    operand: Ids  # (e,) the node that an edge comes from
    consumer: Ids  # (e,) the node that it leads to
    edge_operand: Ids  # (e,) id of the scalar that is used
    edge_consumer: Ids  # (e,) id of the scalar that uses it: of a folded Σ one of its products or sums
    slot: npt.NDArray[np.uint8]  # (e,) 0 or 1: its first or second operand
    omitted: int  # nodes next to these, and near enough, for which there was no room
    signature: bytes

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Neighbourhood):
            return NotImplemented
        return self.extent == other.extent and self.signature == other.signature

    def __hash__(self) -> int:
        return hash(self.signature)

    @property
    def without_room(self) -> int | None:
        """A Σ that should be open, but has more terms than there is room for; None where there is none."""
        asked = np.isin(self.names, np.fromiter(self.extent.opened, np.int32, len(self.extent.opened)))
        found = np.flatnonzero(self.folded & asked)
        return int(found[0]) if len(found) else None

    @property
    def num_nodes(self) -> int:
        return len(self.scalars)

    @property
    def num_edges(self) -> int:
        return len(self.operand)

    def node_of(self, scalar: int) -> int | None:
        """The node that stands for just this scalar, or has it as its last sum."""
        found = np.flatnonzero(self.scalars == scalar)
        return int(found[0]) if len(found) else None


class Surroundings:
    """Finds neighbourhoods in what a machine has loaded. Made once for a machine; costs some milliseconds."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.consumers = Consumers(machine)
        self.sums = LongSums(machine)

    def find(self, extent: Extent) -> Neighbourhood | None:
        """The neighbourhood; None where the loaded document does not have the scalar."""
        scalar = np.array([extent.scalar], dtype=np.int32)
        if not self.consumers.is_live(scalar)[0]:
            return None
        return self._drawn(extent, _Walk(self, extent))

    def members(self, units: Ids) -> tuple[Ids, Ids]:
        """All scalars of units (scalars, and long sums by their last sum): (M,) which unit, (M,) the scalar."""
        names = self.sums.names(units)
        long = np.flatnonzero((names >= 0) & (units == self.sums.heads(units)))
        which, scalars = self.sums.members(names[long])
        single = np.setdiff1d(np.arange(len(units)), long)
        which = np.concatenate([long[which], single])
        scalars = np.concatenate([scalars, units[single]])
        order = np.lexsort((scalars, which))
        return which[order].astype(np.int32), scalars[order].astype(np.int32)

    def operands(self, scalars: Ids) -> tuple[Ids, npt.NDArray[np.uint8], Ids]:
        """The operands of some scalars: (U,) whose, by place, (U,) first or second, (U,) the operand."""
        operands = np.stack([self.machine.first[scalars], self.machine.program.second[scalars]], axis=1)  # (n, 2)
        place, slot = np.nonzero(operands >= 0)
        return place.astype(np.int32), slot.astype(np.uint8), operands[place, slot]

    def _drawn(self, extent: Extent, walk: _Walk) -> Neighbourhood:
        program, sums = self.machine.program, self.sums
        which, scalars = self.members(walk.units)  # all scalars that are there, drawn or within a Σ
        opened = walk.opened[which]
        is_unit = scalars == walk.units[which]
        shown = opened | is_unit
        node = np.cumsum(shown, dtype=np.int32) - 1
        node = np.where(opened, node, node[_last_of_each(which)][which])
        drawn = scalars[shown]
        by_id = np.argsort(scalars, kind="stable")

        place, slot, operand = self.operands(scalars)
        at = by_id[np.minimum(np.searchsorted(scalars[by_id], operand), len(scalars) - 1)]
        inside = scalars[at] == operand
        left = np.bincount(node[place[~inside]], minlength=len(drawn)).astype(np.int32)
        edge = inside & (node[at] != node[place])
        head = walk.units[which[shown]] == drawn
        place_of_use, user = self.consumers.of(drawn)
        user_is_in = np.isin(user, scalars)
        names = sums.names(drawn)
        _, members = np.unique(which, return_counts=True)
        sums_in = np.bincount(which, weights=program.operation[scalars] == Operation.SUM).astype(np.int32)
        is_long = (names >= 0) & head
        terms = np.where(is_long, sums_in[which[shown]], 0).astype(np.int32)
        arrays: dict[str, Any] = {
            "scalars": drawn,
            "operation": program.operation[drawn],
            "constant": program.constant[drawn],
            "terms": terms,
            "products": is_long & (members[which[shown]] == 2 * terms),
            "folded": is_long & ~walk.opened[which[shown]],
            "names": names,
            "distance": walk.distance[which[shown]],
            "operands_left": left,
            "consumers_left": np.bincount(place_of_use[~user_is_in], minlength=len(drawn)).astype(np.int32),
            "operand": node[at[edge]],
            "consumer": node[place[edge]],
            "edge_operand": operand[edge],
            "edge_consumer": scalars[place[edge]],
            "slot": slot[edge],
        }
        for array in arrays.values():
            array.flags.writeable = False
        focus = int(node[np.flatnonzero(scalars == extent.scalar)[0]])
        signature = b"".join((str((focus, walk.omitted)).encode(), *(array.tobytes() for array in arrays.values())))
        return Neighbourhood(extent, focus, **arrays, omitted=walk.omitted, signature=signature)


class _Walk:
    """Goes from a scalar to its operands and consumers, level by level. A unit is a scalar or a long sum."""

    def __init__(self, surroundings: Surroundings, extent: Extent) -> None:
        self._surroundings = surroundings
        self._sums = surroundings.sums
        self._extent = extent
        start = self._sums.heads(np.array([extent.scalar], dtype=np.int32))
        self.units = np.empty(0, dtype=np.int32)
        self.distance = np.empty(0, dtype=np.int32)
        self.opened = np.empty(0, dtype=np.bool_)  # long sums whose terms are drawn
        self.omitted = 0
        self._room = MOST_NODES
        self._take(start, 0, 1)
        if start[0] != extent.scalar:  # it is inside of a long sum
            self._open(np.ones(1, dtype=np.bool_))
        self._go()
        names = self._sums.names(self.units)
        self._open(np.isin(names, np.fromiter(extent.opened, np.int32, len(extent.opened))))
        if extent.all_opened:
            self._open(np.ones(len(self.units), dtype=np.bool_))

    def _go(self) -> None:
        operands = consumers = self.units
        nothing = self.units[:0]
        direction = self._extent.direction
        for depth in range(1, self._extent.depth + 1):
            before = self._new(self._operands_of(operands)) if direction is not Direction.LOSS else nothing
            after = self._new(self._consumers_of(consumers)) if direction is not Direction.OPERANDS else nothing
            operands = self._take(before, -depth, max(self._room // 2, self._room - len(after)))
            consumers = self._take(after, depth, self._room)

    def _new(self, units: Ids) -> Ids:
        """Those that are not drawn yet, each once, in their order."""
        _, first = np.unique(units, return_index=True)
        units = units[np.sort(first)]
        return units[~np.isin(units, self.units)]

    def _take(self, units: Ids, distance: int, most: int) -> Ids:
        """Draw the first of some new units, and count the others."""
        taken = units[:most]
        self.omitted += len(units) - len(taken)
        self._room -= len(taken)
        self.units = np.concatenate([self.units, taken])
        self.distance = np.concatenate([self.distance, np.full(len(taken), distance, dtype=np.int32)])
        self.opened = np.concatenate([self.opened, np.zeros(len(taken), dtype=np.bool_)])
        return taken

    def _open(self, wanted: Flags) -> None:
        """Draw the terms of long sums, the nearest first, as long as there is room."""
        long = wanted & ~self.opened & (self._sums.names(self.units) >= 0)
        more = self._sizes(self.units) - 1
        for unit in np.flatnonzero(long).tolist():
            if more[unit] <= self._room:
                self.opened[unit] = True
                self._room -= int(more[unit])

    def _sizes(self, units: Ids) -> Ids:
        which, _ = self._surroundings.members(units)
        return np.bincount(which, minlength=len(units)).astype(np.int32)

    def _operands_of(self, units: Ids) -> Ids:
        _, scalars = self._surroundings.members(units)
        _, _, operands = self._surroundings.operands(scalars)
        heads = self._sums.heads(operands)
        return heads[~np.isin(heads, units)]

    def _consumers_of(self, units: Ids) -> Ids:
        _, users = self._surroundings.consumers.of(units)
        return self._sums.heads(users)


def _last_of_each(which: Ids) -> npt.NDArray[np.intp]:
    """The last place of each unit in a sorted list of them: that of its last sum."""
    return np.append(np.flatnonzero(np.diff(which)), len(which) - 1)
