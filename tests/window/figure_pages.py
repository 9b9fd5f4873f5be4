"""Every panel's pages: how somebody brings each of them to view, one after the other, where that panel is raised."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from microgpt_studio.debugger.contribution_groups import Grouping
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.panels.attention import AttentionPanel
from microgpt_studio.panels.attention.quantity import Quantity as Looked
from microgpt_studio.panels.breakpoints import BreakpointsPanel
from microgpt_studio.panels.graph import GraphPanel
from microgpt_studio.panels.graph.map_colors import Norm
from microgpt_studio.panels.graph.map_colors import Quantity as Colored
from microgpt_studio.panels.health import HealthPanel
from microgpt_studio.panels.history import HistoryPanel
from microgpt_studio.panels.inspector import InspectorPanel
from microgpt_studio.panels.inspector.check_rows import TRIED
from microgpt_studio.panels.inspector.check_section import SECTION as CHECK
from microgpt_studio.panels.matrix import MatrixPanel
from microgpt_studio.panels.matrix.strength import Coloring
from microgpt_studio.panels.neighbourhood import NeighbourhoodPanel
from microgpt_studio.panels.optimizer import OptimizerPanel
from microgpt_studio.panels.optimizer.head import Tab
from microgpt_studio.panels.panel import Panel
from microgpt_studio.panels.parameters import ParametersPanel
from microgpt_studio.panels.parameters.quantity import Quantity as Shade
from microgpt_studio.panels.paths import PathsPanel
from microgpt_studio.panels.probe import ProbePanel
from microgpt_studio.panels.samples import SamplesPanel
from microgpt_studio.panels.scalars import ScalarsPanel
from microgpt_studio.panels.search import SearchPanel
from microgpt_studio.panels.source import SourcePanel
from microgpt_studio.panels.stream import StreamPanel
from microgpt_studio.panels.stream.toolbar import View
from microgpt_studio.panels.watches import WatchesPanel
from microgpt_studio.window.main_window import MainWindow
from microgpt_studio.window.panel_table import PANELS, find

P = TypeVar("P", bound=Panel)
Opening = Callable[[MainWindow], object]
Pages = dict[str, Opening]

INNER = "pos2.layer0.attn.head1.weight[1]"  # a scalar in the middle of the graph


def _on(kind: type[P], turn: Callable[[P], object]) -> Opening:
    return lambda window: turn(find(window.panels, kind))


def _select(address: str) -> Opening:
    def select(window: MainWindow) -> None:
        description = window.panels[PANELS[0].name].description
        assert description is not None
        window.select(description.addresses.parse(address))

    return select


def _then(*openings: Opening) -> Opening:
    def do(window: MainWindow) -> None:
        for opening in openings:
            opening(window)

    return do


def _open_selection(panel: GraphPanel) -> None:
    assert panel.view is not None
    panel.view.fit_selection()


def _whole(panel: GraphPanel) -> None:
    assert panel.view is not None
    panel.view.fit()


def _near_an_edge(panel: MatrixPanel) -> None:
    """So near that cells have room for their numbers."""
    view = panel.view
    assert view is not None and view.edges is not None
    consumer = (view.edges.num_parameters + view.edges.num_scalars) // 2
    for axis, place in ((view.camera.x, view.edges.operands(consumer)[-1]), (view.camera.y, consumer)):
        axis.show(place - 5, place + 5)
    view.looked.emit()


def _unfold(panel: NeighbourhoodPanel) -> None:
    panel.toolbar.depth_box.setValue(2)
    panel.toolbar.unfold_all.click()


def _what_if(panel: InspectorPanel) -> None:
    panel.what_if.toggle()
    QTest.keyClicks(panel.what_if.form.edit, "0.25")


def _probe(panel: ProbePanel) -> None:
    QTest.keyClicks(panel.field.edit, "mavi")
    QTest.keyClick(panel.field.edit, Qt.Key.Key_Return)


def _unfold_paths(panel: PathsPanel) -> None:
    for lines, toggle in (
        (panel.shares.table.lines, panel.shares.table.toggle),
        (panel.chain.rows, panel.chain.toggle),
    ):
        for row in reversed(range(len(lines))):
            toggle(row)


def _turn_parameters(page: int, panel: ParametersPanel) -> None:
    panel.toolbar.page_choice.setCurrentIndex(page)


_COLORED = [Colored.GRAD, Colored.MAGNITUDE, Colored.DERIVATIVE, Colored.CONTRIBUTION, Colored.FORWARD]

_MORE: dict[type[Panel], Pages] = {
    SourcePanel: {
        file: _on(SourcePanel, lambda panel, file=file: panel.show_line(file, 12))
        for file in ("model.py", "value.py", "adam.py")
    },
    BreakpointsPanel: {
        "log": _on(BreakpointsPanel, lambda panel: panel.tabs.setCurrentIndex(1)),
        "editor": _on(BreakpointsPanel, lambda panel: panel.add_for_selection()),
    },
    WatchesPanel: {},
    GraphPanel: {
        "opened": _on(GraphPanel, _open_selection),
        "inside": _then(_select(INNER), _on(GraphPanel, _open_selection)),
        **{
            quantity.value: _on(GraphPanel, lambda panel, quantity=quantity: panel.toolbar.choose_quantity(quantity))
            for quantity in _COLORED
        },
        "whole": _on(GraphPanel, _whole),
        "graph": _on(GraphPanel, lambda panel: panel.toolbar.choose_norm(Norm.GRAPH)),
    },
    NeighbourhoodPanel: {
        "inner": _select(INNER),
        "unfolded": _on(NeighbourhoodPanel, _unfold),
    },
    MatrixPanel: {
        "edges": _on(MatrixPanel, _near_an_edge),
        **{
            coloring.value: _on(MatrixPanel, lambda panel, coloring=coloring: panel.toolbar.choose(coloring))
            for coloring in (Coloring.DERIVATIVE, Coloring.CONTRIBUTION)
        },
    },
    StreamPanel: {
        view.value: _on(StreamPanel, lambda panel, view=view: panel.toolbar.button(view).click())
        for view in (View.LENS, View.UNITS)
    },
    ProbePanel: {"typed": _on(ProbePanel, _probe)},
    ScalarsPanel: {"scope": _on(ScalarsPanel, lambda panel: panel.list_rows("scope:pos1.layer0"))},
    HistoryPanel: {
        quantity.value: _on(HistoryPanel, lambda panel, quantity=quantity: panel.chooser.choose(quantity))
        for quantity in Quantity
    },
    HealthPanel: {
        f"figure {tile}": _on(HealthPanel, lambda panel, tile=tile: panel.tiles.set_current(tile))
        for tile in (0, 12, 20, 23)
    },
    InspectorPanel: {
        "check": _on(InspectorPanel, lambda panel: panel.check.toggle(CHECK)),
        "tried": _on(InspectorPanel, lambda panel: panel.check.toggle(TRIED)),
        "whole matrix": _on(InspectorPanel, lambda panel: panel.check.ask_for_all()),
        "what if": _on(InspectorPanel, _what_if),
        "groups": _on(InspectorPanel, lambda panel: panel.contributions.form.button(Grouping.POSITION).click()),
        "inner": _select(INNER),
    },
    SearchPanel: {
        "largest": _on(SearchPanel, lambda panel: panel.search("top:30 by:grad")),
        "compared": _on(SearchPanel, lambda panel: panel.search("pos1 |grad|>0.01")),
    },
    PathsPanel: {"unfolded": _on(PathsPanel, _unfold_paths), "inner": _select(INNER)},
    OptimizerPanel: {tab.name.lower(): _on(OptimizerPanel, lambda panel, tab=tab: panel.turn_to(tab)) for tab in Tab},
    ParametersPanel: {
        **{
            quantity.value: _on(
                ParametersPanel,
                lambda panel, quantity=quantity: panel.toolbar.quantity_choice.setCurrentText(quantity.value),
            )
            for quantity in Shade
        },
        "enlarged": _on(ParametersPanel, lambda panel: panel.heatmaps.enlarge(3)),
        "histograms": _on(ParametersPanel, partial(_turn_parameters, 1)),
        "strips": _on(ParametersPanel, partial(_turn_parameters, 2)),
    },
    AttentionPanel: {
        **{
            quantity.value: _on(
                AttentionPanel, lambda panel, quantity=quantity: panel.quantity_choice.setCurrentText(quantity.value)
            )
            for quantity in Looked
        },
        "terms": _on(AttentionPanel, lambda panel: panel.heads.enlarge(1)),
    },
    SamplesPanel: {
        "one": _on(SamplesPanel, lambda panel: panel.open_sample(0)),
        "next": _on(SamplesPanel, lambda panel: panel.step_page.next()),
    },
}

PAGES: dict[str, Pages] = {panel.name: {"": _on(panel, bool), **_MORE.get(panel, {})} for panel in PANELS}
