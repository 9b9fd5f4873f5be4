"""Every panel's pages: how somebody brings each of them to view, in a window that shows that panel alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.panels.attention import AttentionPanel
from microgpt_studio.panels.breakpoints import BreakpointsPanel
from microgpt_studio.panels.graph import GraphPanel
from microgpt_studio.panels.graph.map_colors import Norm
from microgpt_studio.panels.health import HealthPanel
from microgpt_studio.panels.history import HistoryPanel
from microgpt_studio.panels.inspector import InspectorPanel
from microgpt_studio.panels.inspector.check_section import SECTION as CHECK
from microgpt_studio.debugger.contribution_groups import Grouping
from microgpt_studio.panels.matrix import MatrixPanel
from microgpt_studio.panels.matrix.strength import Coloring
from microgpt_studio.panels.optimizer import OptimizerPanel
from microgpt_studio.panels.optimizer.head import Tab
from microgpt_studio.panels.panel import Panel
from microgpt_studio.panels.parameters import ParametersPanel
from microgpt_studio.panels.probe import ProbePanel
from microgpt_studio.panels.samples import SamplesPanel
from microgpt_studio.panels.scalars import ScalarsPanel
from microgpt_studio.panels.search import SearchPanel
from microgpt_studio.panels.source import SourcePanel
from microgpt_studio.panels.stream import StreamPanel
from microgpt_studio.panels.stream.toolbar import View
from microgpt_studio.window.main_window import MainWindow
from microgpt_studio.window.panel_table import PANELS, find

P = TypeVar("P", bound=Panel)
Opening = Callable[[MainWindow], None]


def _of(kind: type[P], open_page: Callable[[P], object]) -> Opening:
    def opening(window: MainWindow) -> None:
        open_page(find(window.panels, kind))

    return opening


def _as_it_is(_panel: object) -> None:
    """What there is when the panel comes up."""


def _choose(box: QComboBox, index: int) -> None:
    box.setCurrentIndex(index)


def _fold(fold: str) -> Callable[[InspectorPanel], None]:
    return lambda panel: panel.check.toggle(fold)


def _color(panel: MatrixPanel, coloring: Coloring) -> None:
    panel.toolbar.choose(coloring)
    panel.toolbar.coloring_chosen.emit(coloring)


def _what_if(panel: InspectorPanel) -> None:
    panel.what_if.toggle()
    panel.what_if.form.edit.setText("0.25")
    panel.what_if.form.edit.textEdited.emit("0.25")


def _probe(panel: ProbePanel) -> None:
    QTest.keyClicks(panel.field.edit, "mavi")
    QTest.keyClick(panel.field.edit, Qt.Key.Key_Return)


PAGES: dict[str, dict[str, Opening]] = {panel.name: {"": _of(panel, _as_it_is)} for panel in PANELS}
PAGES["source"]["adam.py"] = _of(SourcePanel, lambda panel: panel.show_line("adam.py", 20))
PAGES["source"]["value.py"] = _of(SourcePanel, lambda panel: panel.show_line("value.py", 20))
PAGES["source"]["model.py"] = _of(SourcePanel, lambda panel: panel.show_line("model.py", 107))
PAGES["breakpoints"]["log"] = _of(BreakpointsPanel, lambda panel: panel.tabs.setCurrentIndex(1))
PAGES["graph"] |= {
    "opened": _of(GraphPanel, lambda panel: panel.view and panel.view.fit_selection()),
    "grad": _of(GraphPanel, lambda panel: panel.toolbar.choose_quantity(type(panel.toolbar.coloring.quantity).GRAD)),
    "graph": _of(GraphPanel, lambda panel: panel.toolbar.choose_norm(Norm.GRAPH)),
}
PAGES["matrix"] |= {
    coloring.value: _of(MatrixPanel, lambda panel, coloring=coloring: _color(panel, coloring))
    for coloring in (Coloring.DERIVATIVE, Coloring.CONTRIBUTION)
}
PAGES["stream"] |= {
    view.value: _of(StreamPanel, lambda panel, view=view: panel.toolbar.button(view).click())
    for view in (View.LENS, View.UNITS)
}
PAGES["probe"]["typed"] = _of(ProbePanel, _probe)
PAGES["scalars"]["largest"] = _of(ScalarsPanel, lambda panel: panel.list_rows("scope:pos1.layer0"))
PAGES["history"] |= {
    quantity.value: _of(HistoryPanel, lambda panel, quantity=quantity: panel.chooser.choose(quantity))
    for quantity in (Quantity.GRAD, Quantity.V, Quantity.UPDATE)
}
PAGES["health"] |= {
    f"figure {tile}": _of(HealthPanel, lambda panel, tile=tile: panel.tiles.set_current(tile)) for tile in (0, 12, 23)
}
PAGES["inspector"] |= {
    "groups": _of(InspectorPanel, lambda panel: panel.contributions.form.button(Grouping.POSITION).click()),
    "check": _of(InspectorPanel, _fold(CHECK)),
    "what if": _of(InspectorPanel, _what_if),
}
PAGES["search"]["top"] = _of(SearchPanel, lambda panel: panel.search("top:30 by:grad"))
PAGES["optimizer"] |= {
    tab.name.lower(): _of(OptimizerPanel, lambda panel, tab=tab: panel.turn_to(tab))
    for tab in Tab
}
PAGES["parameters"] |= {
    "grad": _of(ParametersPanel, lambda panel: _choose(panel.toolbar.quantity_choice, 1)),
    "histograms": _of(ParametersPanel, lambda panel: _choose(panel.toolbar.page_choice, 1)),
    "strips": _of(ParametersPanel, lambda panel: _choose(panel.toolbar.page_choice, 2)),
}
PAGES["attention"] |= {
    "score": _of(AttentionPanel, lambda panel: panel.quantity_choice.setCurrentIndex(1)),
    "change": _of(AttentionPanel, lambda panel: panel.quantity_choice.setCurrentIndex(2)),
    "terms": _of(AttentionPanel, lambda panel: panel.heads.enlarge(0)),
}
PAGES["samples"]["one"] = _of(SamplesPanel, lambda panel: panel.open_sample(0))
