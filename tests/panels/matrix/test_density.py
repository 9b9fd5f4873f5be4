"""What is drawn are the exact counts of what is seen, at every zoom, each at its place."""

import numpy as np
import pytest

from microgpt_studio.debugger.edges import Edges
from microgpt_studio.panels.matrix.camera import Span
from microgpt_studio.panels.matrix.density import Density, density_colors, ground_colors
from microgpt_studio.panels.matrix.matrix_view import MatrixView
from microgpt_studio.theme import DARK, LIGHT


def pairs(edges: Edges) -> np.ndarray:
    """(edges, 2) operand and consumer."""
    consumers = np.arange(edges.num_scalars)
    sides = [np.stack([side, consumers], axis=1)[side >= 0] for side in (edges.first, edges.second)]
    return np.concatenate(sides)


def test_the_counts_are_the_edges_in_sight_at_random_zooms(view: MatrixView) -> None:
    rng = np.random.default_rng(4)
    everything = pairs(view.edges)
    shifts = set()
    for _ in range(60):
        view.fit()
        x, y = rng.uniform(0, 780), rng.uniform(0, 540)
        across, down = rng.choice([(True, True), (True, False), (False, True)])
        view.camera.zoom(float(np.exp(rng.uniform(0, 12))), x, y, across=bool(across), down=bool(down))
        density, tiles = view.density, view.density.tiles
        size = [1 << tiles.shift_x, 1 << tiles.shift_y]
        inside = everything // size - [tiles.left, tiles.top]
        inside = inside[((inside >= 0) & (inside < [tiles.columns, tiles.rows])).all(axis=1)]
        expected = np.zeros((tiles.rows, tiles.columns), dtype=int)
        np.add.at(expected, (inside[:, 1], inside[:, 0]), 1)
        assert density.counts.tolist() == expected.tolist()
        assert density.counts.max() <= density.limit
        shifts.add((tiles.shift_x, tiles.shift_y))
        for axis, shift, first, count in (
            (view.camera.x, tiles.shift_x, tiles.left, tiles.columns),
            (view.camera.y, tiles.shift_y, tiles.top, tiles.rows),
        ):
            assert first << shift <= max(axis.span.first, 0)
            assert (first + count) << shift >= min(axis.span.last, view.edges.num_scalars) - 1e-6
    assert len(shifts) > 10


def test_all_edges_are_there_when_all_is_seen(view: MatrixView) -> None:
    assert view.density.counts.sum() == view.edges.count


def test_dots_are_large_enough_to_be_seen(view: MatrixView) -> None:
    for factor in (1.0, 7.0, 90.0, 1e4):
        view.fit()
        view.camera.zoom(factor, 400.0, 300.0)
        assert np.diff(view.density.columns).min() >= 1
        assert np.diff(view.density.columns).mean() >= 1.5
    assert view.density.is_single


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_a_dot_is_painted_where_its_edges_are_and_nowhere_else(view: MatrixView, palette) -> None:
    spans = (Span(0.0, 0.02, 700.0), Span(1840.0, 0.015, 500.0)), (Span(5000.0, 9.0, 700.0), Span(5000.0, 7.5, 500.0))
    for x, y in spans:
        density = Density.of(view.edges, x, y)
        out = np.zeros((500, 700), dtype=np.uint32)
        lines_x, lines_y = np.zeros(700, dtype=np.uint8), np.zeros(500, dtype=np.uint8)
        lines_x[350] = 2
        density.paint(density.inks(palette), lines_x, lines_y, palette, out)
        colors, grounds = density_colors(density.limit, palette), ground_colors(palette)
        for i, j in np.argwhere(density.counts > 0)[::5].tolist():
            left, top = max(density.columns[j], 0), max(density.rows[i], 0)
            if left < 700 and top < 500 and density.columns[j + 1] > 1 and density.rows[i + 1] > 1:
                assert out[top, left] == colors[density.counts[i, j]]
        painted = np.isin(out, np.unique(colors[1:]))
        room = np.diff(np.clip(density.columns, 0, 700))[None] * np.diff(np.clip(density.rows, 0, 500))[:, None]
        assert 0 < painted.sum() <= room[density.counts > 0].sum()
        assert set(np.unique(out[~painted]).tolist()) <= set(grounds.tolist())
        assert (out[:, 350][~painted[:, 350]] == grounds[2]).all()


@pytest.mark.parametrize("palette", [DARK, LIGHT])
@pytest.mark.parametrize("limit", [2, 64, 16384])
def test_more_edges_have_a_stronger_color_than_fewer(palette, limit: int) -> None:
    colors = density_colors(limit, palette)
    chosen = [1, 2] if limit == 2 else [1, 2, limit // 8, limit]
    green = [int(colors[n]) >> 8 & 0xFF for n in chosen]
    assert green == sorted(green, reverse=palette is LIGHT)
    assert len(set(green)) == len(green)
    assert not set(colors[1:].tolist()) & set(ground_colors(palette).tolist())
