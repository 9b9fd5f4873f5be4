"""The panel table: one row a panel."""

from __future__ import annotations

from microgpt_studio.panels.attention import AttentionPanel
from microgpt_studio.panels.document import DocumentPanel
from microgpt_studio.panels.graph import GraphPanel
from microgpt_studio.panels.inspector import InspectorPanel
from microgpt_studio.panels.loss import LossPanel
from microgpt_studio.panels.optimizer import OptimizerPanel
from microgpt_studio.panels.panel import Panel
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
