"""Numbers in words: those of the code as they stand there, shares in percent, and which are the same float."""

import math

from microgpt_studio.widgets.number_text import fitted, short

_SHARE = 7  # characters of "-48.31 %" before the sign


def constant_text(number: float) -> str:
    """A number of the code as one would write it there: 0.5, -1, 1e-05; a measured one with four digits."""
    text = f"{number:.4g}"
    return text if float(text) == number else short(number)


def share_text(share: float) -> str:
    """A share of 1 in percent, as "-48.31 %"; empty for none."""
    return "" if math.isnan(share) else f"{fitted(100.0 * share, _SHARE)} %"


def same_bits(a: float, b: float) -> bool:
    """Whether two numbers are the same float: -0.0 is not 0.0, nan is nan."""
    return a.hex() == b.hex()
