"""Bands have the program's names, lie one behind the other without gaps, and labels do not overlap."""

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QFontMetricsF

from microgpt_studio.debugger.session import Session
from microgpt_studio.panels.matrix.bands import Band, Level
from microgpt_studio.panels.matrix.camera import Span
from microgpt_studio.panels.matrix.matrix_view import MatrixView
from microgpt_studio.panels.matrix.rulers import Ruler
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL


def every_band(view: MatrixView, level: Level) -> list[Band]:
    """All bands of a level, a window at a time."""
    bands: list[Band] = []
    for start in range(0, view.bands.num_places, 400):
        bands += view.bands.within(level, start, start + 400)
    return sorted(set(bands), key=lambda band: band.start)


@pytest.mark.parametrize("level", list(Level))
def test_bands_lie_one_behind_the_other(view: MatrixView, level: Level) -> None:
    bands = every_band(view, level)
    assert bands[0].start == 0
    assert bands[-1].stop == view.bands.num_places == view.edges.num_scalars
    assert all(a.stop == b.start for a, b in itertools.pairwise(bands))
    assert len({band.path for band in bands}) == len(bands) or level is Level.ELEMENT


def test_finer_bands_lie_in_coarser_ones(view: MatrixView) -> None:
    for coarse, fine in zip(Level, list(Level)[1:], strict=False):
        starts = {band.start for band in every_band(view, fine)}
        assert {band.start for band in every_band(view, coarse)} <= starts


def test_scalars_have_their_addresses(view: MatrixView, session: Session) -> None:
    addresses = session.description.addresses
    for place in range(0, view.edges.num_scalars, 53):
        address = addresses.format(view.edges.id_of(place))
        band = view.bands.at(Level.SCALAR, place)
        assert (band.start, band.stop, band.path) == (place, place + 1, address)
        assert band.path.endswith(band.name)
        element = view.bands.at(Level.ELEMENT, place).path
        assert address.startswith(element.removesuffix(":]"))
        assert address.startswith(view.bands.at(Level.TENSOR, place).path)


def test_positions_have_their_characters(view: MatrixView, session: Session) -> None:
    document = session.runner.document(session.step - 1)
    names = [band.path for band in every_band(view, Level.POSITION)]
    characters = ["·", *document, "·"]
    expected = [f"pos{p} · {a}→{b}" for p, (a, b) in enumerate(itertools.pairwise(characters))]
    assert names == ["parameters", *expected, "loss"]


def test_names_of_blocks_and_tensors(view: MatrixView, session: Session) -> None:
    place = view.edges.place_of(session.description.addresses.parse("pos1.layer1.attn.head1.score[0]"))
    names = [(view.bands.at(level, place).path, view.bands.at(level, place).name) for level in Level]
    assert names[1:] == [
        ("pos1.layer1.attn", "layer1.attn"),
        ("pos1.layer1.attn.head1.score", "head1.score"),
        ("pos1.layer1.attn.head1.score[0]", "[0]"),
        ("pos1.layer1.attn.head1.score[0]", "[0]"),
    ]
    parameter = session.description.addresses.parse("layer1.mlp_fc1[3,2]")
    names = [(view.bands.at(level, parameter).path, view.bands.at(level, parameter).name) for level in Level]
    assert names == [
        ("parameters", "parameters"),
        ("layer1", "layer1"),
        ("layer1.mlp_fc1", "mlp_fc1"),
        ("layer1.mlp_fc1[3,:]", "[3,:]"),
        ("layer1.mlp_fc1[3,2]", "[3,2]"),
    ]


def test_a_document_of_the_same_length_has_other_characters(panel, session: Session, show_moment) -> None:
    panel.show_session(session.description)
    names = set()
    for _ in range(8):
        session.update()
        show_moment(panel, session)
        document = ["·", *session.runner.document(session.step - 1), "·"]
        bands = panel.view.bands
        expected = [f"pos{p} · {document[p]}→{document[p + 1]}" for p in range(session.runner.machine.positions)]
        assert [band.path for band in every_band(panel.view, Level.POSITION)] == ["parameters", *expected, "loss"]
        assert bands.at(Level.TENSOR, bands.num_places - 1).path == "loss"
        names.add((bands.num_places, tuple(expected)))
    assert len({places for places, _ in names}) < len(names)  # some had the same length


def test_sizes_are_those_of_the_bands(view: MatrixView) -> None:
    for level in Level:
        for start, stop in ((0, 300), (1700, 2100), (9000, 9001), (-5, 2)):
            sizes = [min(b.stop, stop) - max(b.start, start, 0) for b in view.bands.within(level, start, stop)]
            assert view.bands.sizes(level, start, stop).tolist() == sizes
    assert view.bands.within(Level.TENSOR, 10**6, 10**7) == ()
    assert len(view.bands.sizes(Level.TENSOR, 10**6, 10**7)) == 0


@pytest.mark.parametrize("text_scale", [1.0, 1.7])
def test_labels_have_room_and_never_overlap(view: MatrixView, dress, text_scale: float) -> None:
    dress("light", text_scale)
    theme = current_theme()
    metrics = QFontMetricsF(theme.number_font(SMALL))
    rng = np.random.default_rng(3)
    total = view.edges.num_scalars
    levels = set()
    for _ in range(150):
        pixels = float(rng.integers(200, 1600))
        scale = float(np.exp(rng.uniform(np.log(pixels / total), np.log(112))))
        span = Span(float(rng.uniform(0, max(total - pixels / scale, 0.0))), scale, pixels)
        across, down = Ruler.across(view.bands, span, theme), Ruler.down(view.bands, span, theme)
        levels |= {across.level, down.level}
        for ruler in (across, down):
            for labels in (ruler.outer_labels, ruler.inner_labels):
                assert all(a.stop <= b.start for a, b in itertools.pairwise(labels))
                assert all(-1e-6 <= label.start < label.stop <= pixels + 1e-6 for label in labels)
        for label in (*across.outer_labels, *across.inner_labels, *down.outer_labels):
            assert metrics.horizontalAdvance(label.text) <= label.stop - label.start
            assert label.text in label.band.path or label.text in ("params", "θ", label.band.name)
        for label in down.inner_labels:
            assert label.stop - label.start >= 0.95 * metrics.height() - 1e-6
    assert levels == set(Level)


def test_in_the_nearest_view_every_scalar_has_its_name(view: MatrixView) -> None:
    theme = current_theme()
    for place in range(10, view.edges.num_scalars - 40, 997):
        ruler = Ruler.across(view.bands, Span(place, 112.0, 800.0), theme)
        single = {band.start: band.path for band in (*ruler.inner, *ruler.outer) if band.size == 1}
        for shown in range(place, place + 7):
            assert single[shown] == view.bands.address(shown)
        labelled = {label.band.start for label in (*ruler.inner_labels, *ruler.outer_labels)}
        assert labelled >= set(range(place, place + 7))
