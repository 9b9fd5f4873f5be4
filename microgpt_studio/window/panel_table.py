"""The panel table: one row a panel; and what panels need together."""

from __future__ import annotations

from collections.abc import Iterable

from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.attention import AttentionPanel
from microgpt_studio.panels.document import DocumentPanel
from microgpt_studio.panels.graph import GraphPanel
from microgpt_studio.panels.inspector import InspectorPanel
from microgpt_studio.panels.loss import LossPanel
from microgpt_studio.panels.optimizer import OptimizerPanel
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.panels.parameters import ParametersPanel
from microgpt_studio.panels.samples import SamplesPanel

PANELS: tuple[type[Panel], ...] = (
    GraphPanel,
    LossPanel,
    InspectorPanel,
    OptimizerPanel,
    DocumentPanel,
    ParametersPanel,
    AttentionPanel,
    SamplesPanel,
)


def wanted_by(panels: Iterable[Panel], selection: int | None, number: int) -> Wanted:
    """The request, with this number, for what these panels need to show the selected scalar and all else."""
    parts = Part.NONE
    for panel in panels:
        parts |= panel.parts
    return Wanted(
        number=number,
        cells=Part.CELLS in parts,
        parameters=Part.PARAMETERS in parts,
        selection=selection if Part.EXPLANATION in parts else None,
    )
