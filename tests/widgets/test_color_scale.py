"""The legend says in words and numbers what it shows in colours."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from microgpt_studio.theme import DARK, Scale, ScaleKind, Theme
from microgpt_studio.widgets import ColorScale

Dress = Callable[..., Theme]


@pytest.fixture
def legend(qtbot: QtBot, dress: Dress) -> ColorScale:
    dress("dark")
    widget = ColorScale()
    qtbot.addWidget(widget)
    return widget


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        (Scale(ScaleKind.SIGNED, 0.0123), "grad: -0.01230, 0, +0.01230"),
        (Scale(ScaleKind.UNSIGNED, 1.0), "grad: 0, 1.000"),
        (Scale(ScaleKind.SIGNED, 2.0, symlog=True), "grad · symlog: -2.000, 0, +2.000"),
        (Scale(ScaleKind.SIGNED, 0.0), "grad: 0"),
        (Scale(ScaleKind.UNSIGNED, 0.0), "grad: 0"),
    ],
)
def test_says_its_numbers(legend: ColorScale, scale: Scale, said: str) -> None:
    legend.set_quantity("grad")
    legend.set_scale(scale)
    assert legend.scale == scale
    assert legend.accessibleName() == said
    assert not legend.grab().isNull()


def test_a_count_has_all_its_digits(legend: ColorScale) -> None:
    scale = Scale(ScaleKind.UNSIGNED, 134_737.0)
    legend.set_quantity("order")
    legend.set_scale(scale)
    rounded = legend.accessibleName()
    legend.set_scale(scale, whole=True)
    assert legend.whole and legend.accessibleName() == "order: 0, 134,737" != rounded
    legend.set_scale(scale)
    assert legend.accessibleName() == rounded


def test_hatched_text_takes_room_and_is_said(legend: ColorScale) -> None:
    legend.set_scale(Scale(ScaleKind.SIGNED, 1.0))
    before = legend.sizeHint().width()
    legend.set_hatched_text("not computed")
    assert legend.sizeHint().width() > before
    assert legend.minimumSizeHint() == legend.sizeHint()
    assert legend.accessibleName().endswith("hatched: not computed")
    assert not legend.grab().isNull()


def test_bar_runs_from_one_end_to_the_other(legend: ColorScale, dress: Dress) -> None:
    dress("dark", 2.0)  # so that the bar may be as wide as this
    legend.set_scale(Scale(ScaleKind.SIGNED, 1.0))
    legend.resize(255, legend.sizeHint().height())  # a pixel for every colour
    picture = legend.grab().toImage()
    assert picture.pixelColor(0, 5).name() == DARK.negative
    assert picture.pixelColor(254, 5).name() == DARK.positive
    assert picture.pixelColor(127, 5).name() == DARK.neutral


def test_grows_with_the_text(legend: ColorScale, dress: Dress) -> None:
    before = legend.sizeHint().height()
    dress("dark", 2.0)
    assert legend.sizeHint().height() > before
