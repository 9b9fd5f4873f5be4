"""How the parameter matrices are labelled, and in which ways they can be laid out beside each other."""

from __future__ import annotations

from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.widgets.mosaic_layout import Block, Leaf, Stack, Tile

_FIRST_OF_LAYERS = 3  # wte, wpe and lm_head stand before
_AXES = {
    "wte": "rows: token · columns: residual stream",
    "wpe": "rows: position · columns: residual stream",
    "lm_head": "rows: logit of token · columns: residual stream",
    "attn_wq": "rows: query, by head · columns: residual stream",
    "attn_wk": "rows: key, by head · columns: residual stream",
    "attn_wv": "rows: value, by head · columns: residual stream",
    "attn_wo": "rows: residual stream · columns: heads' outputs",
    "mlp_fc1": "rows: unit · columns: residual stream",
    "mlp_fc2": "rows: residual stream · columns: unit",
}


def tiles_of(description: Description) -> list[Tile]:
    """The matrices in the program's order: wte, wpe, lm_head, then each layer's."""
    config = description.program.config
    tokens = tuple(map(description.token_text, range(config.vocab_size)))
    heads = config.head_size
    tiles = []
    for path, (rows, cols) in config.shapes().items():
        name = path.rpartition(".")[2]
        tiles.append(
            Tile(
                name=name,
                rows=rows,
                cols=cols,
                row_labels=tokens if name in ("wte", "lm_head") else tuple(map(str, range(rows))),
                col_labels=tuple(map(str, range(cols))),
                shape=f"{rows}×{cols}",
                full_name=path,
                words=name in ("wte", "wpe", "lm_head"),
                axes=_AXES[name],
                row_group=heads if name in ("attn_wq", "attn_wk", "attn_wv") else 0,
                col_group=heads if name == "attn_wo" else 0,
            )
        )
    return tiles


def candidates_of(n_layer: int) -> list[Block]:
    """Ways to lay the matrices out, the wide ones first."""
    wte, wpe, lm_head = Leaf(0), Leaf(1), Leaf(2)
    embeddings = [
        Stack((Stack((wte, wpe), vertical=True, aligned=True), lm_head), aligned=True),
        Stack((wte, lm_head, wpe), aligned=True),
    ]
    blocks = n_layer + 1
    in_a_row = sorted({blocks, -(-blocks // 2), min(3, blocks), min(2, blocks), 1}, reverse=True)
    return [
        _flow([table, *(_layer(i, variant) for i in range(n_layer))], count)
        for table in embeddings
        for variant in range(3)
        for count in in_a_row
    ]


def _flow(blocks: list[Block], in_a_row: int) -> Block:
    rows = [Stack(tuple(blocks[i : i + in_a_row])) for i in range(0, len(blocks), in_a_row)]
    return rows[0] if len(rows) == 1 else Stack(tuple(rows), vertical=True)


def _layer(layer: int, variant: int) -> Block:
    """A layer's matrices: attention above fc2 with fc1 beside them, its title above or aside; or one below another."""
    start = _FIRST_OF_LAYERS + 6 * layer
    wq, wk, wv, wo = (Leaf(start + i, row_labels=i == 0) for i in range(4))
    fc2 = Leaf(start + 5)
    attention = Stack((wq, wk, wv, wo), aligned=True)
    heading = f"layer{layer}"
    if variant == 0:
        return Stack((Stack((attention, fc2), vertical=True), Leaf(start + 4)), heading=heading)
    if variant == 1:  # the heading leaves fc1, the tallest, the whole height
        return Stack((Stack((attention, fc2), vertical=True, heading=heading), Leaf(start + 4, side_title=True)))
    return Stack((attention, Leaf(start + 4), fc2), vertical=True, heading=heading)
