"""From numbers to colours: a diverging map centred on 0 and a sequential one, both even steps in OKLab.

OKLab is Björn Ottosson's perceptual colour space (2020, "A perceptual color space for image processing"):
equal distances in it look equally large. A number that is not 0 never gets the colour of 0.
"""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from microgpt_studio.theme.palette import Palette

Colors = NDArray[np.uint32]

ZERO = 128  # place of 0 in the diverging map
ARM = 127  # steps from 0 to either end
_ZERO_GAP = 0.08  # share of the way that the first step off 0 takes, so that it is seen
_LINEAR_SHARE = 1e-3  # symlog is linear below this share of the limit

_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


class ScaleKind(Enum):
    """Whether a quantity has a sign."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Scale:
    """Which number gets which place on a map: the limits at its ends, 0 at the centre (signed) or start."""

    kind: ScaleKind
    limit: float  # of the absolute value; larger ones are clipped
    symlog: bool = False  # logarithmic, and linear below a thousandth of the limit

    def __post_init__(self) -> None:
        if not (np.isfinite(self.limit) and self.limit >= 0.0):
            raise ValueError(f"The limit of a colour scale is finite and not negative, not {self.limit!r}.")

    @classmethod
    def fit(cls, values: ArrayLike, kind: ScaleKind, symlog: bool = False) -> "Scale":
        """The scale whose limit is the largest finite absolute value in `values` (any shape); 0 if none."""
        array = np.asarray(values, dtype=np.float64)
        finite = array[np.isfinite(array)]
        limit = float(np.abs(finite).max()) if finite.size else 0.0
        return cls(kind, limit, symlog)

    def positions(self, values: ArrayLike) -> NDArray[np.float64]:
        """Places on the map, same shape: -1 … 1, sign of the value kept; NaN gives NaN, infinities ±1."""
        array = np.asarray(values, dtype=np.float64)
        if self.limit == 0.0:
            return np.sign(array)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            share = np.abs(array / self.limit)
            if self.symlog:
                share = np.log1p(share / _LINEAR_SHARE) / np.log1p(1.0 / _LINEAR_SHARE)
            return np.asarray(np.sign(array) * np.minimum(share, 1.0))

    def value_at(self, position: float) -> float:
        """The number at a place -1 … 1 of the map: the inverse of `positions`."""
        share = abs(position)
        if self.symlog:
            share = float(np.expm1(share * np.log1p(1.0 / _LINEAR_SHARE))) * _LINEAR_SHARE
        return float(np.copysign(share * self.limit, position))


@lru_cache(maxsize=8)
def diverging(palette: Palette) -> Colors:
    """ARGB32 (256,), read-only: negative end at 1, 0 at 128, positive end at 255; entry 0 repeats entry 1."""
    neutral, negative, positive = (_to_lab(color) for color in (palette.neutral, palette.negative, palette.positive))
    steps = _steps(ARM)
    below = _between(neutral, negative, steps)[::-1]
    above = _between(neutral, positive, steps)
    lab = np.vstack([below[:1], below, neutral[None], above])
    return _to_argb(lab)


@lru_cache(maxsize=8)
def sequential(palette: Palette) -> Colors:
    """ARGB32 (256,), read-only, for numbers without a sign: 0 at 0, the limit at 255."""
    neutral, top = _to_lab(palette.neutral), _to_lab(palette.unsigned)
    return _to_argb(np.vstack([neutral[None], _between(neutral, top, _steps(255))]))


def lookup_table(kind: ScaleKind, palette: Palette) -> Colors:
    """The map for a kind of quantity: ARGB32 (256,)."""
    return diverging(palette) if kind is ScaleKind.SIGNED else sequential(palette)


def colors(values: ArrayLike, scale: Scale, palette: Palette) -> Colors:
    """ARGB32 of the values' shape; beyond the limit clipped, NaN and infinities in `palette.nonfinite`.

    On an unsigned scale a negative number is shown as 0.
    """
    array = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(array)
    position = np.where(finite, scale.positions(array), 0.0)
    if scale.kind is ScaleKind.SIGNED:
        steps = np.maximum(np.rint(np.abs(position) * ARM), array != 0.0)
        index = np.where(finite, ZERO + np.copysign(steps, array), ZERO)
    else:
        index = np.maximum(np.rint(position * 255), array > 0.0)
    table = lookup_table(scale.kind, palette)
    return np.where(finite, table[index.astype(np.intp)], argb(palette.nonfinite)).astype(np.uint32)


def argb(color: str) -> np.uint32:
    """A "#rrggbb" string as opaque ARGB32."""
    return np.uint32(0xFF000000 | int(color[1:], 16))


def is_light(pixels: Colors) -> NDArray[np.bool_]:
    """Same shape: whether dark text reads better upon the pixel than light text.

    At a relative luminance of 0.179 black and white have the same WCAG 2 contrast.
    """
    channels = np.stack([pixels >> 16 & 0xFF, pixels >> 8 & 0xFF, pixels & 0xFF], axis=-1) / 255.0
    return np.asarray(_to_linear(channels) @ np.array([0.2126, 0.7152, 0.0722]) > 0.179)


def _steps(count: int) -> NDArray[np.float64]:
    return np.linspace(_ZERO_GAP, 1.0, count)


def _between(start: NDArray[np.float64], end: NDArray[np.float64], steps: NDArray[np.float64]) -> NDArray[np.float64]:
    return start + (end - start) * steps[:, None]  # (len(steps), 3)


def _to_linear(channels: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def _to_lab(color: str) -> NDArray[np.float64]:
    channels = np.array([int(color[i : i + 2], 16) / 255.0 for i in (1, 3, 5)])
    return np.asarray(_LMS_TO_LAB @ np.cbrt(_RGB_TO_LMS @ _to_linear(channels)))


def _to_argb(lab: NDArray[np.float64]) -> Colors:
    linear = np.clip((lab @ np.linalg.inv(_LMS_TO_LAB).T) ** 3 @ np.linalg.inv(_RGB_TO_LMS).T, 0.0, 1.0)
    channels = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = np.rint(channels * 255).astype(np.uint32).T
    table: Colors = np.uint32(0xFF000000) | red << 16 | green << 8 | blue
    table.setflags(write=False)
    return table
