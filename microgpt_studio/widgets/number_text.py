"""Numbers as text: short for the eye, full for hover and copy."""

import math

DIGITS = 4


def short(x: float, digits: int = DIGITS) -> str:
    """`x` with `digits` significant digits: 0.05690, 12.35, -1.234e-05; only zero itself reads 0 or -0."""
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    if x == 0:
        return "-0" if math.copysign(1.0, x) < 0 else "0"
    text = f"{x:#.{digits}g}"  # "#" keeps the zeros at the end: they are digits that were computed
    mantissa, e, exponent = text.partition("e")
    return mantissa.removesuffix(".") + e + exponent


def fitted(x: float, width: int) -> str:
    """`short(x)` with as many digits, at most four, as `width` characters hold; 7 hold one of any number.

    At a width that not even one digit fits, an ellipsis.
    """
    for digits in range(DIGITS, 0, -1):
        text = short(x, digits)
        if len(text) <= width:
            return text
    return "…"


def full(x: float) -> str:
    """`x` with every digit: reads back as the same float."""
    return repr(float(x))
