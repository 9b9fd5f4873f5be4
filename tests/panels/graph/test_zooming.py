"""One continuous zoom: nothing jumps on the way in, and what is written fits where it stands."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.graph import MapView, cell_numbers, headers, inside_edges, inside_figures
from microgpt_studio.panels.graph.camera import Transform
from microgpt_studio.panels.graph.frame import outline
from microgpt_studio.panels.graph.inside_painter import Opened
from microgpt_studio.panels.graph.texts import Texts

SIZE = (560, 400)
Q5 = "pos2.layer0.attn.q[5]"


@pytest.fixture
def trained(session: Session) -> Session:
    session.run(3)
    return session


@pytest.fixture
def view(qtbot, trained: Session) -> MapView:
    view = MapView(trained.description)
    qtbot.addWidget(view)
    view.set_minimap(False)
    view.resize(*SIZE)
    return view


def refresh(view: MapView, session: Session) -> None:
    """Show the numbers that the map asks for."""
    view.show_snapshot(session.snapshot(1, Wanted(inquiries=frozenset(view.inquiries()))))


def way_in(view: MapView, session: Session, address: str, factor: float) -> Iterator[Transform]:
    """Every step from the whole document to the closest zoom, about a scalar's box; the numbers are there at each."""
    scalar = session.description.addresses.parse(address)
    refresh(view, session)
    view.show_selection(scalar)
    scale = 0.0
    while view.camera.transform.scale_x > scale:
        refresh(view, session)
        yield view.camera.transform
        scale = view.camera.transform.scale_x
        at = view.box_rect(scalar).center() - view.window_of_map().topLeft()
        view.levels.zoom(factor, at.x(), at.y())
        view._moved()


def image(view: MapView) -> np.ndarray:
    picture = QImage(view.size(), QImage.Format.Format_RGB32)
    view.render(picture)
    pixels = np.frombuffer(picture.constBits(), dtype=np.uint8)
    return pixels.reshape(picture.height(), picture.width(), 4)[..., :3].astype(np.int16)


@pytest.mark.parametrize("address", [Q5, "pos1.layer1.mlp.fc2[2].mul[9]"])
def test_places_move_steadily_and_never_change_on_the_map(view: MapView, trained: Session, address: str) -> None:
    factor, before, steps = 1.03, None, 0
    description = trained.description
    near = description.expressions.of(int(description.expressions.cell[description.addresses.parse(address)]))
    for t in way_in(view, trained, address, factor):
        boxes = [view.inside.box(scalar) for scalar in near.tolist()]
        window = view.window_of_map()
        now = np.array([[left, top, left + width, top + height] for left, top, width, height in boxes])
        pixels = now * np.tile([t.scale_x, t.scale_y], 2) + np.tile([t.x, t.y], 2)
        if before is not None:
            assert boxes == before[0]  # in map units
            seen = (before[1] > -window.width()).all(axis=1) & (before[1] < 2 * window.width()).all(axis=1)
            # Its height grows by at most 2.5 times as much as its width while a cell gets its final shape.
            assert np.abs(pixels - before[1])[seen].max() < 3.5 * (factor - 1) * 2 * max(SIZE)
            grown = (pixels[:, 2:] - pixels[:, :2]) / (before[1][:, 2:] - before[1][:, :2])
            assert (grown >= 1 - 1e-9).all()
            assert (grown <= factor**2.5).all()
        before = boxes, pixels
        steps += 1
    assert steps > 100


def test_a_cell_opens_steadily_while_one_zooms_in(view: MapView, trained: Session) -> None:
    address, shares = Q5, []
    cell = int(trained.description.expressions.cell[trained.description.addresses.parse(address)])
    for _ in way_in(view, trained, address, 1.02):
        shares.append(view.frame.openness_of(cell))
    steps = np.diff(shares)
    assert shares[0] == 0
    assert shares[-1] == 1
    assert (steps >= 0).all()
    assert steps.max() < 0.2
    assert (np.array(shares) % 1 != 0).sum() > 10


@pytest.mark.parametrize("address", [Q5, "pos1.prob[3]"])
def test_no_step_changes_the_picture_much_more_than_the_steps_around_it(
    view: MapView, trained: Session, address: str
) -> None:
    changes, last = [], None
    for _ in way_in(view, trained, address, 1.03):
        now = image(view)
        if last is not None:
            changes.append(float(np.abs(now - last).mean()))
        last = now
    assert len(changes) > 150
    usual = [np.median(changes[max(0, i - 8) : i + 9]) for i in range(len(changes))]
    assert max(change / (level + 1.0) for change, level in zip(changes, usual, strict=True)) < 1.6


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, QRectF]]:
    """Every text with its place, in the pixels of the map's window, in the order of writing."""
    found: list[tuple[str, QRectF]] = []
    add = Texts.add

    def remember(texts: Texts, text: str, x: float, baseline: float) -> None:
        add(texts, text, x, baseline)
        found.append((text, QRectF(x, baseline - texts.ascent, len(text) * texts.advance, texts.height)))

    monkeypatch.setattr(Texts, "add", remember)
    return found


def test_what_is_written_fits_where_it_stands(
    view: MapView, trained: Session, written: list[tuple[str, QRectF]]
) -> None:
    assert all(module.Texts is Texts for module in (cell_numbers, headers, inside_edges, inside_figures))
    first_at = {}
    for t in way_in(view, trained, Q5, 1.08):
        written.clear()
        image(view)
        layout, frame = view.layout_of_map, view.frame
        cells = [outline(t, layout.rect_of(cell)).adjusted(-1.0, -1.0, 1.0, 1.0) for cell in frame.cells.tolist()]
        for text, place in written:
            assert any(cell.contains(place) for cell in cells), (text, t.scale_x)
        if written:
            first_at.setdefault("texts", layout.width.max() * t.scale_x)
    assert first_at["texts"] >= 44


def test_figures_of_boxes_stand_in_them(
    view: MapView, trained: Session, written: list[tuple[str, QRectF]], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, boxes_of = inside_figures.draw_figures, []

    def draw_alone(painter, opened: Opened, said, theme) -> int:
        written.clear()
        count = draw(painter, opened, said, theme)
        boxes_of.append((opened, list(written), count))
        return count

    monkeypatch.setattr("microgpt_studio.panels.graph.map_painter.draw_figures", draw_alone)
    most = 0
    for t in way_in(view, trained, Q5, 1.08):
        boxes_of.clear()
        image(view)
        if not boxes_of:
            continue
        ((opened, texts, count),) = boxes_of
        every = opened.all_boxes
        left, top = every.left * t.scale_x + t.x, every.top * t.scale_y + t.y
        for text, place in texts:
            inside = (left - 0.5 <= place.left()) & (place.right() <= left + opened.box_width + 0.5)
            inside &= (top - 0.5 <= place.top()) & (place.bottom() <= top + opened.box_height + 0.5)
            assert inside.sum() == 1, (text, t.scale_x)
            assert opened.share[inside] == 1  # not before the cell is all open
            assert opened.box_width[inside] >= 46
        most = max(most, count)
    assert most > 8


@pytest.mark.parametrize(
    ("documents", "sizes"),
    [
        (["ab", "a", "b"], {"n_layer": 2, "n_embd": 1, "n_head": 1, "block_size": 1}),
        (["aaaa", ""], {"n_layer": 1, "n_embd": 6, "n_head": 3, "block_size": 4}),
        (["abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM"], {"n_layer": 1, "n_embd": 2, "n_head": 2, "block_size": 3}),
    ],
)
def test_models_of_any_size_can_be_looked_at_from_far_to_near(
    qtbot, documents: list[str], sizes: dict[str, int]
) -> None:
    settings = Settings(**sizes, num_steps=5)
    program = record(settings.configuration(Tokenizer.of(documents).vocab_size))
    session = Session(settings, documents, program, "odd ones")
    session.run(1)
    view = MapView(session.description)
    qtbot.addWidget(view)
    view.resize(*SIZE)
    scalars = set(np.linspace(0, program.num_scalars - 1, 7).astype(int).tolist())
    for scalar in sorted(scalars):
        view.fit()
        steps = 0
        for _ in way_in(view, session, session.description.addresses.format(scalar), 1.9):
            image(view)
            steps += 1
        cell = view.layout_of_map.cell_of(scalar)
        assert steps > 4
        if view.inside.opens[cell] and view.selected_scalar is not None:
            assert view.frame.openness_of(cell) == 1
