"""The whole map: what the view shows with title and legend, as vectors and as pixels, with nothing cut or left over."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.panels.graph import GraphPanel, vector
from microgpt_studio.panels.graph.map_colors import Norm, Quantity
from microgpt_studio.panels.graph.whole_map import WholeMap
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.number_text import short
from microgpt_studio.window import export

Show = Callable[..., None]
Q = "pos1.layer0.attn.q[5]"


@pytest.fixture
def panel(qtbot: QtBot) -> GraphPanel:
    panel = GraphPanel()
    qtbot.addWidget(panel)
    panel.resize(1100, 800)
    panel.show()
    return panel


@pytest.fixture
def shown(panel: GraphPanel, session: Session, show: Show) -> Callable[..., WholeMap]:
    """The whole map of the panel with what the session has by now."""
    while session.step < 3 or session.runner.machine.positions == 8:
        session.update()

    def make() -> WholeMap:
        show(panel, session, panel.selection, new=panel.view is None)
        picture = panel.whole_picture()
        assert picture is not None
        return picture

    return make


def texts(svg: bytes) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(svg).iter() if each.tag.endswith("}text")]


def rendered(svg: bytes) -> QImage:
    renderer = QSvgRenderer(svg)
    assert renderer.isValid()
    image = QImage(renderer.viewBoxF().size().toSize(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image


def painted(picture: WholeMap) -> QImage:
    image = QImage(picture.size.toSize(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    picture.paint(painter)
    painter.end()
    return image


def select(panel: GraphPanel, session: Session, address: str) -> int:
    scalar = session.description.addresses.parse(address)
    panel.show_selection(scalar)
    return scalar


def test_before_a_snapshot_there_is_none(panel: GraphPanel, session: Session) -> None:
    assert panel.whole_picture() is None
    panel.show_session(session.description)
    assert panel.whole_picture() is None


def test_title_legend_and_labels_are_text(panel: GraphPanel, session: Session, shown: Callable[..., WholeMap]) -> None:
    shown()
    scalar = select(panel, session, Q)
    picture = shown()
    svg = export.svg(picture)
    words = texts(svg)
    document = session.runner.document(session.step - 1)
    assert words.count(f"Graph of “{document}” by data · {Q} is selected") == 1
    assert any(f"update {session.step}" in text and "scalars" in text for text in words)
    assert {"embed", "q", "fc1", "pos0", "loss / nats"} <= set(words)
    assert panel.view is not None and panel.view.picture is not None
    band = int(panel.view.layout_of_map.row_of[panel.view.layout_of_map.cell_of(scalar)])
    limit = panel.view.picture.scale(band).limit
    assert {short(-limit), "0", f"+{short(limit)}"} <= set(words)
    assert any("data, row layer0.attn.q" in text for text in words)
    assert any("curves: attention weight, widest 1" in text for text in words)
    losses = session.runner.machine.data[_losses(session)].tolist()
    assert {short(loss) for loss in losses} <= set(words) or {f"{loss:.2f}" for loss in losses} <= set(words)
    assert b"<image" not in svg and b"<pattern" not in svg


def _losses(session: Session) -> list[int]:
    positions = session.runner.machine.positions
    return [session.description.addresses.parse(f"pos{p}.loss") for p in range(positions)]


def test_every_cell_in_sight_is_a_rectangle_of_its_colour(
    panel: GraphPanel, session: Session, shown: Callable[..., WholeMap]
) -> None:
    svg = export.svg(shown()).decode()
    view = panel.view
    assert view is not None and view.frame is not None and view.picture is not None
    drawn = re.findall(r'<g fill="(#[0-9a-f]{6})"[^>]*>\s*<rect ', svg)
    count = {color: drawn.count(color) for color in set(drawn)}
    pixels = view.picture.ink.pixels[view.frame.cells][view.picture.ink.known[view.frame.cells]]
    for pixel, cells in zip(*np.unique(pixels, return_counts=True), strict=True):
        assert count.get(QColor.fromRgb(int(pixel)).name(), 0) >= cells


@pytest.mark.parametrize("address", [Q, "layer0.attn_wq[0,0]", "pos2.layer1.mlp.fc1[9]"])
def test_open_cells_stay_in_the_window_of_the_map(
    panel: GraphPanel, session: Session, shown: Callable[..., WholeMap], address: str
) -> None:
    """Qt's SVG does not clip: beside the map there is nothing but the labels that the raster has there, too."""
    shown()
    select(panel, session, address)
    assert panel.view is not None
    panel.view.fit_selection()
    shown()
    picture = shown()
    vectors, pixels = rendered(export.svg(picture)), painted(picture)
    assert vectors.size() == pixels.size()
    window = panel.view.window_of_map()
    top = picture.size.height() - panel.view.height() - _legend_height(picture, panel)
    beside = slice(round(top), round(top + panel.view.height())), slice(0, round(window.left()) - 2)
    below = slice(round(top + window.bottom()) + 2, round(top + panel.view.height())), slice(0, None)
    for area in (beside, below):
        here, there = _inked(vectors)[area], _inked(pixels)[area]
        assert here.any()
        assert not (here & ~_grown(there, 4)).any()


def _legend_height(picture: WholeMap, panel: GraphPanel) -> float:
    return picture._legend.height(picture.size.width())


def _inked(image: QImage) -> np.ndarray:
    """Which pixels are not the surface."""
    rows = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(image.height(), -1)[:, : image.width()]
    return rows & 0xFFFFFF != QColor(current_theme().palette.surface).rgb() & 0xFFFFFF


def _grown(ink: np.ndarray, pixels: int) -> np.ndarray:
    """What is at most so many pixels from ink: faces are not placed alike everywhere."""
    grown = ink.copy()
    for down in range(-pixels, pixels + 1):
        for across in range(-pixels, pixels + 1):
            grown |= np.roll(ink, (down, across), axis=(0, 1))
    return grown


def test_figures_of_an_open_cell_are_text(panel: GraphPanel, session: Session, shown: Callable[..., WholeMap]) -> None:
    shown()
    scalar = select(panel, session, Q)
    assert panel.view is not None
    panel.view.fit_selection()
    shown()
    words = texts(export.svg(shown()))
    machine = session.runner.machine
    assert short(machine.data.item(scalar)) in words
    names = [
        word for word in words if word.endswith(("q[5].mul[3]", "wq[5,3]"))
    ]  # as much of them as there is room for
    assert len(names) == 2
    inner = session.description.addresses.parse(f"{Q}.mul[3]")
    assert {short(machine.data.item(inner)), short(machine.grad.item(inner))} <= set(words)
    assert any("in a box: address, data, grad" in text for text in words)


def test_half_way_the_legend_says_what_is_hatched(
    panel: GraphPanel, session: Session, shown: Callable[..., WholeMap]
) -> None:
    shown()
    forward, backward, _ = session.execution.lengths
    session.execution.go_to(Place(session.execution.place.updates, forward + backward // 2))
    panel.toolbar.choose_quantity(Quantity.GRAD)
    picture = shown()
    svg = export.svg(picture)
    assert panel.view is not None and panel.view.picture is not None
    assert panel.view.picture.hatched_text() in texts(svg)
    assert "not computed" in panel.view.picture.hatched_text()
    assert b"<pattern" not in svg
    assert any("operations done" in text for text in texts(svg))


def test_one_scale_for_all_rows_needs_no_words_about_rows(panel: GraphPanel, shown: Callable[..., WholeMap]) -> None:
    shown()
    panel.toolbar.choose_norm(Norm.GRAPH)
    words = texts(export.svg(shown()))
    assert any("whole graph" in text for text in words)
    assert not any("each row has a scale of its own" in text for text in words)


@pytest.mark.parametrize(("size", "scale"), [((1100, 800), 1.0), ((420, 400), 1.0), ((700, 600), 2.0)])
def test_no_words_are_cut(
    panel: GraphPanel,
    session: Session,
    shown: Callable[..., WholeMap],
    dress: Callable[..., object],
    size: tuple[int, int],
    scale: float,
) -> None:
    """Whatever stands above and below the map ends within the picture."""
    dress("light", scale)
    panel.resize(*size)
    shown()
    select(panel, session, Q)
    picture = shown()
    svg = ElementTree.fromstring(export.svg(picture))
    small = QFontMetricsF(current_theme().text_font(11))
    found = [each for each in svg.iter() if each.tag.endswith("}text")]
    signs = [
        each for each in found if "scale of its own" in (each.text or "") or "lines with dots" in (each.text or "")
    ]
    assert signs
    for each in signs:
        assert float(each.attrib["x"]) + small.horizontalAdvance(each.text or "") <= picture.size.width()
        assert float(each.attrib["y"]) <= picture.size.height()


def test_too_many_cells_are_a_picture_and_the_title_says_so(
    panel: GraphPanel, shown: Callable[..., WholeMap], monkeypatch: pytest.MonkeyPatch
) -> None:
    from microgpt_studio.panels.graph import map_painter

    assert vector.MOST_BOXES == map_painter.MOST_BOXES
    monkeypatch.setattr(map_painter, "MOST_BOXES", 100)
    svg = export.svg(shown())
    assert b"<image" in svg
    assert any("cells as a picture" in text for text in texts(svg))


def test_a_picture_stays_as_it_was_when_the_view_moves_on(
    panel: GraphPanel, session: Session, shown: Callable[..., WholeMap]
) -> None:
    picture = shown()
    before = export.svg(picture)
    session.update()
    shown()
    select(panel, session, Q)
    assert panel.view is not None
    panel.view.fit_selection()
    assert export.svg(picture) == before


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pixels_are_those_of_the_view(
    panel: GraphPanel, shown: Callable[..., WholeMap], dress: Callable[..., object], theme: str
) -> None:
    dress(theme)
    picture = shown()
    image = painted(picture)
    view = panel.view
    assert view is not None
    seen = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    top = round(picture.size.height()) - view.height() - round(_legend_height(picture, panel))
    assert image.copy(0, top, view.width(), view.height()) == seen
