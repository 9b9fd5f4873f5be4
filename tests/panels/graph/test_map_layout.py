"""Every cell has a place of its own, and the place leads back to it."""

import itertools

import numpy as np
import pytest

from microgpt.model import Configuration
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.panels.graph.heads import attention_ends, head_of
from microgpt_studio.panels.graph.map_layout import MapLayout

SHAPES = [
    Configuration(5, n_layer=2, n_embd=8, n_head=2, block_size=4),
    Configuration(3, n_layer=1, n_embd=1, n_head=1, block_size=1),
    Configuration(40, n_layer=1, n_embd=2, n_head=2, block_size=3),  # more tokens than eight lines of two hold
    Configuration(4, n_layer=1, n_embd=6, n_head=1, block_size=2),
    Configuration(3, n_layer=2, n_embd=1, n_head=1, block_size=2),
]


@pytest.fixture(params=SHAPES, ids=str, scope="module")
def layout(request: pytest.FixtureRequest) -> MapLayout:
    return layout_of(record(request.param))


@pytest.fixture(scope="module")
def usual(program: Program) -> MapLayout:
    return layout_of(program)


def layout_of(program: Program) -> MapLayout:
    return MapLayout(program, Expressions.of_program(program))


def test_every_cell_leads_back_to_itself(layout: MapLayout) -> None:
    assert layout.expressions.num_cells > len(layout.program.element_ids)
    for cell in range(layout.expressions.num_cells):
        left, top, width, height = layout.rect_of(cell)
        assert width > 0
        assert height > 0
        for share in (0.01, 0.5, 0.99):
            assert layout.cell_at(left + share * width, top + share * height) == cell


def test_cells_do_not_overlap_and_stay_in_their_columns(layout: MapLayout) -> None:
    parameters = layout.program.num_parameters
    column = np.maximum(layout.position_of, 0) * layout.pitch
    column[:parameters] = layout.parameters_left
    inside = layout.left - column
    assert (inside >= 0).all()
    assert (inside + layout.width <= layout.column_width + 1e-9).all()
    for lines in (layout.lines, layout.matrix_lines):
        for pattern in lines.patterns:
            assert (pattern.left[1:] >= pattern.right[:-1] - 1e-9).all()
        assert (lines.top[1:] >= lines.bottom[:-1] - 1e-9).all()
    assert (layout.top >= 0).all()
    assert (layout.top + layout.height <= layout.total_height + 1e-9).all()


def test_lines_hold_every_cell_once(layout: MapLayout) -> None:
    cells = layout.expressions.num_cells
    own = np.concatenate([pattern.cells.ravel() for pattern in layout.matrix_lines.patterns])
    others = np.concatenate([pattern.cells.ravel() for pattern in layout.lines.patterns])
    assert np.sort(own).tolist() == list(range(layout.program.num_parameters))
    assert np.sort(others).tolist() == list(range(layout.program.num_parameters, cells))
    for lines in (layout.lines, layout.matrix_lines):
        for line, in_line in enumerate(lines.cells):
            assert layout.line_of[in_line].tolist() == [line] * len(in_line)
            assert (np.diff(layout.left[in_line]) > 0).all()
            assert np.unique(layout.top[in_line]).tolist() == [lines.top[line]]
            assert layout.top[in_line] + layout.height[in_line] == pytest.approx(lines.bottom[line])


def test_a_cell_lies_within_its_band(layout: MapLayout) -> None:
    for cell in range(layout.expressions.num_cells):
        band = layout.bands[layout.row_of[cell]]
        tensor = layout.program.tensors[layout.expressions.tensor[cell]]
        _, top, _, height = layout.rect_of(cell)
        assert band.top - 1e-9 <= top < top + height <= band.bottom + 1e-9
        assert layout.is_parameter(cell) == (cell < layout.program.num_parameters)
        assert band.shared == (cell >= layout.expressions.num_elements)
        if layout.is_parameter(cell):
            assert band.stage == tensor.path


def test_every_matrix_has_its_rows_as_lines_beside_the_rows_that_use_it(usual: MapLayout) -> None:
    shapes = usual.program.config.shapes()
    assert sorted(matrix.stage for matrix in usual.matrices) == sorted(shapes)
    for matrix in usual.matrices:
        assert len(matrix.lines) == shapes[matrix.stage][0]
        cells = np.stack([usual.matrix_lines.cells[line] for line in matrix.lines])
        assert cells.shape == shapes[matrix.stage]
        tensor = next(t for t in usual.program.tensors if t.path == matrix.stage)
        assert usual.expressions.scalar[cells.ravel()].tolist() == usual.program.elements(tensor).tolist()
    places = {matrix.stage: (matrix.top, matrix.bottom) for matrix in usual.matrices}
    spans = {span.scope: (span.top, span.bottom) for span in usual.spans}
    for stage, (top, bottom) in places.items():
        if stage.startswith("layer"):
            scope = stage.split("_")[0]  # "layer0.attn_wq" is used in layer0.attn
            assert spans[scope][0] <= top < bottom <= spans[scope][1] + 1e-9
    assert places["wte"][1] <= places["wpe"][0] < spans["layer0.attn"][0]
    assert places["lm_head"][0] > spans["layer1.mlp"][1]
    order = ["layer0.attn_wq", "layer0.attn_wk", "layer0.attn_wv", "layer0.attn_wo", "layer0.mlp_fc1", "layer0.mlp_fc2"]
    assert all(places[above][1] <= places[below][0] for above, below in itertools.pairwise(order))


def test_cells_within_a_rectangle_are_those_that_it_meets(usual: MapLayout) -> None:
    right, bottom = usual.left + usual.width, usual.top + usual.height
    rng = np.random.default_rng(3)
    for _ in range(40):
        x = np.sort(rng.uniform(usual.parameters_left - 5, 8 * usual.pitch, 2))
        y = np.sort(rng.uniform(-2, usual.total_height + 2, 2))
        positions = int(rng.integers(1, 9))
        found = usual.cells_within(x[0], y[0], x[1], y[1], positions)
        meets = (right > x[0]) & (usual.left < x[1]) & (bottom > y[0]) & (usual.top < y[1])
        meets &= usual.position_of < positions
        assert np.sort(found).tolist() == np.flatnonzero(meets).tolist()


def test_rows_are_the_stages_in_the_order_of_the_code(usual: MapLayout) -> None:
    attention = ["norm Σ", "norm", "q", "k", "v", "score", "weight Σ", "weight", "out", "proj", "+ residual"]
    mlp = ["norm Σ", "norm", "fc1", "relu", "fc2", "+ residual"]
    labels = [row.label for row in usual.rows]
    assert labels == ["embed", "norm Σ", "norm", *2 * (attention + mlp), "logit", "prob Σ", "prob", "loss", "mean loss"]
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
    program, expressions = usual.program, usual.expressions
    for scalar in range(0, program.num_scalars, 7):
        cell = usual.cell_of(scalar)
        assert program.tensor[expressions.scalar[cell]] == program.tensor[scalar]
        index = int(program.element[scalar])
        assert index < 0 or program.element[expressions.scalar[cell]] == index


def test_neighbours(usual: MapLayout) -> None:
    tensors = {tensor.path: tensor.first_element for tensor in usual.program.tensors}
    first = tensors["pos0.embed"]
    assert usual.neighbour(first, 1, 0, 3) == first + 1
    assert usual.neighbour(first, 0, -1, 3) == first
    scale = usual.neighbour(first, 0, 1, 3)
    assert usual.program.tensors[usual.expressions.tensor[scale]].path == "pos0.norm"
    assert scale >= usual.expressions.num_elements
    assert usual.neighbour(scale, 0, 1, 3) in range(tensors["pos0.norm"], tensors["pos0.norm"] + 8)
    assert usual.neighbour(first + 7, 1, 0, 3) == tensors["pos1.embed"]
    assert usual.neighbour(tensors["pos2.embed"] + 7, 1, 0, 3) == tensors["pos2.embed"] + 7  # the last one shown
    assert usual.neighbour(tensors["pos2.loss"], 0, 1, 3) == tensors["loss"]
    assert usual.neighbour(tensors["loss"], 0, -1, 3) == tensors["pos0.loss"]


def test_neighbours_from_the_parameters_to_the_positions_and_back(usual: MapLayout) -> None:
    tensors = {tensor.path: tensor.first_element for tensor in usual.program.tensors}
    embed = tensors["pos0.embed"]
    parameter = usual.neighbour(embed, -1, 0, 3)
    assert usual.is_parameter(parameter)
    _, top, _, height = usual.rect_of(parameter)
    _, own_top, _, own_height = usual.rect_of(embed)
    assert abs(top + height / 2 - own_top - own_height / 2) <= usual.height[: usual.program.num_parameters].max()
    assert usual.slot_of[parameter] == 7  # the one at the right
    back = usual.neighbour(parameter, 1, 0, 3)
    assert usual.position_of[back] == 0
    assert usual.slot_of[back] == 0
    wte = tensors["wte"]
    assert usual.neighbour(wte, 1, 0, 3) == wte + 1
    assert usual.neighbour(wte, 0, 1, 3) == wte + 8
    assert usual.neighbour(wte, -1, 0, 3) == wte
    assert usual.neighbour(wte, 0, -1, 3) == wte
    last = tensors["lm_head"] + usual.program.config.vocab_size * 8 - 1
    assert usual.neighbour(last, 0, 1, 3) == last


def test_attention_ends_are_the_weights_of_the_position(usual: MapLayout) -> None:
    program = usual.program
    cells, starts, ends = attention_ends(usual, 3)
    paths = [program.tensors[usual.expressions.tensor[cell]].path for cell in cells]
    expected = [f"pos3.layer{i}.attn.head{h}.weight" for i in range(2) for h in range(2) for _ in range(4)]
    assert paths == expected
    assert starts.shape == ends.shape == (16, 2)
    assert np.floor_divide(starts[:, 0], usual.pitch).tolist() == 4 * [0, 1, 2, 3]
    assert (starts[:, 1] < ends[:, 1]).all()
    keys, from_keys, _ = attention_ends(usual, 3, reads="k")
    assert keys.tolist() == cells.tolist()
    assert (from_keys[:, 1] < starts[:, 1]).all()  # keys stand above values
    assert from_keys[:, 0].tolist() == starts[:, 0].tolist()


def test_what_lies_outside(usual: MapLayout) -> None:
    assert usual.cell_at(usual.parameters_left - 0.1, 0.5) is None
    assert usual.cell_at(-0.1, 0.5) is None  # between the parameters and the first position
    assert usual.cell_at(0.5, -0.1) is None
    assert usual.cell_at(0.5, usual.total_height + 1) is None
    assert usual.cell_at(usual.column_width + 0.1, 0.5) is None
    assert usual.row_at(-1.0) is None
    assert usual.row_at(0.5) == 0
    left, right, height = usual.extent(3)
    assert (left, right) == pytest.approx((-usual.pitch, 3 * usual.pitch))
    assert height == usual.total_height


def test_a_block_is_what_a_column_has_of_a_row(usual: MapLayout) -> None:
    for stage, index in (("pos2.layer0.mlp.fc1", 5), ("layer0.attn_wk", 9), ("loss", 0)):
        tensor = next(t for t in usual.program.tensors if t.path == stage)
        cells = np.arange(tensor.first_element, tensor.first_element + tensor.size)
        left, top, width, height = usual.block_of(int(cells[index]))
        assert left <= usual.left[cells].min()
        assert left + width >= (usual.left + usual.width)[cells].max() - 1e-9
        assert top == usual.top[cells].min()
        assert top + height == pytest.approx((usual.top + usual.height)[cells].max())


def test_places_depend_on_the_program_alone(usual: MapLayout) -> None:
    again = layout_of(record(usual.program.config))
    for name in ("left", "top", "width", "height", "row_of", "line_of", "slot_of", "position_of"):
        assert np.array_equal(getattr(again, name), getattr(usual, name))


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
    assert head_of(usual, tensor.first_element + index) == head
