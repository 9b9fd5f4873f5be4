"""On the whole picture layers have tints and, where there is room, names; a key says which tint is which layer."""

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from microgpt_studio.debugger.session import Session
from microgpt_studio.panels.matrix import MatrixPanel
from microgpt_studio.panels.matrix.bands import Level
from microgpt_studio.panels.matrix.camera import Span
from microgpt_studio.panels.matrix.layers import LayerKey, layer_tints
from microgpt_studio.panels.matrix.matrix_view import MatrixView
from microgpt_studio.panels.matrix.rulers import TICKS, Margins, Ruler
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of


def seen_whole(view: MatrixView, pixels: float) -> Span:
    return Span(0.0, pixels / view.edges.num_scalars, pixels)


def test_layers_are_the_places_of_their_tensors(view: MatrixView) -> None:
    program, edges = view.description.program, view.edges
    layers = view.bands.layers(0, edges.num_scalars)
    stages = [program.tensors[tensor].stage for tensor in program.tensor[edges.ids_of(0, edges.num_scalars)]]
    expected = [int(s.removeprefix("layer").partition(".")[0]) if s.startswith("layer") else -1 for s in stages]
    found = np.full(edges.num_scalars, -1)
    for number, bands in enumerate(layers):
        for band in bands:
            assert (found[band.start : band.stop] == -1).all()
            found[band.start : band.stop] = number
            assert band.name == f"layer{number}"
            assert band.path in (band.name, f"{view.bands.at(Level.POSITION, band.start).name}.{band.name}")
    assert found.tolist() == expected
    assert len(layers) == 2


def test_layers_in_a_part_are_those_that_begin_before_its_end_and_end_behind_its_beginning(view: MatrixView) -> None:
    everything = view.bands.layers(0, view.edges.num_scalars)
    edge = everything[1][1]
    for start, stop in ((0, 1), (edge.start, edge.start + 1), (edge.start - 1, edge.stop), (edge.stop, edge.stop + 9)):
        expected = [[b for b in bands if b.start < stop and b.stop > start] for bands in everything]
        assert [list(bands) for bands in view.bands.layers(start, stop)] == expected


@pytest.mark.parametrize("pixels", [150.0, 260.0, 400.0, 720.0, 1200.0])
def test_the_whole_picture_shows_every_layer(view: MatrixView, pixels: float) -> None:
    theme, span = current_theme(), seen_whole(view, pixels)
    metrics = metrics_of(theme.number_font(SMALL))
    for ruler, is_across in (
        (Ruler.across(view.bands, span, theme), True),
        (Ruler.down(view.bands, span, theme), False),
    ):
        if ruler.level is not Level.POSITION:  # whose bands are named themselves
            assert any("layer1" in label.band.name for label in ruler.inner_labels)
            assert ruler.layers == ()
            continue
        assert ruler.layers == view.bands.layers(0, view.edges.num_scalars)
        assert all(a.stop <= b.start for a, b in itertools.pairwise(ruler.layer_labels))
        for label in ruler.layer_labels:
            assert label.text in (label.band.name, label.band.name.replace("layer", "L"), label.band.name[-1])
            room = label.stop - label.start if is_across else Margins.of(theme).lane
            assert metrics.horizontalAdvance(label.text) <= room
        of_positions = {len(label.text) for label in ruler.layer_labels if label.band.path.startswith("pos")}
        assert len(of_positions) <= 1
        if pixels >= 400.0:
            shown = {label.band for label in ruler.layer_labels}
            assert shown >= {band for bands in ruler.layers for band in bands if band.path.startswith("pos")}


def test_where_layers_could_not_be_told_apart_there_are_none(view: MatrixView) -> None:
    ruler = Ruler.across(view.bands, seen_whole(view, 15.0), current_theme())
    assert (ruler.level, ruler.layers, ruler.layer_labels) == (Level.POSITION, (), [])


def test_weak_lines_are_where_layers_begin(view: MatrixView) -> None:
    span = seen_whole(view, 720.0)
    ruler = Ruler.across(view.bands, span, current_theme())
    lines = ruler.lines(720, 1.0)
    for bands in ruler.layers[1:]:
        for band in bands:
            assert lines[round(span.to_pixel(band.start)) - 1] == 1
    for band in ruler.inner[1:-1]:
        assert lines[round(span.to_pixel(band.start)) - 1] == 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_tints_are_drawn_where_the_layers_are(panel: MatrixPanel, view: MatrixView, dress, theme: str) -> None:
    dress(theme, 1.0)
    panel.resize(700, 400)
    ruler, margins = view.rulers[0], Margins.of(current_theme())
    image = view.grab().toImage()
    ratio = image.devicePixelRatio()
    tints = layer_tints(2, current_theme().palette)
    assert ruler.layers
    for tint, bands in zip(tints, ruler.layers, strict=True):
        for band in bands:
            x = margins.left + round(ruler.span.to_pixel(band.start)) + 1  # beside its name
            assert image.pixelColor(int(x * ratio), int((margins.top - TICKS - 2) * ratio)) == tint


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("count", [1, 2, 6])
def test_names_are_read_upon_every_tint(dress, theme: str, count: int) -> None:
    dress(theme, 1.0)
    palette = current_theme().palette
    tints = layer_tints(count, palette)
    assert len({tint.name() for tint in tints}) == count
    text = luminance(QColor(palette.text))
    for tint in tints:
        lighter, darker = sorted((text, luminance(tint)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(color: QColor) -> float:
    channels = np.array([color.redF(), color.greenF(), color.blueF()])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_the_lane_s_tool_tip_names_the_block(panel: MatrixPanel, view: MatrixView) -> None:
    panel.resize(700, 400)
    margins = Margins.of(current_theme())
    band = view.bands.at(Level.BLOCK, view.edges.place_of(view.description.addresses.parse("pos1.layer1.mlp.fc1[9]")))
    assert (view.rulers[0].level, band.path) == (Level.POSITION, "pos1.layer1.mlp")
    x = view.point_of(((band.start + band.stop) // 2, view.edges.num_parameters)).x()
    assert view.describe(QPointF(x, margins.top - TICKS - 3)) == f"{band.path}\n{band.size:,} scalars"
    position = view.bands.at(Level.POSITION, band.start)
    assert view.describe(QPointF(x, 3.0)) == f"{position.path}\n{position.size:,} scalars"


def test_the_key_explains_tints_while_they_are_in_sight(
    panel: MatrixPanel, view: MatrixView, session: Session, show_moment
) -> None:
    key = panel.toolbar.layers
    panel.resize(700, 400)
    show_moment(panel, session)
    assert key.count == 2
    assert "layers" in key.toolTip()
    view.camera.zoom(200.0, 300.0, 200.0)
    view.looked.emit()
    assert (key.count, key.toolTip()) == (0, "")


def test_the_key_says_as_much_as_there_is_room_for(qtbot) -> None:
    key = LayerKey()
    qtbot.addWidget(key)
    palette = current_theme().palette
    assert key.marks(1e9) == []
    metrics = metrics_of(current_theme().number_font(SMALL))
    for count in (1, 2, 5):
        key.show_layers(count)
        tints = list(layer_tints(count, palette))
        wordings = set()
        for width in range(0, 500, 5):
            marks = key.marks(width)
            ends = [x + (metrics.horizontalAdvance(m) if isinstance(m, str) else 10.0) for x, m in marks]
            assert all(end <= x for end, (x, _) in zip(ends, marks[1:], strict=False))
            assert all(end <= width for end in ends)
            assert [mark for _, mark in marks if not isinstance(mark, str)] in ([], tints)
            wordings.add(tuple(mark for _, mark in marks if isinstance(mark, str)))
        every = tuple(f"layer{i}" for i in range(count))
        ends_only = {("layer0", every[-1]), ("L0", f"L{count - 1}")} if count > 1 else set()
        assert wordings == {(), every, *ends_only}
        for width in (20, 60, 400):
            key.resize(width, 24)
            key.grab()
