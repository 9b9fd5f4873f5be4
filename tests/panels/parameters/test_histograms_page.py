"""The histograms count the machine's own numbers, over the range that was seen lately."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from microgpt_studio.debugger.execution import Place
from microgpt_studio.panels.parameters.histogram_plot import HistogramPlot
from microgpt_studio.panels.parameters.recent_range import PICTURES, RecentRange, rounded_up
from microgpt_studio.theme import current_theme

HISTOGRAMS = 1


@pytest.fixture
def view(panel):
    panel.toolbar.page_choice.setCurrentIndex(HISTOGRAMS)
    return panel.histograms.view


def of(session, matrix):
    """Weights, gradients and updates of a matrix, from the machine."""
    machine, program = session.runner.machine, session.description.program
    ids = program.elements(next(tensor for tensor in program.tensors if tensor.path == matrix))
    return machine.parameters[ids], machine.grad[ids], machine.change[ids]


def test_every_bin_counts_what_is_there(panel, view, session, show):
    session.run(3)
    show(panel, session)
    assert panel.page is panel.histograms
    for m, matrix in enumerate(session.description.program.config.shapes()):
        for found, values in zip(view.shown_histograms, of(session, matrix), strict=True):
            edges, shown = found.edges(m).tolist(), values[values != 0]
            counts = [int(((shown >= low) & (shown < high)).sum()) for low, high in pairwise(edges)]
            counts[-1] += int((shown == edges[-1]).sum())
            assert found.counts[m].tolist() == counts
            assert found.zeros[m] == (values == 0).sum()
            assert found.counts[m].sum() + found.zeros[m] == len(values)


def test_the_axis_follows_what_was_shown_lately():
    recent = RecentRange()
    assert recent.add(np.array([0.3, 0.0])).tolist() == [0.5, 0.0]
    assert recent.add(np.array([3.0, 1e-9])).tolist() == [5.0, 1e-9]
    for _ in range(PICTURES - 1):
        assert recent.add(np.array([0.02, 0.0])).tolist() == [5.0, 1e-9]
    assert recent.add(np.array([0.02, 0.0])).tolist() == [0.02, 0.0]
    recent.forget()
    assert recent.add(np.array([0.011, 0.0])).tolist() == [0.02, 0.0]


@pytest.mark.parametrize(
    ("number", "limit"),
    [(0.0, 0.0), (1.0, 1.0), (1.0001, 2.0), (2.1, 5.0), (5.1, 10.0), (9.99e-5, 1e-4)],
)
def test_limits_are_round_and_never_too_small(number, limit):
    found = float(rounded_up(np.array([number]))[0])
    assert found == limit
    assert found >= number


def test_the_axis_holds_every_number_of_each_picture(panel, view, session, show):
    show(panel, session)
    for _ in range(12):
        session.update()
        show(panel, session, new=False)
        for found in view.shown_histograms:
            assert not found.beyond.any()
    assert f"the last {PICTURES} pictures" in panel.histograms.caption.text


def test_before_the_first_update_gradients_are_hatched(panel, view, session, show):
    show(panel, session)
    weights, gradients, updates = view.shown_histograms
    assert weights.counts.sum() == session.description.program.num_parameters
    assert gradients.unknown.sum() == updates.unknown.sum() == session.description.program.num_parameters
    (_, box), *_ = view.shown()
    plots = view.plots(0, box)
    assert [plot.known > 0 for plot in plots] == [True, False, False]
    assert plots[1].describe(plots[1].box.center(), current_theme()) == ["not computed"]
    assert not panel.grab().isNull()


def test_half_way_through_adam_only_what_is_updated_is_counted(panel, view, session, show):
    session.update()
    length, count = session.execution.length, session.description.program.num_parameters
    session.execution.go_to(Place(0, length - count + 100))
    show(panel, session)
    weights, gradients, updates = view.shown_histograms
    for found in (weights, updates):
        assert found.counts.sum() + found.zeros.sum() == 100
        assert found.unknown.sum() == count - 100
    assert gradients.counts.sum() + gradients.zeros.sum() == count
    assert not panel.grab().isNull()


def test_a_bin_is_told_in_full(panel, view, session, show):
    session.run(2)
    show(panel, session)
    (_, box), *_ = view.shown()
    plot = view.plots(0, box)[1]
    rect = plot.plot_rect(current_theme())
    found = view.shown_histograms[1]
    at = int(found.counts[0].argmax())
    point = rect.topLeft()
    point.setX(rect.x() + (at + 0.5) * rect.width() / found.num_bins)
    edges = found.edges(0).tolist()
    first, second, third, hint = view.describe(0, point, box).splitlines()
    assert "click to select" in hint
    assert first == "wte gradients"
    size = int(found.counts[0].sum() + found.zeros[0])
    assert second == f"[{edges[at]!r}, {edges[at + 1]!r}): {found.counts[0, at]} of {size}"
    assert third == f"exactly 0: {found.zeros[0]}"


def test_a_click_selects_the_parameters_of_a_bin_one_after_the_other(panel, view, session, show, qtbot):
    session.run(2)
    show(panel, session)
    panel.selected.connect(panel.show_selection)
    m, found = 5, view.shown_histograms[1]
    at = int(np.flatnonzero(found.counts[m] == np.unique(found.counts[m])[1])[0])  # the fewest, but some
    edges, program = found.edges(m), session.description.program
    grads = session.runner.machine.grad[: program.num_parameters]
    matrix = program.elements(next(t for t in program.tensors if t.path == "layer0.attn_wv"))
    inside = [i for i in matrix.tolist() if grads[i] and edges[at] <= grads[i] <= edges[at + 1]]
    inside.sort(key=lambda i: -abs(grads[i]))
    assert panel.histograms.members(1, m, at).tolist() == inside
    view.enlarge(m)
    ((_, box),) = view.shown()
    rect = view.plots(m, box)[1].plot_rect(current_theme())
    pixel = QPoint(int(rect.x() + (at + 0.5) * rect.width() / found.num_bins), int(rect.center().y()))
    for expected in (*inside, inside[0]):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=pixel)
        assert panel.selection == expected


def test_members_of_all_bins_and_zeros_are_the_whole_matrix(panel, view, session, show):
    session.run(1)
    show(panel, session)
    for kind, found in enumerate(view.shown_histograms):
        members = [panel.histograms.members(kind, 0, at) for at in range(found.num_bins)]
        assert [len(each) for each in members] == found.counts[0].tolist()


def test_bars_are_as_high_as_their_counts(panel, view, session, show):
    session.run(2)
    show(panel, session)
    (_, box), *_ = view.shown()
    plot = view.plots(0, box)[0]
    pixels = plot._bars(plot.histograms.num_bins, 50, current_theme())
    heights = (pixels != 0).sum(axis=0)
    counts = plot.histograms.counts[0]
    assert heights.tolist() == np.ceil(counts / counts.max() * 50).tolist()
    assert len(np.unique(pixels[-1])) == 3  # nothing, below 0, above 0


def test_the_selected_parameter_is_marked_in_its_matrix(panel, view, session, show):
    session.run(2)
    scalar = session.description.addresses.parse("layer1.attn_wk[3,4]")
    show(panel, session, scalar)
    matrix = list(session.description.program.config.shapes()).index("layer1.attn_wk")
    box = view.shown()[0][1]
    machine = session.runner.machine
    marked = [plot.selected for plot in view.plots(matrix, box)]
    assert marked == [machine.parameters[scalar], machine.grad[scalar], machine.change[scalar]]
    assert [plot.selected for plot in view.plots(0, box)] == [None] * 3
    assert view.current == matrix
    panel.show_selection(session.description.addresses.parse("pos0.embed[0]"))
    assert [plot.selected for plot in view.plots(matrix, box)] == [None] * 3


def test_a_title_or_enter_enlarges_and_esc_or_the_button_returns(panel, view, session, show, qtbot):
    session.run(1)
    show(panel, session)
    title = view.title_rect(1).topLeft()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(int(title.x()) + 3, int(title.y()) + 5))
    assert view.enlarged == 1
    assert panel.toolbar.back.isVisible()
    assert [matrix for matrix, _ in view.shown()] == [1]
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert view.enlarged == 2
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.enlarged is None
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert view.enlarged == 2
    panel.toolbar.back.click()
    assert view.enlarged is None
    assert not panel.toolbar.back.isVisible()


def test_the_copy_key_gives_every_bin(panel, view, session, show, qtbot):
    session.run(1)
    show(panel, session)
    view.enlarge(4)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().splitlines()
    bins = view.shown_histograms[0].num_bins
    assert len(lines) == 3 * (bins + 3)
    assert lines[0] == "layer0.attn_wk weights"
    low, high, count = lines[2].split("\t")
    edges = view.shown_histograms[0].edges(4).tolist()
    assert (float(low), float(high), int(count)) == (edges[0], edges[1], view.shown_histograms[0].counts[4, 0])


@pytest.mark.parametrize(("width", "height"), [(240, 120), (316, 168), (432, 240), (1000, 700), (500, 900)])
def test_groups_do_not_overlap_and_are_no_wider_than_the_view(panel, view, session, show, qapp, width, height):
    session.run(1)
    show(panel, session)
    panel.resize(width, height)
    qapp.processEvents()
    boxes = [box for _, box in view.shown()]
    assert len(boxes) == len(view.tiles)
    for i, box in enumerate(boxes):
        assert box.left() >= 0
        assert box.right() <= view.viewport().width()
        assert not any(box.intersects(other) for other in boxes[:i])
    last = boxes[-1].bottom() - view.viewport().height()
    assert view.verticalScrollBar().maximum() >= last


def test_a_point_outside_of_the_bars_is_in_no_bin(panel, view, session, show):
    session.run(1)
    show(panel, session)
    (_, box), *_ = view.shown()
    plot: HistogramPlot = view.plots(0, box)[0]
    rect = plot.plot_rect(current_theme())
    assert plot.bin_at(rect.center(), current_theme()) == plot.histograms.num_bins // 2
    assert plot.bin_at(box.bottomLeft(), current_theme()) is None


def test_a_new_session_makes_everything_before_void(panel, view, session, show):
    session.run(1)
    show(panel, session)
    panel.show_session(session.description)
    assert view.shown_histograms == ()
    assert panel.empty.isVisible()
    panel.show_selection(3)
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    view.render(image)
