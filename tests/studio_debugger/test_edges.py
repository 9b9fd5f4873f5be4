"""The edges are those of plain Values, each tile counts those that lie in it, and the nearest one is found."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from microgpt.value import Value
from microgpt_studio.debugger import edges as edges_module
from microgpt_studio.debugger.derivatives import local_derivatives
from microgpt_studio.debugger.edges import EdgeFigures, Edges, NumbersOfEdges, Tiles, WholeGraph
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted


def edges_of(session: Session) -> Edges:
    edges = session.snapshot(1, Wanted(inquiries=frozenset({WholeGraph()}))).answer(WholeGraph())
    assert edges is not None
    return edges


def figures_of(session: Session, start: int, stop: int) -> EdgeFigures:
    asked = NumbersOfEdges(start, stop)
    figures = session.snapshot(1, Wanted(inquiries=frozenset({asked}))).answer(asked)
    assert figures is not None
    return figures


def pairs(edges: Edges) -> list[tuple[int, int]]:
    """(operand, consumer) of every edge, in places."""
    return [(operand, consumer) for consumer in range(edges.num_scalars) for operand in edges.operands(consumer)]


@pytest.mark.parametrize("updates", [1, 2, 3, 4])
def test_the_edges_are_those_of_plain_values(session: Session, plain_run_of, updates: int) -> None:
    session.run(updates)
    plain, edges = plain_run_of(session), edges_of(session)
    expected = Counter(
        (plain.ids[operand], consumer)
        for consumer, value in plain.values.items()
        for operand in value.operands
        if isinstance(operand, Value)
    )
    assert Counter((edges.id_of(a), edges.id_of(b)) for a, b in pairs(edges)) == expected
    assert edges.count == expected.total()
    ids = [edges.id_of(place) for place in range(edges.num_scalars)]
    assert ids == list(plain.values)
    for start, stop in ((0, edges.num_scalars), (7, edges.num_scalars - 1), (edges.num_scalars - 3, 10**9)):
        assert edges.ids_of(start, stop).tolist() == ids[start:stop]
    assert all(a < b for a, b in pairs(edges))


def test_every_live_scalar_has_a_place(session: Session) -> None:
    session.update()
    while session.runner.machine.positions == session.description.program.config.block_size:
        session.update()
    edges = edges_of(session)
    ids = [edges.id_of(place) for place in range(edges.num_scalars)]
    assert [edges.place_of(scalar) for scalar in ids[::101] + ids[-9:]] == [
        *range(len(ids))[::101],
        *range(len(ids))[-9:],
    ]
    everything = range(session.description.program.num_scalars)
    others = sorted(set(everything).difference(ids))
    assert others
    assert all(edges.place_of(scalar) is None for scalar in others[::101] + others[-9:])
    assert edges.places_of(np.array(everything, dtype=np.int32)).tolist() == list(range(len(ids)))


def test_consumers(session: Session) -> None:
    session.run(1)
    edges = edges_of(session)
    uses: dict[int, set[int]] = {}
    for operand, consumer in pairs(edges):
        uses.setdefault(operand, set()).add(consumer)
    for place in range(0, edges.num_scalars, 37):
        assert edges.consumers(place).tolist() == sorted(uses.get(place, set()))


def brute_counts(all_pairs: list[tuple[int, int]], tiles: Tiles) -> list[list[int]]:
    counts = [[0] * tiles.columns for _ in range(tiles.rows)]
    for operand, consumer in all_pairs:
        row, column = (consumer >> tiles.shift_y) - tiles.top, (operand >> tiles.shift_x) - tiles.left
        if 0 <= row < tiles.rows and 0 <= column < tiles.columns:
            counts[row][column] += 1
    return counts


@pytest.mark.parametrize("has_coarse", [False, True])
def test_tiles_count_the_edges_in_them(session: Session, monkeypatch: pytest.MonkeyPatch, has_coarse: bool) -> None:
    if has_coarse:
        monkeypatch.setattr(edges_module, "_COARSE_FROM", 1)
        monkeypatch.setattr(edges_module, "_COARSE_SIDE", 100)
    session.run(2)
    edges = edges_of(session)
    assert (edges.coarse is not None) == has_coarse
    rng, all_pairs = np.random.default_rng(1), pairs(edges)
    for shift in range(14):
        for other in {shift, max(shift - 3, 0), min(shift + 2, 13)}:
            across, down = edges.num_scalars >> shift, edges.num_scalars >> other
            left, top = int(rng.integers(0, across + 1)), int(rng.integers(0, down + 1))
            tiles = Tiles(shift, other, left, top, min(across - left + 2, 60), min(down - top + 2, 60))
            assert edges.counts(tiles).tolist() == brute_counts(all_pairs, tiles)
    if edges.coarse is not None:
        assert edges.coarse.sum() == edges.count


def test_the_nearest_edge_is_found(session: Session) -> None:
    session.run(1)
    edges = edges_of(session)
    for operand, consumer in pairs(edges)[::97]:
        assert edges.nearest(operand + 0.4, consumer + 0.6, 30.0, 20.0, 6.0) == (operand, consumer)
    rng = np.random.default_rng(2)
    everything = np.array(pairs(edges))
    for _ in range(200):
        x, y = rng.uniform(0, edges.num_scalars, 2)
        sx, sy = rng.uniform(0.01, 3, 2)
        away = np.maximum(np.abs(everything + 0.5 - [x, y]) - 0.5, 0.0) * [sx, sy]
        distances = (away**2).sum(axis=1)
        found = edges.nearest(x, y, sx, sy, 10.0)
        if distances.min() > 100.0:
            assert found is None
        else:
            assert found is not None
            at = int(np.flatnonzero((everything == found).all(axis=1))[0])
            assert distances[at] == pytest.approx(distances.min())


def test_the_numbers_of_edges_are_those_of_plain_python(session: Session, plain_run_of) -> None:
    session.run(3)
    plain, edges = plain_run_of(session), edges_of(session)
    figures = figures_of(session, 0, edges.num_scalars)
    expected = {
        (plain.ids[operand], consumer, derivative, derivative * grad)
        for operand, uses in plain.contributions.items()
        for consumer, grad, derivative in uses
    }
    shown = {
        (edges.id_of(operand), edges.id_of(consumer), derivative, contribution)
        for consumer in range(edges.num_scalars)
        if figures.contribution_reach[consumer] == Reach.KNOWN
        for operand, derivative, contribution in zip(
            edges.operands(consumer),
            figures.derivatives[:, consumer].tolist(),
            figures.contributions[:, consumer].tolist(),
            strict=False,
        )
    }
    assert shown == expected
    machine = session.runner.machine
    for place in range(edges.num_parameters, edges.num_scalars, 11):
        derivatives = local_derivatives(machine, edges.id_of(place))
        assert tuple(figures.derivatives[: len(derivatives), place].tolist()) == derivatives


def test_numbers_are_known_as_far_as_the_update_is_done(session: Session) -> None:
    session.run(1)
    forward, backward, _ = session.execution.lengths
    session.execution.go_to(Place(0, forward // 2))
    place = session.description.program.num_parameters + forward // 2
    assert figures_of(session, place - 1, place + 1).derivative_reach.tolist() == [Reach.KNOWN, Reach.NOT_COMPUTED]
    assert set(figures_of(session, place - 1, place + 1).contribution_reach.tolist()) == {Reach.NOT_COMPUTED}
    session.execution.go_to(Place(0, forward + backward // 2))
    reach = figures_of(session, 0, 10**9).contribution_reach
    assert {Reach.KNOWN, Reach.NOT_COMPUTED, Reach.OUTSIDE} <= set(reach.tolist())


def test_edges_are_kept_for_a_few_documents(session: Session) -> None:
    session.run(1)
    first = edges_of(session)
    assert edges_of(session) is first
    for _ in range(3):
        session.update()
        edges_of(session)
    session.go_to(1)
    assert edges_of(session) is first
    for _ in range(4):
        session.update()
        edges_of(session)
    session.go_to(1)
    again = edges_of(session)
    assert again is not first
    assert (again.first == first.first).all()
    with pytest.raises(ValueError, match="read-only"):
        again.first[0] = 1
