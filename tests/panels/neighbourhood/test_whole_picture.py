"""The whole picture goes to any painter, its text as text; and Graphviz in a process of its own gives the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from pytestqt.qtbot import QtBot

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.neighbourhood import NeighbourhoodPanel
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.number_text import short

if TYPE_CHECKING:
    from tests.panels.neighbourhood.conftest import Reader

Q = "pos1.layer0.attn.q[5]"


def as_svg(panel: NeighbourhoodPanel) -> str:
    picture = panel.whole_picture()
    assert picture is not None
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setViewBox(QRectF(0.0, 0.0, picture.size.width(), picture.size.height()))
    painter = QPainter(generator)
    picture.paint(painter)
    painter.end()
    return data.data().decode()


@pytest.mark.parametrize("share", [1.0, 0.2])
def test_text_is_text_and_nothing_is_a_bitmap(panel: NeighbourhoodPanel, reader: Reader, share: float) -> None:
    session = reader.session
    session.execution.go_to(Place(session.execution.place.updates, round(share * session.execution.length)))
    reader.select(Q)
    svg = as_svg(panel)
    assert f"Neighbourhood of {Q}" in svg
    assert "local derivative" in svg
    assert panel.view.drawing is not None
    for address in panel.view.drawing.addresses:
        assert f">{address}</text>" in svg
    data = session.runner.machine.data[reader.id(Q)]
    assert f">data {short(data)}</text>" in svg
    assert ("grad not yet" in svg) == (share < 1)
    assert "<image" not in svg
    assert "<pattern" not in svg


def test_it_is_as_large_as_it_says(panel: NeighbourhoodPanel, reader: Reader) -> None:
    """Nothing is painted outside; something is painted near every edge but the empty margin."""
    reader.select(Q)
    picture = panel.whole_picture()
    assert picture is not None
    image = QImage((picture.size + picture.size / 10).toSize(), QImage.Format.Format_RGB32)
    outside = QColor("#ff00ff")
    image.fill(outside)
    painter = QPainter(image)
    picture.paint(painter)
    painter.end()
    width, height = round(picture.size.width()), round(picture.size.height())
    assert image.pixelColor(width + 3, height // 2) == outside
    assert image.pixelColor(width // 2, height + 3) == outside
    surface = QColor(current_theme().palette.surface)
    assert image.pixelColor(2, 2) == image.pixelColor(width - 3, height - 3) == surface


def test_with_graphviz_in_its_process(qtbot: QtBot, session: Session) -> None:
    session.update()
    panel = NeighbourhoodPanel()
    qtbot.addWidget(panel)
    panel.resize(700, 400)
    panel.show()
    panel.show_session(session.description)
    panel.show_selection(session.description.addresses.parse(Q))
    panel.show_snapshot(session.snapshot(1, panel.add_wishes(Wanted())))
    assert panel.is_waiting
    qtbot.waitUntil(lambda: panel.view.drawing is not None, timeout=30_000)
    assert not panel.is_waiting
    assert panel.view.drawing is not None
    assert panel.view.drawing.index[session.description.addresses.parse(Q)] == panel.view.drawing.neighbourhood.focus
    pid = panel.layouts.pid
    assert pid is not None
    panel.hide()
    assert panel.layouts.pid is None
    assert not psutil.pid_exists(pid)
