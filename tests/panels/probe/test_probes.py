"""What a kept probe remembers, and how its curve is painted."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from microgpt_studio.debugger.probe import Probed, ProbeNumbers
from microgpt_studio.panels.probe.curve import draw_curve
from microgpt_studio.panels.probe.probes import KeptProbe
from microgpt_studio.panels.probe.words import comparison
from microgpt_studio.theme import DARK


def probed(updates: int, loss: float | None) -> Probed:
    if loss is None:
        return Probed("a", updates, (1, 0, 1), 2, reason="At pos0.loss log(0.0) is not defined.")
    empty = np.zeros((2, 2))
    return Probed("a", updates, (1, 0, 1), 2, ProbeNumbers(empty, np.zeros(2), loss, empty, empty, empty, ()))


def test_a_later_answer_about_the_same_update_takes_the_place_of_the_earlier() -> None:
    probe = KeptProbe("a")
    for updates, loss in ((5, 1.0), (2, 3.0), (5, 2.0), (9, None)):
        probe.take(probed(updates, loss))
    updates, losses = probe.curve()
    assert updates.tolist() == [2, 5, 9]
    assert losses.tolist()[:2] == [3.0, 2.0] and np.isnan(losses[2])
    assert probe.latest is not None and probe.latest.updates == 9


def test_of_many_points_the_nearest_are_kept() -> None:
    probe = KeptProbe("a")
    for updates in range(200):
        probe.take(probed(updates, float(updates)))
    assert probe.curve()[0].tolist() == list(range(104, 200))
    probe.take(probed(50, 50.0))  # back in the past: the latest is farthest away
    assert probe.curve()[0].tolist() == [50, *range(104, 199)]


def test_what_is_known_of_another_session_is_forgotten() -> None:
    probe = KeptProbe("a")
    probe.take(probed(1, 1.0))
    probe.pinned = probe.latest
    probe.forget()
    assert (probe.latest, probe.pinned, len(probe.curve()[0])) == (None, None, 0)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (2.5, 2.5, "the same"),
        (2.5, 2.75, "0.2500 nats higher"),
        (2.75, 2.5, "0.2500 nats lower"),
        (2.5, nan, "nan nats"),
        (nan, 2.5, "2.500 nats"),
        (inf, inf, "the same"),
        (2.5, inf, "inf nats higher"),
    ],
)
def test_a_loss_is_compared_with_the_pinned_one_in_words(before: float, after: float, told: str) -> None:
    assert comparison(probed(9, after), probed(5, before)).endswith(f" nats; now {told}")


def painted(updates: list[float], losses: list[float], now: int | None) -> np.ndarray:
    """(40, 100) which pixels have ink."""
    image = QImage(100, 40, QImage.Format.Format_RGB32)
    image.fill(QColor(DARK.surface))
    painter = QPainter(image)
    draw_curve(painter, QRectF(0.0, 0.0, 100.0, 40.0), np.array(updates), np.array(losses), now, DARK)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(40, 100)
    return pixels != pixels.dtype.type(QColor(DARK.surface).rgb())


def test_a_curve_goes_from_the_first_update_to_the_last_and_from_the_lowest_loss_to_the_highest() -> None:
    ink = painted([0.0, 10.0], [1.0, 3.0], None)
    rows, columns = np.nonzero(ink)
    assert columns.min() <= 3 and columns.max() >= 96
    assert rows[columns == columns.min()].min() > 30 and rows[columns == columns.max()].max() < 10


@pytest.mark.parametrize("losses", [[nan, nan, nan], [inf, nan, -inf]])
def test_without_a_finite_loss_there_is_no_curve(losses: list[float]) -> None:
    assert not painted([0.0, 5.0, 10.0], losses, 5).any()


def test_a_gap_stays_a_gap() -> None:
    ink = painted([0.0, 2.0, 5.0, 8.0, 10.0], [1.0, 1.0, nan, 2.0, 2.0], None)
    assert ink[:, :20].any() and ink[:, 80:].any() and not ink[:, 30:70].any()


def test_the_dot_of_the_present_update_is_larger() -> None:
    small, large = painted([3.0], [1.0], 4), painted([3.0], [1.0], 3)
    rows, columns = np.nonzero(large)
    assert 16 <= rows.mean() <= 24 and 45 <= columns.mean() <= 55
    assert 0 < small.sum() < large.sum()


def thickness(ink: np.ndarray) -> np.ndarray:
    """(100,) rows with ink in each column."""
    return ink.sum(axis=0)


def test_points_that_are_apart_have_dots_and_what_lies_between_has_none() -> None:
    ink = thickness(painted([0.0, 50.0, 100.0], [1.0, 1.0, 1.0], None))
    line = ink[25]
    assert max(ink[:6]) > line and max(ink[47:53]) > line and max(ink[-6:]) > line
    assert set(ink[10:40]) == set(ink[60:90]) == {line}


def test_points_close_together_are_a_line_with_dots_at_its_ends() -> None:
    ink = thickness(painted([*map(float, range(48)), 96.0], [1.0] * 49, None))
    assert set(ink[8:44]) == set(ink[56:90]) == {ink[25]}
    assert max(ink[46:52]) > ink[25] and max(ink[-6:]) > ink[25]


def test_losses_far_apart_do_not_overflow() -> None:
    assert painted([0.0, 1.0, 2.0], [-1.7e308, 0.0, 1.7e308], 1).any()
