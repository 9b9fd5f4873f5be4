"""What the Paths panel says: how many scalars lie on the paths, what the strongest chain is, and what is missing."""

from __future__ import annotations

from microgpt_studio.debugger.paths import Obstacle, Paths, Strength
from microgpt_studio.debugger.snapshot import Description, Moment
from microgpt_studio.widgets.number_text import full, short

EMPTY = "Select a scalar to see how the loss depends on it."
WAITING = "The paths are on their way."
_MANY = 10.0  # times the gradient, of which the other chains take most away again
_EXACT = 2.0**53  # counts above it are rounded


def percent(share: float) -> str:
    """A share of 1 for the eye: "48.31 %"."""
    return f"{short(100.0 * share)} %"


def headline(paths: Paths, description: Description, moment: Moment) -> str:
    """The sentences above the chain and the shares."""
    if paths.obstacle is not None:
        return _why_none(paths.obstacle, paths.scalar, description, moment)
    if len(paths.on_path) == 1:
        return "This is the loss itself: every path ends here."
    return f"{_extent(paths)} {_strongest(paths)}"


def in_full(paths: Paths) -> str:
    """The numbers of the sentences with every digit, a line each; empty where there are none."""
    if paths.obstacle is not None:
        return ""
    count = paths.num_paths
    lines = [f"paths {count:,.0f}, exactly" if count <= _EXACT else f"paths {full(count)}, rounded"]
    for name, number in (
        ("product of the strongest chain", paths.product),
        ("its share of the gradient", paths.chain_share),
        ("gradient", paths.grad),
    ):
        if number is not None:
            lines.append(f"{name} {full(number)}")
    return "\n".join(lines)


def missing_chain(paths: Paths) -> str:
    """Why there is no chain; empty where there is one."""
    if paths.obstacle is not None:
        return "No path leads from here to the loss."
    return "" if paths.chain else "Not computed yet: the forward phase has not come to the loss."


def missing_shares(paths: Paths) -> str:
    """Why there are no shares; empty where there are some."""
    if paths.obstacle is not None:
        return "No path leads from here to the loss."
    if paths.shares is not None:
        return ""
    if paths.grad is None:
        phase = "the gradient is not complete" if paths.chain else "the forward phase has not come to the loss"
        return f"Not computed yet: {phase}."
    if paths.grad == 0.0:
        return "The gradient is 0: there is nothing to share out."
    return f"The gradient is {short(paths.grad)}: it cannot be shared out."


def _why_none(obstacle: Obstacle, scalar: int, description: Description, moment: Moment) -> str:
    if obstacle is Obstacle.UNUSED:
        return f"“{moment.document}” does not use this parameter: no path leads from here to the loss."
    if obstacle is Obstacle.OUTSIDE:
        return "The loss does not depend on this scalar: no path leads from here to it."
    program = description.program
    position = program.tensors[program.tensor[scalar]].position
    what = "this scalar" if position is None else f"position {position}"
    count = "1 position" if moment.positions == 1 else f"{moment.positions} positions"
    return f"“{moment.document}” has {count}: {what} is not part of its graph."


def _extent(paths: Paths) -> str:
    count = paths.num_paths
    if count == 1:
        return f"One path leads to the loss, over {len(paths.on_path):,} scalars."
    number = f"{count:,.0f}" if count < 1e6 else short(count)
    return f"{number} paths lead to the loss, over {len(paths.on_path):,} scalars."


def _strongest(paths: Paths) -> str:
    if not paths.chain:
        return "The strongest chain is not computed yet."
    product = paths.product
    assert product is not None
    links = len(paths.chain) - 1
    zeros = sum(link.derivative == 0.0 for link in paths.chain)
    what = f"The strongest chain has {links} link" + ("s" if links > 1 else "")
    match paths.strength:
        case Strength.ZERO:
            fewest = "one derivative of 0" if zeros == 1 else f"{zeros} derivatives of 0"
            return f"Every path has the product 0, so no gradient arrives. The chain has the fewest zeros: {fewest}."
        case Strength.NOT_FINITE:
            return f"{what}; a derivative on it is not finite, and its product is {short(product)}."
        case Strength.BEYOND_FLOATS:
            return f"{what}; its product, about 10^{paths.log10:.1f}, is {short(product)} in floating point."
    share, grad = paths.chain_share, paths.grad
    if grad is None:
        return f"{what}, product {short(product)}; the gradient is not complete."
    if share is None:
        return f"{what}, product {short(product)}; all paths together give the gradient {short(grad)}."
    return f"{what}, product {short(product)}: {_of(share)} the gradient {short(grad)}."


def _of(share: float) -> str:
    return f"{percent(share)} of" if abs(share) < _MANY else f"{short(share)} times"
