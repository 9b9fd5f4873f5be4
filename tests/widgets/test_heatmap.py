"""The heatmap shows each number in its colour, tells what it cannot show, and says where the pointer is."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QHelpEvent, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from microgpt_studio.theme import DARK, LIGHT, Palette, Scale, ScaleKind, Theme
from microgpt_studio.theme.colormaps import colors
from microgpt_studio.widgets import Heatmap, heatmap

Dress = Callable[..., Theme]
VALUES = np.array([[-1.0, 0.0, 0.5], [1.0, 0.25, -0.25]])


@pytest.fixture
def heat(qtbot: QtBot, dress: Dress) -> Heatmap:
    dress("dark")
    widget = Heatmap()
    qtbot.addWidget(widget)
    widget.resize(124, 84)  # 40-pixel cells: too small for numbers
    widget.set_numbers(VALUES)
    widget.set_scale(Scale(ScaleKind.SIGNED, 1.0))
    return widget


def centre(heat: Heatmap, row: int, col: int) -> QPoint:
    return heat.cell_rect(row, col).center().toPoint()


def pixel(heat: Heatmap, row: int, col: int) -> int:
    return heat.grab().toImage().pixel(centre(heat, row, col) + QPoint(3, 0))


def cell_picture(heat: Heatmap, row: int, col: int) -> QImage:
    return heat.grab(heat.cell_rect(row, col).toRect().adjusted(2, 2, -2, -2)).toImage()


def inks(picture: QImage) -> set[str]:
    return {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}


class TestColors:
    @pytest.mark.parametrize("palette", [DARK, LIGHT], ids=lambda palette: palette.name)
    def test_each_cell_has_the_color_of_its_number(self, heat: Heatmap, dress: Dress, palette: Palette) -> None:
        dress(palette.name)  # also shows that a living widget follows a switch
        expected = colors(VALUES, heat.scale, palette)
        shown = [[pixel(heat, row, col) for col in range(3)] for row in range(2)]
        assert shown == expected.tolist()

    def test_new_numbers_and_new_scale_are_shown(self, heat: Heatmap) -> None:
        heat.grab()
        heat.set_numbers(-VALUES)
        assert pixel(heat, 0, 0) == colors(1.0, heat.scale, DARK)
        heat.set_scale(Scale(ScaleKind.UNSIGNED, 4.0))
        assert pixel(heat, 0, 0) == colors(1.0, heat.scale, DARK)

    def test_not_known_is_hatched_and_unlike_zero(self, heat: Heatmap) -> None:
        heat.set_numbers(np.zeros((2, 3)), np.array([[True, False, True]] * 2))
        zero, hatched = inks(cell_picture(heat, 0, 0)), inks(cell_picture(heat, 0, 1))
        assert zero == {DARK.neutral}
        assert DARK.hatch in hatched
        assert DARK.surface in hatched
        assert DARK.neutral not in hatched

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_not_finite_is_marked_and_crossed(self, heat: Heatmap, value: float) -> None:
        heat.set_numbers(np.full((2, 3), value))
        assert {DARK.nonfinite, DARK.surface} <= inks(cell_picture(heat, 1, 1))

    def test_numbers_are_printed_when_cells_are_large(self, heat: Heatmap) -> None:
        assert len(inks(cell_picture(heat, 0, 1))) == 1
        heat.resize(3 * 90 + 4, 2 * 40 + 4)
        assert len(inks(cell_picture(heat, 0, 1))) > 4

    def test_selection_is_outlined_in_the_accent(self, heat: Heatmap) -> None:
        assert QColor(DARK.accent).rgb() not in edge(heat, 1, 2)
        heat.set_selected(1, 2)
        assert QColor(DARK.accent).rgb() in edge(heat, 1, 2)
        heat.set_selected(None)
        assert QColor(DARK.accent).rgb() not in edge(heat, 1, 2)

    def test_tiny_cells_and_focus_and_text_scale(self, heat: Heatmap, dress: Dress) -> None:
        dress("dark", 2.0)
        heat.set_numbers(np.ones((300, 300)))
        heat.set_labels([str(i) for i in range(300)], [str(i) for i in range(300)])
        heat.set_title("a title that is much too long for so narrow a widget")
        heat.set_selected(299, 299)
        heat.setFocus()
        assert not heat.grab().isNull()


def edge(heat: Heatmap, row: int, col: int) -> set[int]:
    """Colours of the middle row of a cell and three pixels beyond."""
    box = heat.cell_rect(row, col).toRect().adjusted(-3, 0, 3, 0)
    picture = heat.grab().toImage()
    inside = range(max(box.left(), 0), min(box.right() + 1, picture.width()))
    return {picture.pixel(x, box.center().y()) for x in inside}


def move(heat: Heatmap, place: QPoint) -> None:
    """Move the pointer; sent by hand, because Qt moves none over a widget that is not on screen."""
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(place), none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(heat, event)


class TestInput:
    def test_shapes_are_checked(self, heat: Heatmap) -> None:
        with pytest.raises(ValueError, match=r"\(rows, cols\)"):
            heat.set_numbers(np.zeros(3))
        with pytest.raises(ValueError, match=r"known \(1, 1\)"):
            heat.set_numbers(np.zeros((2, 3)), np.ones((1, 1), dtype=bool))

    @pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
    def test_empty_matrix(self, heat: Heatmap, qtbot: QtBot, shape: tuple[int, int]) -> None:
        heat.set_numbers(np.zeros(shape))
        assert not heat.grab().isNull()
        qtbot.keyClick(heat, Qt.Key.Key_Down)
        assert heat.selected is None

    def test_a_new_shape_clears_the_selection(self, heat: Heatmap) -> None:
        heat.set_selected(1, 2)
        heat.set_numbers(VALUES * 2)
        assert heat.selected == (1, 2)
        heat.set_numbers(np.zeros((4, 4)))
        assert heat.selected is None

    @pytest.mark.parametrize("cell", [(2, 0), (0, 3), (-1, 0)])
    def test_selection_outside_is_none(self, heat: Heatmap, cell: tuple[int, int]) -> None:
        heat.set_selected(0, 0)
        heat.set_selected(*cell)
        assert heat.selected is None

    def test_labels_take_room(self, heat: Heatmap) -> None:
        before, hint = heat.cell_rect(0, 0), heat.sizeHint()
        heat.set_labels(["q[0]", "q[1]"], ["0", "1", "2"])
        heat.set_title("layer0.attn_wq")
        after = heat.cell_rect(0, 0)
        assert after.x() > before.x()
        assert after.y() > before.y()
        assert heat.sizeHint().height() > hint.height()
        assert heat.minimumSizeHint().height() < heat.sizeHint().height()
        assert heat.accessibleName() == "layer0.attn_wq"

    def test_square_cells(self, qtbot: QtBot) -> None:
        heat = Heatmap(square=True)
        qtbot.addWidget(heat)
        heat.resize(300, 100)
        heat.set_numbers(VALUES)
        assert heat.cell_rect(0, 0).width() == heat.cell_rect(0, 0).height() == 48


class TestPointer:
    def test_hovered_and_left(self, heat: Heatmap) -> None:
        seen: list[object] = []
        heat.hovered.connect(lambda row, col: seen.append((row, col)))
        heat.left.connect(lambda: seen.append("left"))
        for cell in ((0, 0), (0, 0), (1, 2)):
            move(heat, centre(heat, *cell))
        heat.grab()
        QApplication.sendEvent(heat, QEvent(QEvent.Type.Leave))
        assert seen == [(0, 0), (1, 2), "left"]

    def test_a_new_shape_ends_hovering(self, heat: Heatmap, qtbot: QtBot) -> None:
        move(heat, centre(heat, 1, 2))
        with qtbot.waitSignal(heat.left):
            heat.set_numbers(np.zeros((1, 1)))
        assert not heat.grab().isNull()

    def test_click_selects(self, heat: Heatmap, qtbot: QtBot) -> None:
        with qtbot.waitSignal(heat.clicked) as caught:
            qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=centre(heat, 1, 0))
        assert caught.args == [1, 0]
        assert heat.selected == (1, 0)

    def test_click_beside_the_cells_or_with_another_button_is_nothing(self, heat: Heatmap, qtbot: QtBot) -> None:
        with qtbot.assertNotEmitted(heat.clicked):
            qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
            qtbot.mouseClick(heat, Qt.MouseButton.RightButton, pos=centre(heat, 1, 0))

    def test_tooltip_tells_the_number(self, heat: Heatmap, monkeypatch: pytest.MonkeyPatch) -> None:
        shown: list[str] = []

        class Tip:
            @staticmethod
            def showText(_place: QPoint, text: str, _owner: object) -> None:  # noqa: N802
                shown.append(text)

        monkeypatch.setattr(heatmap, "QToolTip", Tip)
        heat.set_title("head 2")
        for place in (centre(heat, 0, 0), QPoint(0, 0)):
            QApplication.sendEvent(heat, QHelpEvent(QEvent.Type.ToolTip, place, place))
        assert shown == ["head 2 [0, 0]\n-1.0", ""]

    def test_description(self, heat: Heatmap) -> None:
        heat.set_numbers(VALUES, VALUES != 0)
        assert heat.description(0, 1) == "[0, 1]\nnot computed"
        heat.describe = lambda row, col: f"{row} and {col}"
        assert heat.description(1, 2) == "1 and 2"


class TestKeyboard:
    @pytest.mark.parametrize(
        ("key", "cell"),
        [
            (Qt.Key.Key_Up, (0, 1)),
            (Qt.Key.Key_Left, (1, 0)),
            (Qt.Key.Key_Right, (1, 2)),
            (Qt.Key.Key_Down, (1, 1)),  # the last row: stays
        ],
    )
    def test_arrows_move_the_selection(self, heat: Heatmap, qtbot: QtBot, key: Qt.Key, cell: tuple[int, int]) -> None:
        heat.set_selected(1, 1)
        with qtbot.waitSignal(heat.clicked) as caught:
            qtbot.keyClick(heat, key)
        assert tuple(caught.args) == heat.selected == cell

    def test_first_arrow_selects_the_first_cell(self, heat: Heatmap, qtbot: QtBot) -> None:
        qtbot.keyClick(heat, Qt.Key.Key_Right)
        assert heat.selected == (0, 0)

    def test_copy_takes_the_full_number(self, heat: Heatmap, qtbot: QtBot) -> None:
        heat.set_numbers(VALUES / 3)
        heat.set_selected(0, 2)
        qtbot.keyClick(heat, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == repr(0.5 / 3)

    def test_other_keys_are_left_to_others(self, heat: Heatmap, qtbot: QtBot) -> None:
        with qtbot.assertNotEmitted(heat.clicked):
            qtbot.keyClick(heat, Qt.Key.Key_A)


def test_point_of_a_cell_is_found_again(heat: Heatmap) -> None:
    assert heat.cell_rect(1, 2).contains(QPointF(centre(heat, 1, 2)))
