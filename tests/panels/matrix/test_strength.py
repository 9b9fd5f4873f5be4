"""Colours tell the largest number of the edges in a dot, and which dots have none."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import Qt

from microgpt_studio.debugger.edges import NumbersOfAllEdges
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.panels.matrix import MatrixPanel
from microgpt_studio.panels.matrix.matrix_view import MatrixView
from microgpt_studio.panels.matrix.strength import Coloring, strength_colors
from microgpt_studio.theme import DARK, current_theme
from microgpt_studio.theme.colormaps import argb
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import short

_KEYS = {Coloring.DERIVATIVE: Qt.Key.Key_D, Coloring.CONTRIBUTION: Qt.Key.Key_C, Coloring.COUNT: Qt.Key.Key_E}


def choose(panel: MatrixPanel, coloring: Coloring, qtbot) -> None:
    with qtbot.waitSignal(panel.wishes_changed):
        qtbot.keyClick(panel.view, _KEYS[coloring])


def brute_force(view: MatrixView, values: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """The largest absolute value in each tile in sight; -1 where none is known."""
    tiles = view.density.tiles
    out = np.full((tiles.rows, tiles.columns), -1.0)
    for consumer in range(view.edges.num_parameters, view.edges.num_scalars):
        for side, operand in enumerate(view.edges.operands(consumer)):
            row, column = (consumer >> tiles.shift_y) - tiles.top, (operand >> tiles.shift_x) - tiles.left
            if 0 <= row < tiles.rows and 0 <= column < tiles.columns and reach[consumer] == Reach.KNOWN:
                out[row, column] = max(out[row, column], abs(values[side, consumer]))
    return out


@pytest.mark.parametrize("coloring", [Coloring.DERIVATIVE, Coloring.CONTRIBUTION])
def test_a_dot_has_the_color_of_its_largest_number(
    panel: MatrixPanel, view: MatrixView, session: Session, qtbot, show_moment, coloring: Coloring
) -> None:
    choose(panel, coloring, qtbot)
    assert NumbersOfAllEdges() in panel.inquiries()
    assert view.strength is None  # not known before it has come: the dots tell their edges
    assert panel.footer.legend.scale.caption == "edges in a dot"
    show_moment(panel, session)
    for factor in (1.0, 20.0):
        view.camera.zoom(factor, 300.0, 200.0)
        expected = brute_force(view, view.strength.values, view.strength.reach)
        assert view.strength.largest(view.edges, view.density.tiles).tolist() == expected.tolist()
        index, inks = view.strength.inks(view.edges, view.density.tiles, view.density.counts, DARK)
        assert ((index > 0) == (view.density.counts > 0)).all()
        known = (index > 0) & (expected >= 0)
        places = [max(1 + math.log10(v / view.strength.limit) / 6, 0.0) if v else 0.0 for v in expected[known]]
        assert view.strength.places(expected[known]).tolist() == pytest.approx(places)
        steps = np.rint(255 * view.strength.places(expected[known])).astype(int)
        assert inks[index[known]].tolist() == strength_colors(DARK)[steps].tolist()
        assert set(inks[index[(index > 0) & ~known]].tolist()) <= {int(argb(DARK.hatch))}
    largest = np.abs(view.strength.values[:, view.strength.reach == Reach.KNOWN]).max()
    assert view.strength.limit == largest
    scale = panel.footer.legend.scale
    assert (scale.caption, scale.limit) == (coloring.value, None)
    assert scale.ticks[-1] == (1.0, short(largest))
    assert panel.footer.legend.accessibleName().startswith(f"{coloring.value}, logarithmic: ≤ ")
    panel.grab()
    choose(panel, Coloring.COUNT, qtbot)
    assert panel.footer.legend.scale.limit == view.density.limit
    assert NumbersOfAllEdges() not in panel.inquiries()


def test_half_way_some_numbers_are_not_computed(
    panel: MatrixPanel, view: MatrixView, session: Session, qtbot, show_moment
) -> None:
    choose(panel, Coloring.CONTRIBUTION, qtbot)
    show_moment(panel, session)
    assert view.strength.hatched_text == "outside the graph"  # the tokens that were not to come
    forward, backward, _ = session.execution.lengths
    session.execution.go_to(Place(session.step - 1, forward + backward // 2))
    show_moment(panel, session)
    assert view.strength.hatched_text == "not computed, partial, outside the graph"
    assert panel.footer.legend.accessibleName().endswith("without a number: not computed, partial, outside the graph")
    panel.grab()
    session.execution.go_to(Place(session.execution.place.updates, 0))
    show_moment(panel, session)
    assert (view.strength.largest(view.edges, view.density.tiles) == -1.0).all()
    assert view.strength.limit == 0.0
    panel.grab()


def test_a_number_that_is_not_finite_has_a_color_of_its_own(
    panel: MatrixPanel, view: MatrixView, session: Session, qtbot, show_moment
) -> None:
    choose(panel, Coloring.DERIVATIVE, qtbot)
    consumer = session.description.addresses.parse("pos0.layer0.attn.q[5].mul[6]")
    session.runner.machine.data[session.runner.machine.first[consumer]] = np.nan
    show_moment(panel, session)
    index, inks = view.strength.inks(view.edges, view.density.tiles, view.density.counts, DARK)
    strange = inks[index] == argb(DARK.nonfinite)
    assert strange.any()
    assert np.isinf(view.strength.largest(view.edges, view.density.tiles)[strange]).all()
    assert np.isfinite(view.strength.limit)
    panel.grab()


def test_buttons_choose_and_zoom(panel: MatrixPanel, view: MatrixView, qtbot) -> None:
    toolbar = panel.toolbar
    for coloring in (Coloring.DERIVATIVE, Coloring.CONTRIBUTION, Coloring.COUNT):
        toolbar.choose(coloring)
        assert view.coloring is coloring
    toolbar.zoom_in.click()
    toolbar.zoom_in.click()
    nearer = view.camera.x.span.scale
    toolbar.zoom_out.click()
    assert not view.camera.is_whole
    assert view.camera.x.span.scale < nearer
    toolbar.fit.click()
    assert view.camera.is_whole


def test_another_colouring_is_shown_at_once(
    panel: MatrixPanel, view: MatrixView, session: Session, show_moment
) -> None:
    """Both are of numbers that are there already: while training stands no snapshot follows."""
    session.update()
    panel.toolbar.choose(Coloring.DERIVATIVE)
    show_moment(panel, session)
    derivative = view.strength
    assert derivative is not None
    panel.toolbar.choose(Coloring.CONTRIBUTION)
    assert view.strength is not None
    assert view.strength is not derivative
    assert panel.footer.legend.scale.caption == "largest |contribution|"


def test_no_figure_of_the_legend_touches_the_next(
    panel: MatrixPanel, view: MatrixView, session: Session, show_moment
) -> None:
    session.update()
    panel.toolbar.choose(Coloring.CONTRIBUTION)
    show_moment(panel, session)
    legend = panel.footer.legend
    metrics = metrics_of(current_theme().number_font(SMALL))
    left, right = legend._sides()
    bar = legend.sizeHint().width() - left - right
    ends = [
        (place * (bar - metrics.horizontalAdvance(text)), metrics.horizontalAdvance(text))
        for place, text in legend.scale.ticks
    ]
    assert len(ends) == 3
    for (start, width), (following, _) in pairwise(ends):
        assert start + width + 8.0 <= following
