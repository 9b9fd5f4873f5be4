"""What the tests of the model share: the reference runs, and a plain training whose every Value can be looked at."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from microgpt.program.program import Program
from microgpt.settings import Settings, read
from microgpt.train import Training
from microgpt.value import Value

REFERENCES = Path(__file__).parent / "reference"


@dataclass(frozen=True)
class Reference:
    """What a plain run of 2026 computed; floats and hashes are exact."""

    settings: Settings
    losses: list[float]
    samples: list[str]
    figures: dict[str, Any]  # the whole file

    @staticmethod
    def sha256(numbers: Sequence[float]) -> str:
        """The hash that the file has of a list of numbers."""
        return hashlib.sha256(struct.pack(f"<{len(numbers)}d", *numbers)).hexdigest()


@pytest.fixture(params=["census_default", "census_two_layer"])
def reference(request: pytest.FixtureRequest) -> Reference:
    figures = json.loads((REFERENCES / f"{request.param}.json").read_text(encoding="utf-8"))
    settings = Settings(
        **{name: figures[name] for name in ("n_layer", "n_embd", "n_head", "block_size", "num_steps", "seed")}
    )
    losses = [float.fromhex(loss) for loss in figures["losses"]]
    return Reference(settings, losses, figures["samples"], figures)


@pytest.fixture(scope="session")
def census() -> list[str]:
    """The embedded names."""
    return read(Settings())


class WatchedTraining(Training):
    """A plain training that remembers every Value of its latest update, in the order of creation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        created = self.created = []  # parameters are not among them

        class Watched(Value):
            __slots__ = ()

            def __init__(self, data: float, operation: str = "parameter", *rest: Any) -> None:
                super().__init__(data, operation, *rest)
                if operation != "parameter":
                    created.append(self)

        self.matrices = {
            name: [[Watched(p.data) for p in row] for row in matrix] for name, matrix in self.matrices.items()
        }
        self.parameters = [p for matrix in self.matrices.values() for row in matrix for p in row]

    def update(self) -> Any:
        self.created.clear()
        return super().update()


@pytest.fixture(scope="session")
def watched_training() -> type[WatchedTraining]:
    return WatchedTraining


@pytest.fixture(scope="session")
def live_ids() -> Callable[[Program, int], np.ndarray]:
    """The ids of the scalars that a document of so many positions computes, in the order of computation."""
    return lambda program, positions: np.concatenate([np.arange(*ids) for ids in program.live_ranges(positions)])


@pytest.fixture(scope="session")
def bits() -> Callable[[Sequence[float]], list[int]]:
    """The numbers as integers that are equal only where every bit is: 0.0 is not -0.0, but nan is nan."""

    def bits(numbers: Sequence[float]) -> list[int]:
        array = np.array(numbers, dtype=np.float64)
        array[np.isnan(array)] = np.nan
        return array.view(np.int64).tolist()

    return bits
