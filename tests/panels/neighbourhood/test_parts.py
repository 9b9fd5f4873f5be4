"""The parts of the Neighbourhood panel that need no window: the walk, the camera, shortened addresses, hatching."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF

from microgpt_studio.panels.neighbourhood.camera import Camera
from microgpt_studio.panels.neighbourhood.hatching import hatch_lines
from microgpt_studio.panels.neighbourhood.node_painter import shortened
from microgpt_studio.panels.neighbourhood.walk import Walk


def step(walk: Walk, scalar: int | None) -> None:
    assert scalar is not None
    walk.visit(scalar)


def test_a_walk_leads_back_and_forward() -> None:
    walk = Walk()
    assert walk.previous is None and walk.next is None
    for scalar in (1, 2, 2, 3):
        walk.visit(scalar)
    step(walk, walk.back())
    assert (walk.previous, walk.next) == (1, 3)
    step(walk, walk.back())
    assert (walk.previous, walk.next) == (None, 2)
    assert walk.back() is None
    step(walk, walk.forward())
    walk.visit(9)
    assert (walk.previous, walk.next) == (2, None)


def test_a_walk_to_and_fro_between_two_places() -> None:
    walk = Walk()
    for scalar in (1, 2, 1):
        walk.visit(scalar)
    step(walk, walk.back())
    assert (walk.previous, walk.next) == (1, 1)
    step(walk, walk.forward())
    assert (walk.previous, walk.next) == (2, None)


def test_a_step_that_was_not_done_is_forgotten() -> None:
    walk = Walk()
    for scalar in (1, 2):
        walk.visit(scalar)
    walk.back()
    walk.visit(7)
    assert (walk.previous, walk.next) == (2, None)


def test_a_long_walk_forgets_its_beginning() -> None:
    walk = Walk()
    for scalar in range(1000):
        walk.visit(scalar)
    steps = 0
    while walk.previous is not None:
        step(walk, walk.back())
        steps += 1
    assert steps == 199


lengths = st.floats(20.0, 5000.0)


@given(lengths, lengths, lengths, lengths)
def test_a_drawing_that_is_fitted_is_seen_whole(width: float, height: float, across: float, down: float) -> None:
    camera, drawing, window = Camera(), QSizeF(width, height), QSizeF(across + 60, down + 60)
    camera.fit(drawing, window)
    seen = camera.to_pixels(QRectF(QPointF(0, 0), drawing))
    if camera.zoom > 0.02:
        assert QRectF(QPointF(-1, -1), window + QSizeF(2, 2)).contains(seen)
    assert abs(seen.center().x() - window.width() / 2) < 1e-6
    assert camera.is_fitted


@given(st.floats(0.5, 2.0), st.floats(0.0, 800.0), st.floats(0.0, 600.0))
def test_zooming_keeps_what_is_under_the_pointer(factor: float, x: float, y: float) -> None:
    camera = Camera()
    camera.fit(QSizeF(2000, 1000), QSizeF(800, 600))
    before = camera.to_drawing(QPointF(x, y))
    camera.zoom_at(factor, QPointF(x, y))
    after = camera.to_drawing(QPointF(x, y))
    assert abs(before.x() - after.x()) < 1e-6 and abs(before.y() - after.y()) < 1e-6


def test_what_is_too_large_begins_at_its_focus() -> None:
    camera, focus = Camera(), QRectF(3000, 1500, 200, 50)
    camera.begin(QSizeF(6000, 3000), QSizeF(800, 600), focus)
    assert not camera.is_fitted
    assert abs(camera.to_pixels(focus).center().x() - 400) < 1e-6
    corner = QRectF(0, 0, 200, 50)
    camera.begin(QSizeF(6000, 3000), QSizeF(800, 600), corner)
    assert camera.to_pixels(corner).topLeft() == QPointF(16, 16)
    camera.reveal(focus, QSizeF(800, 600))
    assert QRectF(0, 0, 800, 600).contains(camera.to_pixels(focus))


@pytest.mark.parametrize(
    ("room", "text"),
    [
        (40, "pos3.layer0.attn.head2.weight[1]"),
        (30, "pos3…attn.head2.weight[1]"),
        (24, "pos3…head2.weight[1]"),
        (16, "pos3…weight[1]"),
        (10, "weight[1]"),
        (4, "…[1]"),
    ],
)
def test_a_short_address_loses_its_middle_first(room: int, text: str) -> None:
    assert shortened("pos3.layer0.attn.head2.weight[1]", room) == text
    assert len(text) <= room


@given(lengths, lengths)
def test_hatching_stays_within_its_rectangle(width: float, height: float) -> None:
    rect = QRectF(5, 7, min(width, 300.0), min(height, 300.0))
    lines = hatch_lines(rect)
    assert lines
    roomy = rect.adjusted(-1e-6, -1e-6, 1e-6, 1e-6)
    assert all(roomy.contains(line.p1()) and roomy.contains(line.p2()) for line in lines)
    assert all(abs(line.dx() + line.dy()) < 1e-6 for line in lines)  # 45 degrees
