"""Every element has a place of its own, and the place leads back to it."""

import numpy as np
import pytest

from microgpt.model import Configuration
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt_studio.panels.graph.map_layout import MapLayout

SHAPES = [
    Configuration(5, n_layer=2, n_embd=8, n_head=2, block_size=4),
    Configuration(3, n_layer=1, n_embd=1, n_head=1, block_size=1),
    Configuration(40, n_layer=1, n_embd=2, n_head=2, block_size=3),  # more tokens than eight lines of two hold
    Configuration(4, n_layer=1, n_embd=6, n_head=1, block_size=2),
]


@pytest.fixture(params=SHAPES, ids=str, scope="module")
def layout(request: pytest.FixtureRequest) -> MapLayout:
    return MapLayout(record(request.param))


@pytest.fixture(scope="module")
def usual(program: Program) -> MapLayout:
    return MapLayout(program)


def test_every_cell_leads_back_to_its_element(layout: MapLayout) -> None:
    parameters = layout.program.num_parameters
    for element in range(len(layout.program.element_ids)):
        rect = layout.rect_of(element)
        if element < parameters:
            assert rect is None
            continue
        assert rect is not None
        left, top, width, height = rect
        for share in (0.01, 0.5, 0.99):
            assert layout.cell_at(left + share * width, top + share * height) == element


def test_cells_do_not_overlap_and_stay_in_their_columns(layout: MapLayout) -> None:
    placed = np.flatnonzero(layout.row_of >= 0)
    column = np.maximum(layout.position_of[placed], 0)
    inside = layout.left[placed] - column * layout.pitch
    assert (inside >= 0).all()
    assert (inside + layout.width[placed] <= layout.column_width + 1e-9).all()
    for pattern in layout.patterns:
        assert (pattern.left[1:] >= pattern.right[:-1] - 1e-9).all()
    assert (layout.line_top[1:] >= layout.line_bottom[:-1] - 1e-9).all()


def test_patterns_hold_every_placed_element_once(layout: MapLayout) -> None:
    elements = np.sort(np.concatenate([pattern.elements.ravel() for pattern in layout.patterns]))
    assert elements.tolist() == list(range(layout.program.num_parameters, len(layout.program.element_ids)))


def test_rows_are_the_stages_in_the_order_of_the_code(usual: MapLayout) -> None:
    attention = ["norm", "q", "k", "v", "score", "weight", "out", "proj", "+ residual"]
    mlp = ["norm", "fc1", "relu", "fc2", "+ residual"]
    labels = [row.label for row in usual.rows]
    assert labels == ["embed", "norm", *2 * (attention + mlp), "logit", "prob", "loss", "mean loss"]
    assert [span.scope for span in usual.spans] == ["layer0.attn", "layer0.mlp", "layer1.attn", "layer1.mlp"]


def test_an_element_lies_in_the_row_and_column_of_its_tensor(usual: MapLayout) -> None:
    for tensor in usual.program.tensors:
        if tensor.position is None:
            continue
        elements = np.arange(tensor.first_element, tensor.first_element + tensor.size)
        stage = ".".join(part for part in tensor.stage.split(".") if not part.startswith("head"))
        assert {usual.rows[row].stage for row in usual.row_of[elements]} == {stage}
        assert set(usual.position_of[elements].tolist()) == {tensor.position}


def test_heads_stand_apart(usual: MapLayout) -> None:
    tensors = {tensor.path: tensor for tensor in usual.program.tensors}
    first, second = tensors["pos3.layer0.attn.head0.score"], tensors["pos3.layer0.attn.head1.score"]
    last = first.first_element + first.size - 1
    gap = usual.left[second.first_element] - usual.left[last] - usual.width[last]
    assert gap > 0.2
    assert usual.left[first.first_element + 1] == pytest.approx(
        usual.left[first.first_element] + usual.width[first.first_element]
    )


def test_an_inner_scalar_belongs_to_its_element(usual: MapLayout) -> None:
    program = usual.program
    for scalar in range(program.num_parameters, program.num_scalars, 7):
        element = usual.element_of(scalar)
        assert element is not None
        assert program.tensor[program.element_ids[element]] == program.tensor[scalar]
        index = int(program.element[scalar])
        assert index < 0 or program.element[program.element_ids[element]] == index
    assert usual.element_of(0) is None


def test_neighbours(usual: MapLayout) -> None:
    tensors = {tensor.path: tensor.first_element for tensor in usual.program.tensors}
    first = tensors["pos0.embed"]
    assert usual.neighbour(first, 1, 0, 3) == first + 1
    assert usual.neighbour(first, -1, 0, 3) == first
    assert usual.neighbour(first, 0, -1, 3) == first
    assert usual.neighbour(first, 0, 1, 3) == tensors["pos0.norm"]
    assert usual.neighbour(first + 7, 1, 0, 3) == tensors["pos1.embed"]
    assert usual.neighbour(tensors["pos2.embed"] + 7, 1, 0, 3) == tensors["pos2.embed"] + 7  # the last one shown
    assert usual.neighbour(tensors["pos2.loss"], 0, 1, 3) == tensors["loss"]
    assert usual.neighbour(tensors["loss"], 0, -1, 3) == tensors["pos0.loss"]


def test_attention_ends_are_the_weights_of_the_position(usual: MapLayout) -> None:
    program = usual.program
    elements, starts, ends = usual.attention_ends(3)
    paths = [program.tensors[program.tensor[program.element_ids[element]]].path for element in elements]
    expected = [f"pos3.layer{i}.attn.head{h}.weight" for i in range(2) for h in range(2) for _ in range(4)]
    assert paths == expected
    assert starts.shape == ends.shape == (16, 2)
    assert np.floor_divide(starts[:, 0], usual.pitch).tolist() == 4 * [0, 1, 2, 3]
    assert (starts[:, 1] < ends[:, 1]).all()


def test_what_lies_outside(usual: MapLayout) -> None:
    assert usual.cell_at(-0.1, 0.5) is None
    assert usual.cell_at(0.5, -0.1) is None
    assert usual.cell_at(0.5, usual.total_height + 1) is None
    assert usual.cell_at(usual.column_width + 0.1, 0.5) is None
    assert usual.row_at(-1.0) is None
    assert usual.row_at(0.5) == 0
    assert usual.extent(3)[0] == pytest.approx(3 * usual.pitch)


@pytest.mark.parametrize(
    ("path", "index", "head"),
    [
        ("pos2.layer1.attn.head1.weight", 0, (1, 1)),
        ("pos2.layer0.attn.head0.out", 3, (0, 0)),
        ("pos2.layer1.attn.v", 4, (1, 1)),
        ("pos2.layer1.attn.v", 3, (1, 0)),
        ("pos2.layer1.attn.proj", 0, None),
        ("pos2.embed", 0, None),
        ("pos2.loss", 0, None),
        ("wte", 0, None),
    ],
)
def test_head_of(usual: MapLayout, path: str, index: int, head: tuple[int, int] | None) -> None:
    tensor = next(tensor for tensor in usual.program.tensors if tensor.path == path)
    assert usual.head_of(tensor.first_element + index) == head
