"""Where a program keeps the attention of all its heads. L layers, H heads, B positions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Floats, Ids, Program
from microgpt_studio.debugger.inquiry import Sight
from microgpt_studio.debugger.snapshot import Reach


class HeadPlaces:
    """Ids (L, H, B, B), [layer, head, query, key], -1 for a later key; read-only."""

    def __init__(self, program: Program) -> None:
        config = program.config
        b = config.block_size
        tensors = {tensor.path: tensor for tensor in program.tensors}
        self.score = np.full((config.n_layer, config.n_head, b, b), -1, dtype=np.int32)
        self.weight = self.score.copy()
        for layer, head, query in np.ndindex(*self.score.shape[:3]):
            path = f"pos{query}.layer{layer}.attn.head{head}"
            for name, ids in (("score", self.score), ("weight", self.weight)):
                ids[layer, head, query, : query + 1] = program.elements(tensors[f"{path}.{name}"])
        # A score is its dot product times a constant.
        self.dot: Ids = np.where(self.score >= 0, program.first[self.score], np.int32(-1))
        self.scale = float(program.constants[program.constant[self.score[0, 0, 0, 0]]])
        for ids in (self.score, self.weight, self.dot):
            ids.flags.writeable = False

    @classmethod
    def of(cls, sight: Sight) -> HeadPlaces:
        """Those of the program that is seen."""
        return sight.keep(__name__, lambda: cls(sight.program))

    @staticmethod
    def known(sight: Sight, ids: Ids) -> npt.NDArray[np.bool_]:
        """Which scalars have data; none where the id is -1."""
        return np.asarray((ids >= 0) & (sight.data_reach[ids] == Reach.KNOWN))

    @classmethod
    def numbers(cls, sight: Sight, ids: Ids) -> Floats:
        """The data of scalars, nan where it is not computed and where the id is -1."""
        return np.where(cls.known(sight, ids), sight.machine.data[ids], np.nan)


def head_name(layer: int, head: int, n_layer: int) -> str:
    """A head in little room, in a model of so many layers: L0H3 is layer 0, head 3."""
    return f"head{head}" if n_layer == 1 else f"L{layer}H{head}"
