"""What the Attention panel shows of every query and key."""

from __future__ import annotations

from enum import Enum

from microgpt_studio.theme import ScaleKind


class Quantity(Enum):
    """What is shown of every pair of positions. The value is the word on screen."""

    WEIGHT = "weight"
    SCORE = "score"
    CHANGE = "weight change"
    WEIGHT_GRAD = "weight grad"
    SCORE_GRAD = "score grad"

    @property
    def tensor(self) -> str:
        """Last word of the paths of the tensors whose scalars the cells stand for."""
        return self.value.split()[0]

    @property
    def is_grad(self) -> bool:
        return self in (Quantity.WEIGHT_GRAD, Quantity.SCORE_GRAD)

    @property
    def kind(self) -> ScaleKind:
        return ScaleKind.UNSIGNED if self is Quantity.WEIGHT else ScaleKind.SIGNED

    @property
    def hint(self) -> str:
        """For a tool tip."""
        return _HINTS[self]


_HINTS = {
    Quantity.WEIGHT: "How a query shares out its attention: softmax of its scores",
    Quantity.SCORE: "Dot product of query and key × 1/√(head size)",
    Quantity.CHANGE: "The weight now − the weight that the parameters of an earlier update give for the same document",
    Quantity.WEIGHT_GRAD: "d loss / d weight",
    Quantity.SCORE_GRAD: "d loss / d score",
}
