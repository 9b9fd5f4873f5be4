"""Every icon draws something, in the colour asked for."""

import pytest
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication

from microgpt_studio.theme import DARK, LIGHT, Icon, icon

pytestmark = pytest.mark.usefixtures("qapp")


def inked(picture: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> set[str]:
    """Colours of the fully opaque pixels at 32 × 32."""
    image = picture.pixmap(32, 32, mode).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


@pytest.mark.parametrize("name", list(Icon))
def test_every_icon_draws_in_the_text_color(name: Icon) -> None:
    assert inked(icon(name, DARK)) == {DARK.text}


def test_color_and_disabled_color() -> None:
    assert inked(icon(Icon.STEP, LIGHT, color=LIGHT.accent)) == {LIGHT.accent}
    assert inked(icon(Icon.STEP, LIGHT), QIcon.Mode.Disabled) == {LIGHT.faint}
    assert QColor(LIGHT.faint).isValid()


def test_by_name(qapp: QApplication) -> None:
    assert inked(icon("run-to", DARK)) == inked(icon(Icon.RUN_TO, DARK))
    with pytest.raises(ValueError, match="no icon named 'rocket'"):
        icon("rocket", DARK)
