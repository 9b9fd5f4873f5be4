"""What stands upon the map: lines to neighbours, the strongest chain, headers, watches and the cursor."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from microgpt.program.program import Operation
from microgpt_studio.debugger import derivatives
from microgpt_studio.debugger.binding import Binding
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.paths import PathsOf
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.graph import GraphPanel, MapView, headers, links, map_painter, watch_marks
from microgpt_studio.panels.graph.chain import stops
from microgpt_studio.panels.graph.frame import between
from microgpt_studio.panels.graph.headers import composition
from microgpt_studio.panels.graph.links import Links
from microgpt_studio.panels.graph.map_colors import Coloring, Quantity
from microgpt_studio.panels.graph.texts import Texts
from microgpt_studio.theme import current_theme

Q5 = "pos1.layer0.attn.q[5]"
CLOSE_UP = [Q5, "pos1.layer0.attn.q[5].mul[3]", "wte[3,2]", "pos0.norm.pow[0]", "pos2.embed[1]", "pos1.loss", "loss"]


@pytest.fixture
def view(qtbot, trained: Session) -> MapView:
    view = MapView(trained.description)
    qtbot.addWidget(view)
    view.set_minimap(False)
    view.resize(900, 640)
    view.show()
    refresh(view, trained)
    return view


def refresh(view: MapView, session: Session) -> None:
    view.show_snapshot(session.snapshot(1, Wanted(inquiries=frozenset(view.inquiries()))))


def select(view: MapView, session: Session, address: str) -> int:
    scalar = session.description.addresses.parse(address)
    view.show_selection(scalar)
    refresh(view, session)
    return scalar


def image(view: MapView) -> QImage:
    picture = QImage(view.size(), QImage.Format.Format_RGB32)
    view.render(picture)
    return picture


def all_edges(session: Session) -> list[tuple[int, int]]:
    """(operand, consumer) of the whole document, by plain Python."""
    machine = session.runner.machine
    return [
        (operand, consumer)
        for start, stop in session.description.program.live_ranges(machine.positions)
        for consumer in range(start, stop)
        for operand in derivatives.operand_ids(machine, consumer)
    ]


@pytest.mark.parametrize("address", CLOSE_UP)
def test_links_lead_to_the_operands_and_consumers_of_the_program(view: MapView, trained: Session, address: str) -> None:
    scalar, layout = trained.description.addresses.parse(address), view.layout_of_map
    tokens = trained.snapshot(1, Wanted()).moment.tokens
    found = Links.of(scalar, layout, Binding(layout.program), tokens)
    cell, expressions = layout.cell_of(scalar), layout.expressions
    whole = expressions.scalar[cell] == scalar  # of an element, its whole expression counts
    members = set(expressions.of(cell).tolist()) if whole else {scalar}
    operands = {a for a, b in all_edges(trained) if b in members and not (whole and expressions.cell[a] == cell)}
    users = {int(expressions.cell[b]) for a, b in all_edges(trained) if a in members}
    if whole:
        users.discard(cell)
    assert found.scalar == scalar
    positions = trained.runner.machine.positions  # what the document does not have is not shown, and has no line
    shown = [scalar for scalar in found.operands.tolist() if layout.is_shown(layout.cell_of(scalar), positions)]
    assert shown == sorted(operands)
    assert found.consumers.tolist() == expressions.scalar[sorted(users)].tolist()
    assert len(operands) + len(users) > 0


def test_lines_run_between_places_and_only_what_is_pointed_at_or_selected_has_them(
    view: MapView, trained: Session, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Links] = []
    draw = map_painter.draw_links
    monkeypatch.setattr(
        map_painter, "draw_links", lambda painter, of, *rest: (drawn.append(of), draw(painter, of, *rest))
    )
    image(view)
    assert drawn == []
    q = select(view, trained, Q5)
    plain = image(view)
    assert {each.scalar for each in drawn} == {q}
    other = trained.description.addresses.parse("pos2.layer1.mlp.fc1[3]")
    qtbot.mouseMove(view, view.cell_rect(view.layout_of_map.cell_of(other)).center().toPoint())
    drawn.clear()
    assert image(view) != plain
    assert {each.scalar for each in drawn} == {q, other}


def test_a_line_leaves_at_the_side_that_faces_the_other() -> None:
    own = QRectF(100, 100, 20, 10)
    for other, ends in (
        (QRectF(40, 200, 20, 10), (QPointF(110, 110), QPointF(50, 200))),
        (QRectF(40, 20, 20, 10), (QPointF(110, 100), QPointF(50, 30))),
        (QRectF(200, 104, 20, 10), (QPointF(120, 105), QPointF(200, 109))),
        (QRectF(20, 104, 20, 10), (QPointF(100, 105), QPointF(40, 109))),
    ):
        line = between(own, other)
        assert (line.p1(), line.p2()) == ends


def test_only_lines_that_may_be_in_sight_are_drawn(view: MapView, trained: Session) -> None:
    q = select(view, trained, Q5)
    found = Links.of(q, view.layout_of_map, Binding(trained.description.program), view.picture.moment.tokens)
    window = QRectF(QPointF(0.0, 0.0), view.frame.size)
    own = view.frame.place_of(q)
    assert len(links._lines(found.operands, view.frame, own, window)) == len(found.operands) > 10
    for scalars in (found.operands, found.consumers):
        places = [view.frame.place_of(scalar) for scalar in scalars.tolist()]
        expected = [(between(own, place), place.width()) for place in places if place is not None]
        drawn = links._lines(scalars, view.frame, own, window.adjusted(-5000.0, -5000.0, 5000.0, 5000.0))
        for (line, width), (other, wanted) in zip(drawn, expected, strict=True):
            ends = [line.x1() - other.x1(), line.y1() - other.y1(), line.x2() - other.x2(), line.y2() - other.y2()]
            assert np.abs([*ends, width - wanted]).max() < 1e-9
    assert links._lines(found.operands, view.frame, own, window.translated(5000.0, 5000.0)) == []


@pytest.mark.parametrize("address", ["pos1.layer0.attn.q[5].mul[3]", "wte[0,2]", "pos0.embed[1]", "loss"])
@pytest.mark.parametrize("is_close", [False, True])
def test_the_chain_s_stops_multiply_to_the_chain_s_product(
    view: MapView, trained: Session, address: str, is_close: bool
) -> None:
    view.draw_chain(True)
    scalar = select(view, trained, address)
    if is_close:
        view.fit_selection()
        refresh(view, trained)
    paths = view.picture.paths
    assert paths.scalar == scalar
    if not paths.chain:
        assert paths.obstacle is not None
        return
    found = stops(paths, view.frame)
    assert found[0].scalar == scalar
    assert found[0].factor is None
    assert found[-1].scalar == trained.description.program.loss
    product = math.prod(stop.factor for stop in found[1:])
    assert product == pytest.approx(paths.product, rel=1e-12)
    chain = [link.scalar for link in paths.chain]
    assert [stop.scalar for stop in found] == [s for s in chain if s in {stop.scalar for stop in found}]
    cells = [view.layout_of_map.cell_of(stop.scalar) for stop in found]
    for link in paths.chain:  # inside an open cell every link is a stop
        if view.frame.openness_of(view.layout_of_map.cell_of(link.scalar)) > 0:
            assert link.scalar in [stop.scalar for stop in found]
    closed = [cell for cell in cells if view.frame.openness_of(cell) == 0]
    assert len(closed) <= len(set(closed)) + 1  # one stop a cell; at the first its beginning and its end
    image(view)


def test_the_chain_is_drawn_while_it_is_wanted(view: MapView, trained: Session) -> None:
    scalar = select(view, trained, Q5)
    plain = image(view)
    asked = []
    view.wishes_changed.connect(lambda: asked.append(True))
    view.draw_chain(True)
    assert asked
    assert PathsOf(scalar) in set(view.inquiries())
    refresh(view, trained)
    drawn = image(view)
    assert drawn != plain
    other = trained.description.addresses.parse("pos2.layer1.mlp.fc1[3]")
    view.show_selection(other)
    assert view.picture.paths is None  # the old ones are of another scalar
    view.draw_chain(False)
    assert PathsOf(other) not in set(view.inquiries())
    select(view, trained, Q5)
    assert image(view) == plain


def test_a_header_says_what_the_expression_is_made_of(trained: Session) -> None:
    expressions, program = trained.description.expressions, trained.description.program
    q = int(expressions.cell[trained.description.addresses.parse(Q5)])
    assert composition(expressions.of(q), program) == "8 sum · 8 mul"
    for cell in range(program.num_parameters, expressions.num_cells, 137):
        words = {}
        for part in composition(expressions.of(cell), program).split(" · "):
            count, word = part.split(" ", 1)
            words[word] = int(count)
        operations = [Operation(int(o)).name.lower() for o in program.operation[expressions.of(cell)]]
        assert words == {word: operations.count(word) for word in set(operations)}


def test_watched_scalars_have_a_mark_where_they_are_shown(
    view: MapView, trained: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = image(view)
    trained.watches.add(f'data("{Q5}.mul[3]") + grad("wte[3,2]")')
    refresh(view, trained)
    parse = trained.description.addresses.parse
    inner = parse(f"{Q5}.mul[3]")
    assert set(view.picture.watched) == {inner, parse("wte[3,2]")}
    assert image(view) != plain
    places: list[QRectF | None] = []

    def remember(painter, watched, place, *rest) -> None:
        places.extend(place(scalar) for scalar in watched)
        watch_marks.draw_watch_marks(painter, watched, place, *rest)

    monkeypatch.setattr(map_painter, "draw_watch_marks", remember)
    for openness in (0, 1):
        places.clear()
        image(view)
        corner = view.window_of_map().topLeft()
        cell = view.layout_of_map.cell_of(inner)
        assert view.frame.openness_of(cell) == openness
        expected = view.box_rect(inner) if openness else view.cell_rect(cell)
        assert expected.translated(-corner) in places
        select(view, trained, Q5)
        view.fit_selection()
        refresh(view, trained)


@pytest.mark.parametrize("address", [f"{Q5}.mul[3]", Q5, "pos2.prob[1]"])
def test_the_cursor_is_a_bar_below_the_scalar_that_comes_next(view: MapView, trained: Session, address: str) -> None:
    scalar = trained.description.addresses.parse(address)
    place = Place(trained.step, scalar - trained.description.program.num_parameters)
    trained.execution.go_to(Place(trained.step, 0))
    trained.execution.go_to(place)
    assert trained.snapshot(1, Wanted()).moment.cursor.scalar == scalar
    view.levels.open(scalar)
    view._moved()
    refresh(view, trained)
    box, accent = view.box_rect(scalar), QColor(current_theme().palette.accent).rgb()
    assert view.frame.openness_of(view.layout_of_map.cell_of(scalar)) == 1
    assert image(view).pixel(round(box.center().x()), int(box.bottom() + 1.5)) == accent


def test_the_wave_of_the_backward_phase_is_seen_in_what_is_known(qtbot, trained: Session) -> None:
    panel = GraphPanel()
    qtbot.addWidget(panel)
    panel.show_session(trained.description)
    qtbot.keyClick(panel, Qt.Key.Key_G)
    step, (forward, backward, _) = trained.step - 1, trained.execution.lengths
    known, last = [], -1
    for share in np.linspace(0.0, 1.0, 9):
        trained.execution.go_to(Place(step, forward + int(share * backward)))
        panel.show_snapshot(trained.snapshot(1, panel.add_wishes(Wanted())))
        picture = panel.view.picture
        known.append(int(picture.ink.known.sum()))
        positions = np.unique(picture.layout.position_of[picture.ink.known & (picture.layout.position_of >= 0)])
        if 0 < share < 1 and len(positions):
            assert positions.max() == trained.runner.machine.positions - 1  # it begins at the last position
        panel.grab()
        assert known[-1] >= last
        last = known[-1]
    assert known[0] == 0
    assert len(set(known)) >= 8


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_headers_are_read_upon_colours_and_upon_hatching(
    view: MapView, trained: Session, dress, monkeypatch: pytest.MonkeyPatch, theme: str
) -> None:
    palette = dress(theme).palette
    scalar = select(view, trained, Q5)
    view.set_coloring(Coloring(Quantity.CONTRIBUTION, chosen=scalar))  # the cells beside it have no part in it
    view.fit_selection()
    refresh(view, trained)
    written: dict[str, set[str]] = {}

    def paint(texts: Texts, painter: QPainter, color: QColor) -> None:
        written.setdefault(color.name(), set()).update(text for _, _, text in texts._texts)
        texts._texts = []

    monkeypatch.setattr(Texts, "paint", paint)
    page = QImage(10, 10, QImage.Format.Format_RGB32)
    painter = QPainter(page)
    headers.draw_headers(painter, view.picture, view.frame, current_theme(), trained.description.addresses.format)
    painter.end()
    known = view.picture.ink.known[view.frame.cells[view.frame.openness >= 1]]
    assert known.any() and not known.all()
    own = {color for color, texts in written.items() if any(text.endswith("q[5]") for text in texts)}
    others = {color for color, texts in written.items() if any(text.endswith(("q[4]", "q[6]")) for text in texts)}
    assert own and own <= {palette.ink_on_dark, palette.ink_on_light}
    assert others == {palette.text}
