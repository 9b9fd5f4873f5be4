"""Warm-up: uses what panels use, once, so that it is compiled while people are told to wait."""

from __future__ import annotations

import numpy as np

from microgpt_studio.debugger.binding import Binding
from microgpt_studio.debugger.cell_numbers import CellNumbers
from microgpt_studio.debugger.contributions import CellContributions, InsideContributions
from microgpt_studio.debugger.edges import WholeGraph
from microgpt_studio.debugger.execution_order import CellOrder
from microgpt_studio.debugger.flows import HeadFlows
from microgpt_studio.debugger.inquiry import Inquiry
from microgpt_studio.debugger.inside_numbers import CellDerivatives, InsideCells
from microgpt_studio.debugger.matrix_statistics import statistics
from microgpt_studio.debugger.neighbourhood import Direction, Extent
from microgpt_studio.debugger.neighbourhood_numbers import NeighbourhoodInquiry
from microgpt_studio.debugger.parameter_numbers import root_of_v_hat
from microgpt_studio.debugger.paths import PathsOf
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.sgd import descend
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.graph.inside import warm_up_inside
from microgpt_studio.panels.graph.map_colors import warm_up_colors
from microgpt_studio.panels.graph.raster import warm_up_raster
from microgpt_studio.panels.graph.strokes import warm_up_strokes


def warm_up(session: Session) -> None:
    """Ask a session that has done an update what panels will ask, and fill a picture. In any thread."""
    program = session.description.program
    cells = InsideCells.of([program.num_parameters])
    inquiries: tuple[Inquiry[object], ...] = (
        CellNumbers(),
        cells,
        CellDerivatives(),
        CellContributions(program.loss),
        CellContributions(program.loss - 1),
        InsideContributions(program.loss, cells.cells),
        CellOrder(backward=True),
        HeadFlows(0),
        PathsOf(program.loss),
        WholeGraph(),
        NeighbourhoodInquiry(Extent(program.loss, 1, Direction.BOTH)),
    )
    snapshot = session.snapshot(0, Wanted(parameters=True, selection=0, inquiries=frozenset(inquiries)))
    Binding(program).consumers(program.element_ids[:1], snapshot.moment.tokens)
    descend(0.0, np.zeros(1), np.ones(1), 1.0)
    statistics(np.zeros(1), np.ones(1, dtype=np.bool_), [0, 1])
    derivatives = snapshot.answer(CellDerivatives())
    if derivatives is not None:
        derivatives.larger()
    if snapshot.parameters is not None:
        root_of_v_hat(snapshot.parameters, session.settings.adam, 1)
    warm_up_raster()
    warm_up_colors()
    warm_up_inside()
    warm_up_strokes()
