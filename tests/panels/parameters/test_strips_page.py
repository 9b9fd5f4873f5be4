"""The heat strips show the columns that were collected, where they belong, and nothing elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from microgpt_studio.bridge.commands import GoTo
from microgpt_studio.debugger.histograms_over_time import BINS, Kind
from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.colormaps import colors

OVER_TIME = 2


@pytest.fixture
def view(panel):
    panel.toolbar.page_choice.setCurrentIndex(OVER_TIME)
    return panel.strips.view


@pytest.fixture
def shown(panel, view, session, show):
    """After 18 updates, of which every fourth is saved."""
    session.execution.history.stride = 4
    session.run(18)
    show(panel, session)
    session.trace_on(lambda: False)
    show(panel, session, new=False)
    return view


def plot_of(view, matrix=0):
    box = next(box for index, box in view.shown() if index == matrix)
    return view.plots(matrix, box)[0], box


def test_each_pixel_has_the_share_of_its_bin_and_column(shown):
    plot, _ = plot_of(shown)
    found, theme = shown.over_time, current_theme()
    assert found.updates.tolist() == [0, 4, 8, 12, 16]
    image = plot.image(180, theme)  # ten pixels an update
    assert (image.width(), image.height()) == (180, 2 * plot.half)
    shares = found.counts[Kind.WEIGHTS, 0] / found.sizes[0]
    expected = colors(shares, shown.scale, theme.palette)
    for x in range(180):
        column = min(int((x + 0.5) / 10) // 4, 4)
        for y in range(2 * plot.half):
            assert image.pixel(x, y) == expected[column, BINS // 2 + plot.half - 1 - y]
    assert not found.counts[Kind.WEIGHTS, 0, :, : BINS // 2 - plot.half].any()
    assert not found.counts[Kind.WEIGHTS, 0, :, BINS // 2 + plot.half :].any()


def test_what_is_not_collected_is_transparent(shown):
    plot, _ = plot_of(shown)
    early = replace(plot.over_time, updates=plot.over_time.updates[:2], is_complete=False)
    image = replace(plot, over_time=early).image(180, current_theme())
    assert [image.pixelColor(x, 0).alpha() for x in (0, 79, 80, 179)] == [255, 255, 0, 0]
    nothing = replace(plot.over_time, updates=plot.over_time.updates[:0], is_complete=False)
    empty = replace(plot, over_time=nothing)
    assert empty.image(10, current_theme()).pixelColor(5, 0).alpha() == 0
    assert empty.column_at(3.0) is None


def test_the_scale_reaches_to_the_largest_share(panel, shown):
    found = shown.over_time
    for kind in Kind:
        panel.toolbar.kind_choice.setCurrentIndex(kind)
        shares = found.counts[kind].max(axis=(1, 2)) / found.sizes
        assert shown.scale == Scale(ScaleKind.UNSIGNED, shares.max(), True)
        assert panel.strips.legend.scale == shown.scale
    assert "5 moments, every 4 updates" in panel.strips.legend.accessibleName()


def test_a_point_is_told_in_full(panel, shown):
    panel.toolbar.kind_choice.setCurrentIndex(Kind.GRADIENTS)
    plot, box = plot_of(shown, 1)
    found, rect = shown.over_time, plot.plot_rect(current_theme())
    at = BINS // 2 + 1
    point = QPointF(rect.x() + 9.0 / 18 * rect.width(), rect.y() + (plot.half - 1.5) / (2 * plot.half) * rect.height())
    lines = shown.describe(1, point, box).splitlines()
    edges = found.edges(Kind.GRADIENTS, 1).tolist()
    count, size = int(found.counts[Kind.GRADIENTS, 1, 2, at]), int(found.sizes[1])
    assert lines[0] == "wpe"
    assert lines[1] == "gradients of update 9"
    assert lines[2].startswith(f"[{edges[at]!r}, {edges[at + 1]!r}): {count} of {size}, ")
    assert lines[3] == f"exactly 0: {found.zeros[Kind.GRADIENTS, 1, 2]}"
    assert shown.describe(1, box.bottomLeft(), box) == ""


def test_a_click_goes_to_that_update(panel, shown, qtbot):
    plot, _ = plot_of(shown)
    rect = plot.plot_rect(current_theme())
    pixel = QPoint(int(rect.x() + 0.25 * rect.width()), int(rect.center().y()))
    with qtbot.waitSignal(panel.commanded) as sent:
        qtbot.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=pixel)
    (command,) = sent.args
    assert isinstance(command, GoTo)
    assert abs(command.step - 4.5) <= 1


def test_enlarged_it_shows_all_three_on_one_scale(panel, shown, qapp):
    shown.enlarge(3)
    assert not panel.toolbar.kind_choice.isVisible()
    (_, box), *_ = shown.shown()
    plots = shown.plots(3, box)
    assert [plot.kind for plot in plots] == list(Kind)
    assert [plot.title for plot in plots] == ["weights", "gradients", "updates"]
    assert len({plot.scale for plot in plots}) == 1
    found = shown.over_time
    largest = max((found.counts[kind].max(axis=(1, 2)) / found.sizes).max() for kind in Kind)
    assert plots[0].scale.limit == largest
    assert not panel.grab().isNull()
    panel.toolbar.back.click()
    assert panel.toolbar.kind_choice.isVisible()


def test_it_asks_for_the_past_only_while_it_is_in_front(panel, view, session, show):
    assert list(panel.inquiries())
    panel.toolbar.page_choice.setCurrentIndex(0)
    assert not list(panel.inquiries())


def test_while_it_is_collected_it_says_so(panel, view, session, show):
    session.run(3)
    show(panel, session)
    assert "collecting" in panel.strips.legend.accessibleName()
    assert not panel.grab().isNull()
    session.trace_on(lambda: False)
    show(panel, session, new=False)
    assert "collecting" not in panel.strips.legend.accessibleName()


def test_after_a_restart_there_is_nothing_and_it_says_so(panel, shown, session, show):
    session.restart()
    show(panel, session, new=False)
    assert len(shown.over_time.updates) == 0
    assert panel.strips.legend.caption.text == "no update has been done yet"
    assert shown.scale.limit == 0
    plot, _ = plot_of(shown)
    assert plot.describe(plot.plot_rect(current_theme()).center(), current_theme()) == ["not collected yet"]
    assert not panel.grab().isNull()


def test_until_something_is_collected_it_does_not_say_that_no_update_was_done(panel, view, session, show):
    session.run(5)
    panel.show_session(session.description)
    assert panel.strips.legend.caption.text == "collecting …"
    show(panel, session)
    assert len(view.over_time.updates) == 0
    assert panel.strips.legend.caption.text == "collecting …"
    session.trace_on(lambda: False)
    show(panel, session, new=False)
    assert panel.strips.legend.caption.text.startswith("share of")


def test_in_the_past_the_strips_stay_and_the_line_moves(panel, shown, session, show):
    before = shown.over_time
    session.go_to(6)
    show(panel, session, new=False)
    assert shown.over_time.updates.tolist() == before.updates.tolist()
    np.testing.assert_array_equal(shown.over_time.counts, before.counts)
    assert shown._now == 6
    plot, _ = plot_of(shown)
    assert (plot.first, plot.last) == (0, 18)


def test_the_copy_key_gives_every_column(shown, qtbot):
    shown.enlarge(2)
    qtbot.keyClick(shown, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, *rows = QApplication.clipboard().text().splitlines()
    assert head.startswith("lm_head weights from\t")
    assert [row.split("\t")[0] for row in rows] == ["0", "4", "8", "12", "16"]
    numbers = list(map(int, rows[1].split("\t")[1:]))
    assert numbers[:-1] == shown.over_time.counts[Kind.WEIGHTS, 2, 1].tolist()
    assert sum(numbers) == shown.over_time.sizes[2]


def test_a_new_session_makes_everything_before_void(panel, shown, session):
    panel.show_session(session.description)
    assert shown.over_time is None
    assert shown.plots(0, shown.shown()[0][1]) == []
    assert shown.copied(0) == ""
