"""Opening: in windows of any size there is a stop on the way in at which what surrounds a scalar is read in figures."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtWidgets import QApplication

from microgpt.data import Tokenizer
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Pace, Wanted
from microgpt_studio.panels.graph import GraphPanel, MapView
from microgpt_studio.panels.graph.camera import Camera, Transform
from microgpt_studio.panels.graph.frame import outline
from microgpt_studio.panels.graph.inside import HEADER, Inside
from microgpt_studio.panels.graph.levels import Levels
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.texts import Texts
from microgpt_studio.widgets.number_text import short

POSITIONS = Settings().block_size
DOCUMENTS = ["olivia", "charlotte", "amelia"]
SIZES = [(700, 400), (1000, 600), (1600, 1000)]  # of the panel; the first is what a laptop's window leaves it
Q5, PRODUCT = "pos2.layer0.attn.q[5]", "pos2.layer0.attn.q[5].mul[11]"


@pytest.fixture(scope="module", params=[1, 2], ids=["1 layer", "2 layers"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """As wide as the program is by default."""
    return Settings(n_layer=request.param, num_steps=20)


@pytest.fixture(scope="module")
def program(settings: Settings) -> Program:
    return record(settings.configuration(Tokenizer.of(DOCUMENTS).vocab_size))


@pytest.fixture(scope="module")
def inside(program: Program) -> Inside:
    return Inside(MapLayout(program, Expressions.of_program(program)))


@pytest.fixture
def session(program: Program, settings: Settings) -> Session:
    session = Session(settings, DOCUMENTS, program, "three names")
    session.run(2)
    return session


@pytest.fixture
def panel(qtbot, session: Session) -> GraphPanel:
    panel = GraphPanel()
    qtbot.addWidget(panel)
    panel.show_session(session.description)
    panel.show()
    return panel


Blocks = list[tuple[tuple[str, ...], QPointF]]


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> Blocks:
    """The lines that are written into boxes, and the middle of the first, in the pixels of the map's window."""
    found: Blocks = []
    add = Texts.add_block

    def remember(texts: Texts, lines: tuple[str, ...], middle: float, baseline: float) -> None:
        add(texts, lines, middle, baseline)
        found.append((lines, QPointF(middle, baseline)))

    monkeypatch.setattr(Texts, "add_block", remember)
    return found


def refresh(panel: GraphPanel, session: Session) -> None:
    wanted = Wanted(inquiries=frozenset(panel.inquiries()))
    panel.show_snapshot(session.snapshot(1, wanted, Pace(False, 0.0)))


def select(panel: GraphPanel, session: Session, address: str, size: tuple[int, int]) -> MapView:
    panel.resize(*size)
    QApplication.processEvents()
    view = panel.view
    assert view is not None
    view.show_selection(session.description.addresses.parse(address))
    refresh(panel, session)
    return view


def stops(view: MapView) -> list[Transform]:
    """The views that Enter leads to, until it leads nowhere."""
    found = [view.camera.transform]
    while True:
        view.fit_selection()
        if view.camera.transform == found[-1]:
            return found[1:]
        found.append(view.camera.transform)


def members(session: Session, address: str) -> list[int]:
    expressions = session.description.expressions
    return expressions.of(int(expressions.cell[session.description.addresses.parse(address)])).tolist()


def read(panel: GraphPanel, session: Session, blocks: Blocks, scalars: list[int]) -> dict[int, tuple[str, ...]]:
    """What is written into the boxes of scalars."""
    view = panel.view
    assert view is not None
    refresh(panel, session)
    blocks.clear()
    view.grab()
    corner = view.window_of_map().topLeft()
    places = {scalar: view.box_rect(scalar).translated(-corner) for scalar in scalars}
    return {
        scalar: lines for scalar, place in places.items() for lines, point in blocks if lines and place.contains(point)
    }


def tells(text: str, number: float) -> bool:
    """Whether a text is a number with some of its digits."""
    return text in {short(number, digits) for digits in range(1, 5)}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("address", [Q5, PRODUCT, "pos2.layer0.mlp.fc1[3].mul[2]", "pos2.logit[4]"])
def test_the_figures_of_an_opened_cell_are_read_after_one_enter_or_two(
    panel: GraphPanel, session: Session, blocks: Blocks, size: tuple[int, int], address: str
) -> None:
    view, machine = select(panel, session, address, size), session.runner.machine
    scalars, names = members(session, address), session.description.addresses
    assert len(scalars) == 32
    view.fit_selection()
    window = view.window_of_map()
    assert window.contains(view.cell_rect(view.layout_of_map.cell_of(scalars[0])).adjusted(0.1, 0.1, -0.1, -0.1))
    found = read(panel, session, blocks, scalars)
    has_room = all(len(lines) >= 2 for lines in found.values()) and len(found) == 32
    assert has_room == (size != SIZES[0])
    if not has_room:
        view.fit_selection()
        found = read(panel, session, blocks, scalars)
        whole = [scalar for scalar in scalars if window.contains(view.box_rect(scalar))]
        assert view.selected_scalar in whole
        assert len(whole) >= 10
        for scalar in whole:
            assert len(found[scalar]) == 3
            assert names.format(scalar).endswith(found[scalar][0])
    for scalar, lines in found.items():
        assert tells(lines[-2], machine.data.item(scalar))
        assert tells(lines[-1], machine.grad.item(scalar))


@pytest.mark.parametrize("size", SIZES)
def test_before_the_box_alone_one_sees_what_a_product_is_made_from_and_what_uses_it(
    panel: GraphPanel, session: Session, size: tuple[int, int]
) -> None:
    view = select(panel, session, PRODUCT, size)
    stops(view)
    view.go_back()
    window, t = view.window_of_map(), view.camera.transform
    ports = view.inside.ports(np.array([view.selected_scalar], dtype=np.int32)).boxes
    assert len(ports) == 2
    for port in zip(*ports.sides, strict=True):
        assert window.contains(outline(t, port).translated(window.topLeft()))
    for address in (PRODUCT, PRODUCT.replace("mul", "sum"), PRODUCT.replace("mul[11]", "sum[10]")):
        assert window.contains(view.box_rect(session.description.addresses.parse(address)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("address", [Q5, PRODUCT, "loss", "wte[2,3]", "pos1.embed[3]", "pos2.layer0.mlp.fc2[1]"])
def test_up_leads_back_over_the_same_stops_and_so_do_earlier_views(
    panel: GraphPanel, session: Session, qtbot, size: tuple[int, int], address: str
) -> None:
    view = select(panel, session, address, size)
    start = view.camera.transform
    ways = stops(view)
    for earlier in [*ways[-2::-1], start]:
        view.go_back()
        assert view.camera.transform == earlier
    assert not view.levels.can_go_back
    for later in ways:
        view.go_forward()
        assert view.camera.transform == later
    assert not view.levels.can_go_forward
    for outer in ways[-2::-1]:
        qtbot.keyClick(view, Qt.Key.Key_Escape)
        assert view.camera.transform == outer
    left = 0
    while not view.camera.fitted:
        qtbot.keyClick(view, Qt.Key.Key_Escape)
        assert view.camera.transform not in ways
        left += 1
    assert left <= 2  # the column, the document


def test_a_small_window_has_a_stop_more_than_a_large_one(panel: GraphPanel, session: Session) -> None:
    counts = []
    for size in (SIZES[0], SIZES[-1]):
        view = select(panel, session, Q5, size)
        view.fit()
        counts.append(len(stops(view)))
    assert counts == [3, 2]


@pytest.mark.parametrize("size", [(300, 150), (572, 277), (812, 380), (860, 470), (1460, 870), (3600, 1900)])
@pytest.mark.parametrize("text_scale", [1.0, 1.5])
def test_stops_of_every_kind_of_cell(
    inside: Inside, dress: Callable[..., object], size: tuple[int, int], text_scale: float
) -> None:
    dress("dark", text_scale)
    camera = Camera()
    camera.set_window(*size, text_scale)
    camera.set_extent(*inside.layout.extent(POSITIONS))
    levels = Levels(camera, inside)
    for cell in inside._samples.tolist():
        scalar = int(inside.expressions.of(cell)[0])
        levels.fit()
        scales = [camera.transform.scale_x]
        while True:
            levels.open(scalar)
            t = camera.transform
            if t.scale_x == scales[-1]:
                break
            scales.append(t.scale_x)
            assert inside.openness(inside.expressions.cell[[scalar]], t.scale_x, t.scale_y, text_scale)[0] >= 0.5
            left, top, width, height = inside.box(scalar)
            x, y = t.to_pixels(left + width / 2, top + height / 2)
            assert 0 <= x <= size[0]
            assert 0 <= y <= size[1]
        assert 2 <= len(scales) <= 4
        assert all(later >= 1.09 * earlier for earlier, later in pairwise(scales[1:]))


@pytest.mark.parametrize("size", SIZES)
def test_the_minimap_covers_nothing_of_the_cell_that_has_just_been_opened(
    panel: GraphPanel, session: Session, size: tuple[int, int]
) -> None:
    view = select(panel, session, Q5, size)
    view.fit_selection()
    cell = view.cell_rect(view.layout_of_map.cell_of(view.selected_scalar))
    place = QRectF(view.minimap.geometry())
    assert view.minimap.isVisible()
    assert view.window_of_map().contains(place)
    assert not place.intersects(cell)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("address", [Q5, PRODUCT, "pos2.layer0.attn.q[5].mul[0]"])
def test_closer_up_the_minimap_is_small_and_covers_neither_the_selection_nor_the_cell_s_name(
    panel: GraphPanel, session: Session, size: tuple[int, int], address: str
) -> None:
    view = select(panel, session, address, size)
    view.zoom_in()
    usual = view.minimap.size()
    view.fit_selection()
    for _ in range(2):
        view.fit_selection()
        place = QRectF(view.minimap.geometry())
        cell = view.cell_rect(view.layout_of_map.cell_of(view.selected_scalar))
        header = QRectF(cell.topLeft(), QSizeF(cell.width(), HEADER * cell.height()))
        assert not place.intersects(view.box_rect(view.selected_scalar))
        assert not place.intersects(header) or header.height() > view.window_of_map().height() / 2
        if place.intersects(cell):
            assert view.minimap.width() <= 0.61 * usual.width() + 1
            assert view.minimap.height() <= 0.61 * usual.height() + 1


@pytest.mark.parametrize("address", [PRODUCT, "pos2.layer0.mlp.fc1[3].mul[2]", "pos1.prob[2]", "pos1.norm.mul[0]"])
def test_a_box_loses_no_line_on_the_way_in(panel: GraphPanel, session: Session, blocks: Blocks, address: str) -> None:
    view, counts = select(panel, session, address, SIZES[0]), [0]
    view.fit_selection()
    scalar, before = view.selected_scalar, None
    while view.camera.transform != before:
        before = view.camera.transform
        counts.append(len(read(panel, session, blocks, [scalar]).get(scalar, ())))
        at = view.box_rect(scalar).center() - view.window_of_map().topLeft()
        view.levels.zoom(1.04, at.x(), at.y())
        view._moved()
    assert counts == sorted(counts)
    assert counts[-1] == 3
