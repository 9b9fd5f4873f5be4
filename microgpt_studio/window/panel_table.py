"""The panel table: one row a panel; and what panels need together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.attention import AttentionPanel
from microgpt_studio.panels.breakpoints import BreakpointsPanel
from microgpt_studio.panels.document import DocumentPanel
from microgpt_studio.panels.graph import GraphPanel
from microgpt_studio.panels.health import HealthPanel
from microgpt_studio.panels.history import HistoryPanel
from microgpt_studio.panels.inspector import InspectorPanel
from microgpt_studio.panels.loss import LossPanel
from microgpt_studio.panels.matrix import MatrixPanel
from microgpt_studio.panels.neighbourhood import NeighbourhoodPanel
from microgpt_studio.panels.optimizer import OptimizerPanel
from microgpt_studio.panels.panel import Panel
from microgpt_studio.panels.parameters import ParametersPanel
from microgpt_studio.panels.paths import PathsPanel
from microgpt_studio.panels.probe import ProbePanel
from microgpt_studio.panels.samples import SamplesPanel
from microgpt_studio.panels.scalars import ScalarsPanel
from microgpt_studio.panels.search import SearchPanel
from microgpt_studio.panels.source import SourcePanel
from microgpt_studio.panels.stream import StreamPanel
from microgpt_studio.panels.watches import WatchesPanel

P = TypeVar("P", bound=Panel)

PANELS: tuple[type[Panel], ...] = (
    SourcePanel,
    BreakpointsPanel,
    WatchesPanel,
    GraphPanel,
    NeighbourhoodPanel,
    MatrixPanel,
    StreamPanel,
    ProbePanel,
    ScalarsPanel,
    LossPanel,
    HistoryPanel,
    HealthPanel,
    InspectorPanel,
    SearchPanel,
    PathsPanel,
    OptimizerPanel,
    DocumentPanel,
    ParametersPanel,
    AttentionPanel,
    SamplesPanel,
)


def find(panels: Mapping[str, Panel], kind: type[P]) -> P:
    """The panel of a kind."""
    panel = panels[kind.name]
    assert isinstance(panel, kind)
    return panel


def wanted_by(panels: Iterable[Panel], number: int) -> Wanted:
    """The request, with this number, for what these panels need."""
    wanted = Wanted(number=number)
    for panel in panels:
        wanted = panel.add_wishes(wanted)
    return wanted
