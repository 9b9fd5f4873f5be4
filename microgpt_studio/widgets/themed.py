"""The base of widgets that paint themselves: repaints when theme or text size change."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QWidget

THEME_EVENTS = {
    QEvent.Type.PaletteChange,
    QEvent.Type.StyleChange,
    QEvent.Type.FontChange,
    QEvent.Type.ApplicationFontChange,
    QEvent.Type.DevicePixelRatioChange,
}


class ThemedWidget(QWidget):
    """A QWidget that reads `current_theme()` when it paints, and drops what it kept of it when told."""

    _asked_for: tuple[QSize, QSize] | None = None  # to the layout: what it wants, and the least

    def tell_layout(self) -> None:
        """Ask for another size, if another one is wanted: who is asked lays out everything, up to the whole window."""
        wanted = self.sizeHint(), self.minimumSizeHint()
        if wanted != self._asked_for:
            self._asked_for = wanted
            self.updateGeometry()

    def theme_changed(self) -> None:
        """Drop what was made from the theme (cached pictures, geometry); may come before __init__ is done."""

    def event(self, event: QEvent) -> bool:
        if event.type() in THEME_EVENTS:
            self.theme_changed()
            self.updateGeometry()
            self.update()
        return super().event(event)
