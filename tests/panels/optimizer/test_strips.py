"""Strips: what is read off them, where they lie, and what mouse and keyboard ask for."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QMenu

from microgpt_studio.panels.optimizer.strip_view import StripView
from microgpt_studio.panels.optimizer.strips import Curve, Pen, Strip, Strips
from microgpt_studio.theme import apply_theme, current_theme

G = np.array([0.5, -0.25, np.nan, 1.0])
W = np.array([3.0, 2.5, 2.75, 2.75, 1.75])
STRIPS = Strips(
    10,
    16,
    (
        Strip((Curve("g", "the gradient", G, 11, Pen.FAINT), Curve("m̂", "its mean", G / 2, 11)), "nats"),
        Strip((Curve("Adam", "as it went", W, 10), Curve("SGD", "another way", W, 10, Pen.DASHED)), title="w"),
    ),
)


@pytest.fixture
def view(qtbot, qapp):
    view = StripView()
    qtbot.addWidget(view)
    view.resize(340, 240)
    view.show()
    yield view
    apply_theme(qapp, "dark")


@pytest.fixture
def sought(view):
    updates: list[int] = []
    view.sought.connect(updates.append)
    return updates


def place(view, update):
    """A point in the first strip at an update."""
    return QPoint(round(view.frame.x(update)), round(view.frame.boxes[0].area.center().y()))


def test_what_is_known_and_what_is_nearest():
    assert STRIPS.known == 14
    assert [STRIPS.nearest(update) for update in (2.0, 10.2, 12.4, 99.0)] == [11, 11, 12, 14]
    assert Strips().nearest(3.0) is None
    assert Strips(4, 9, (Strip((Curve("w", "", np.empty(0), 4),)),)).known == 4


def test_text_has_every_digit_and_no_number_where_there_is_none():
    assert STRIPS.text_at(12) == "update 12\ng -0.25\nm̂ -0.125\nw Adam 2.75\nw SGD 2.75"
    assert STRIPS.text_at(13).splitlines()[1] == "g no value"
    assert STRIPS.table().splitlines() == [
        'update,"g","m̂","w Adam","w SGD"',
        "11,0.5,0.25,2.5,2.5",
        "12,-0.25,-0.125,2.75,2.75",
        "13,,,2.75,2.75",
        "14,1.0,0.5,1.75,1.75",
    ]


def test_faint_curves_lie_below_and_plain_ones_above():
    assert [curve.name for curve in STRIPS.strips[0].layers] == ["g", "m̂"]
    assert [curve.name for curve in STRIPS.strips[1].layers] == ["SGD", "Adam"]


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("width", [200, 340, 900])
def test_nothing_overlaps(view, qapp, scale, width):
    apply_theme(qapp, "light", scale)
    view.show_strips(STRIPS, 12)
    view.resize(width, 100)
    view.setFixedHeight(view.minimumHeight())
    frame, end = view.frame, 0.0
    for box in frame.boxes:
        assert box.legend.top() >= end
        assert box.area.top() >= box.legend.bottom()
        assert box.area.height() >= current_theme().scaled(20)
        assert all(entry.at.y() < box.legend.bottom() for entry in box.entries)
        ys = sorted(box.y(tick.value) for tick in box.ticks)
        assert all(b - a >= 9 * scale for a, b in pairwise(ys))
        end = box.area.bottom()
    assert frame.bottom == end
    assert frame.x(10) == frame.left
    assert frame.x(16) == pytest.approx(frame.right)
    assert frame.update_at(frame.x(13)) == pytest.approx(13)
    view.grab()


def test_a_value_lies_on_its_line(view):
    view.show_strips(STRIPS, 12)
    box = view.frame.boxes[1]
    known = sorted((value, box.y(value)) for value in set(W.tolist()))
    assert [y for _, y in known] == sorted((y for _, y in known), reverse=True)
    assert all(box.area.top() <= y <= box.area.bottom() for _, y in known)


def test_the_pointer_reads_and_a_click_or_a_drag_goes_there(view, qtbot, sought):
    view.show_strips(STRIPS, 99)
    assert view.reading == 14
    qtbot.mouseMove(view, place(view, 12))
    assert (view.crosshair, view.reading) == (12, 12)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place(view, 13))
    assert sought == [13]
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=place(view, 13))
    assert sought == [13, 13]
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place(view, 16))
    assert sought[-1] == 14  # the latest that is known


def test_keys_move_the_crosshair_and_go_there(view, qtbot, sought):
    view.show_strips(STRIPS, 12)
    for key, update in (
        (Qt.Key.Key_Right, 12),
        (Qt.Key.Key_Right, 13),
        (Qt.Key.Key_End, 14),
        (Qt.Key.Key_Right, 14),
        (Qt.Key.Key_Left, 13),
        (Qt.Key.Key_Home, 11),
    ):
        qtbot.keyClick(view, key)
        assert view.crosshair == update
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.crosshair == 14
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert sought == [14]
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == STRIPS.text_at(14)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.crosshair is None


def test_the_menu_copies_an_update_or_all(view, monkeypatch):
    view.show_strips(STRIPS, 12)
    opened = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, *_: opened.append(menu))
    view.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(9, 9), QPoint(0, 0)))
    one, everything = opened[0].actions()
    assert one.text() == "Copy the numbers of update 12"
    one.trigger()
    assert QGuiApplication.clipboard().text() == STRIPS.text_at(12)
    everything.trigger()
    assert QGuiApplication.clipboard().text() == STRIPS.table()


def test_the_tip_tells_what_a_strip_is_and_its_numbers(view):
    view.show_strips(STRIPS, 11)
    tip = view.tip(view.frame.boxes[0].area.center().y())
    assert tip == "g: the gradient\nm̂: its mean\n\nupdate 11\ng 0.5\nm̂ 0.25"
    assert view.tip(1e6) == ""


def test_an_empty_view_takes_keys_and_pointer(view, qtbot, sought):
    view.show_strips(Strips(), 0)
    view.grab()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 50))
    assert (view.crosshair, view.reading, sought) == (None, None, [])


def test_the_crosshair_goes_with_its_update(view):
    view.show_strips(STRIPS, 12)
    view.point(13)
    view.show_strips(STRIPS, 14)
    assert view.crosshair == 13
    view.show_strips(Strips(20, 26, STRIPS.strips), 22)
    assert view.crosshair is None


def test_equal_keys_are_not_drawn_again_but_the_present_moves(view):
    view.show_strips(STRIPS, 12, "a")
    before = view.grab().toImage()
    view.show_strips(Strips(), 12, "a")
    assert view.strips is STRIPS
    view.show_strips(STRIPS, 13, "a")
    assert view.now == 13
    assert view.grab().toImage() != before
    view.show_strips(Strips(), 12, "b")
    assert view.strips.strips == ()


def test_many_updates_are_put_together_without_losing_a_peak(view):
    values = np.zeros(5000)
    values[3210] = 7.0
    view.show_strips(Strips(0, 5000, (Strip((Curve("g", "", values, 1),)),)), 1)
    assert view.frame.boxes[0].axis.high > 7.0
    image = view.grab().toImage()
    box, column = view.frame.boxes[0], round(view.frame.x(3211))
    background = image.pixel(column + 20, round(box.area.top()) + 16)
    near = [image.pixel(column + dx, round(box.area.top()) + 16) for dx in range(-3, 4)]
    assert any(pixel != background for pixel in near)


def test_infinite_numbers_break_nothing(view):
    values = np.array([1.0, np.inf, -np.inf, np.nan, 2.0])
    view.show_strips(
        Strips(0, 5, (Strip((Curve("g", "", values, 1),)), Strip((Curve("v", "", values * np.inf, 1),)))), 2
    )
    view.grab()
    assert view.frame.boxes[1].ticks == ()


def test_symlog_axes_show_small_values_as_well(view):
    values = np.array([100.0, 10.0, 1.0, 0.5])
    view.show_strips(Strips(0, 4, (Strip((Curve("v", "", values, 1),)),)), 2)
    box = view.frame.boxes[0]
    linear = abs(box.y(1.0) - box.y(10.0)) / box.area.height()
    view.set_symlog(True)
    box = view.frame.boxes[0]
    assert abs(box.y(1.0) - box.y(10.0)) / box.area.height() > 2 * linear
    assert [tick.value for tick in box.ticks if tick.value]
    view.grab()
