"""The session: updates, faults, restart, restore, samples, and snapshots that nobody can change."""

import random
from dataclasses import replace

import numpy as np
import pytest

from microgpt.model import Configuration
from microgpt.sample import generate, predictor
from microgpt.train import State, Training
from microgpt.value import Value
from microgpt_studio.debugger.moves import Move
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Reach, Wanted
from microgpt_studio.debugger.stepping import Grain

EVERYTHING = Wanted(cells=True, parameters=True, selection=0)


def changed(session: Session, **matrices: float) -> State:
    """The session's state with whole matrices (dots written as __) set to one number."""
    state = session.state()
    parameters = list(state.parameters)
    for name, number in matrices.items():
        path = name.replace("__", ".")
        tensor = next(tensor for tensor in session.description.program.tensors if tensor.path == path)
        parameters[tensor.start : tensor.stop] = [number] * tensor.size
    return replace(state, parameters=parameters)


def unlikely_targets(session: Session) -> State:
    """A state in which softmax gives the first target no probability at all: its logarithm is a fault."""
    state = session.state()
    parameters = np.array(state.parameters)
    head = next(tensor for tensor in session.description.program.tensors if tensor.path == "lm_head")
    parameters[head.start : head.stop] *= 1e6
    return replace(state, parameters=parameters.tolist())


def equal_states(a: State, b: State) -> bool:
    return a.step == b.step and all(
        list(getattr(a, part)) == list(getattr(b, part)) for part in ("parameters", "m", "v")
    )


def test_updates_are_the_plain_training_s(session):
    settings, config = session.settings, session.description.program.config
    documents = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "charlotte", "amelia"]
    training = Training(documents, config, settings.adam, settings.num_steps, settings.seed)
    for _ in range(3):
        assert session.update() == training.update()
    assert equal_states(session.state(), training.state())


def test_it_ends_after_the_last_update(session):
    updates = [session.update() for _ in range(20)]
    assert None not in updates
    assert session.at_end
    assert session.update() is None
    assert session.fault is None
    assert session.step == 20


def test_a_snapshot_has_what_is_wanted_and_nothing_else(session):
    session.update()
    empty = session.snapshot(1, Wanted())
    assert (empty.cells, empty.parameters, empty.explanation) == (None, None, None)
    whole = session.snapshot(2, EVERYTHING)
    assert (whole.number, whole.wanted) == (2, EVERYTHING)
    assert whole.cells is not None
    assert whole.parameters is not None
    assert whole.explanation is not None


def test_before_the_first_update_the_moment_says_so(session):
    snapshot = session.snapshot(1, EVERYTHING)
    moment = snapshot.moment
    assert (moment.step, moment.loss, moment.lr, moment.grad_norm) == (0, None, None, None)
    assert moment.document == session.runner.document(0)
    assert not snapshot.parameters.updated
    assert not snapshot.parameters.m.any()
    assert len(snapshot.losses) == 0


def test_the_moment_is_of_the_last_update(session):
    first, second = session.update(), session.update()
    moment = session.snapshot(1, Wanted()).moment
    assert (moment.step, moment.document) == (2, second.document)
    assert (moment.loss, moment.lr, moment.grad_norm) == (second.loss, second.lr, second.grad_norm)
    assert moment.positions == min(8, len(second.document) + 1)
    assert moment.num_scalars == session.description.program.num_live(moment.positions)
    assert session.snapshot(2, Wanted()).losses.tolist() == [first.loss, second.loss]


def test_cells_know_how_far_the_graph_reaches(session):
    session.update()
    program, machine = session.description.program, session.runner.machine
    cells = session.snapshot(1, EVERYTHING).cells
    ids = program.element_ids
    live = np.zeros(program.num_scalars, dtype=bool)
    live[: program.num_parameters] = True
    for start, stop in program.live_ranges(machine.positions):
        live[start:stop] = True
    assert np.array_equal(cells.data_reach == Reach.KNOWN, live[ids])
    reached = np.zeros(program.num_scalars, dtype=bool)
    reached[: program.num_parameters] = True
    reached[machine.order] = True
    assert np.array_equal(cells.grad_reach == Reach.KNOWN, reached[ids])
    assert np.array_equal(cells.grad_reach == Reach.OUTSIDE, (live & ~reached)[ids])
    assert np.array_equal(cells.data, machine.data[ids])
    assert np.array_equal(cells.grad, machine.grad[ids])


def arrays_of(snapshot) -> list[np.ndarray]:
    parts = (snapshot.cells, snapshot.parameters)
    found = [getattr(part, name) for part in parts for name in part.__slots__]
    return [snapshot.losses, *(array for array in found if isinstance(array, np.ndarray))]


def test_a_snapshot_s_arrays_are_read_only_and_do_not_change(session):
    session.update()
    snapshot = session.snapshot(1, EVERYTHING)
    copies = [array.copy() for array in arrays_of(snapshot)]
    for _ in range(3):
        session.update()
    session.restart()
    session.update()
    for array, copy in zip(arrays_of(snapshot), copies, strict=True):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
        assert np.array_equal(array, copy)


def test_losses_outgrow_their_buffer_and_old_views_stay(program):
    settings = replace(small_settings(), num_steps=1100)
    session = Session(settings, ["emma", "olivia", "ava", "isabella", "sophia", "mia", "charlotte"], tiny(), "names")
    losses = []
    views = []
    while (update := session.update()) is not None:
        losses.append(update.loss)
        if update.step % 100 == 0:
            views.append(session.snapshot(1, Wanted()).losses)
    assert session.snapshot(1, Wanted()).losses.tolist() == losses
    for view in views:
        assert view.tolist() == losses[: len(view)]


def small_settings():
    from microgpt.settings import Settings

    return Settings(n_layer=1, n_embd=2, n_head=1, block_size=2)


def tiny():
    from microgpt.program.recorder import record

    documents = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "charlotte"]
    return record(Configuration(len(set("".join(documents))) + 1, n_layer=1, n_embd=2, n_head=1, block_size=2))


def test_restart_does_the_same_again(session):
    first = [session.update() for _ in range(5)]
    session.restart()
    assert session.step == 0
    assert len(session.snapshot(1, Wanted()).losses) == 0
    assert session.snapshot(1, Wanted()).moment.loss is None
    assert [session.update() for _ in range(5)] == first


def test_restore_goes_on_exactly(session):
    for _ in range(4):
        session.update()
    state = session.state()
    expected = [session.update() for _ in range(4)]
    session.restore(state)
    snapshot = session.snapshot(1, EVERYTHING)
    assert snapshot.moment.step == 4
    assert np.isnan(snapshot.losses).tolist() == [True] * 4
    assert not snapshot.parameters.updated
    assert snapshot.parameters.m.tolist() == list(state.m)
    assert snapshot.parameters.after.tolist() == list(state.parameters)
    assert [session.update() for _ in range(4)] == expected
    assert session.snapshot(2, Wanted()).losses[4:].tolist() == [update.loss for update in expected]


def test_samples_do_not_disturb_training_and_are_the_plain_model_s(session):
    for _ in range(3):
        session.update()
    state, before = session.state(), session.snapshot(1, EVERYTHING)
    drawn = session.sample(5, 0.7, seed=11)
    assert equal_states(session.state(), state)
    after = session.snapshot(2, EVERYTHING)
    for old, new in zip(arrays_of(before), arrays_of(after), strict=True):
        assert np.array_equal(old, new, equal_nan=True)
    assert session.sample(5, 0.7, seed=11) == drawn

    config, numbers, start = session.description.program.config, list(state.parameters), 0
    matrices = {}
    for name, (rows, columns) in config.shapes().items():
        values = [Value(x) for x in numbers[start : start + rows * columns]]
        matrices[name] = [values[row * columns : (row + 1) * columns] for row in range(rows)]
        start += rows * columns
    rng, tokenizer = random.Random(11), session.description.tokenizer
    plain = predictor(matrices, config)
    assert drawn == [generate(plain, tokenizer, config.block_size, rng, 0.7) for _ in range(5)]

    expected = session.update()
    session.restore(state)
    assert session.update() == expected


def test_a_temperature_that_is_not_positive_is_refused(session):
    with pytest.raises(ValueError, match="temperature"):
        session.sample(1, 0.0, seed=1)


def test_a_fault_in_the_forward_phase_stops_at_that_scalar(session):
    for _ in range(2):
        session.update()
    session.restore(unlikely_targets(session))
    before = session.state()
    assert session.update() is None
    fault = session.fault
    assert fault is not None
    assert fault.place == session.execution.place
    assert fault.place.updates == 2
    address = session.description.addresses.format(fault.scalar)
    assert "log" in address
    assert fault.sentence == f"Update 3 stopped at {address}: log(0.0) is not defined."
    assert session.stop == fault
    assert session.at_end
    assert session.update() is None
    assert session.step == 2
    assert equal_states(session.state(), before)


def test_after_a_fault_the_snapshot_shows_what_was_computed_until_then(session):
    session.update()
    session.restore(unlikely_targets(session))
    session.update()
    fault = session.fault
    snapshot = session.snapshot(1, Wanted(cells=True, parameters=True, selection=fault.scalar))
    assert snapshot.moment.step == 1
    assert snapshot.moment.document == session.runner.document(1)
    ids, program = session.description.program.element_ids, session.description.program
    known = snapshot.cells.data_reach == Reach.KNOWN
    assert np.array_equal(known, (ids < program.num_parameters) | (ids < fault.scalar))
    assert np.isin(snapshot.cells.grad_reach, [Reach.NOT_COMPUTED, Reach.OUTSIDE]).all()
    assert not snapshot.parameters.updated
    assert snapshot.explanation.data_reach is Reach.NOT_COMPUTED
    assert snapshot.explanation.live
    operand = session.snapshot(2, Wanted(selection=int(session.runner.machine.first[fault.scalar]))).explanation
    assert (operand.data, operand.data_reach) == (0.0, Reach.KNOWN)


def test_a_fault_in_adam_leaves_the_state_and_shows_the_gradient(session):
    session.restore(changed(session, layer0__attn_wo=0.0, layer0__attn_wv=1e200, layer0__mlp_fc2=0.1))
    before = session.state()
    assert session.update() is None
    fault = session.fault
    assert fault is not None
    assert session.description.addresses.format(fault.scalar).startswith("layer0.attn_wo[")
    assert "overflows" in fault.sentence
    assert equal_states(session.state(), before)
    snapshot = session.snapshot(1, Wanted(parameters=True, selection=fault.scalar))
    assert snapshot.explanation.grad_reach is Reach.KNOWN
    assert not snapshot.parameters.updated
    assert snapshot.parameters.m[fault.scalar :].tolist() == list(before.m)[fault.scalar :]
    assert snapshot.parameters.m[: fault.scalar].tolist() != list(before.m)[: fault.scalar]
    assert snapshot.parameters.after[fault.scalar :].tolist() == list(before.parameters)[fault.scalar :]


def test_restart_gets_over_a_fault(session):
    expected = session.update()
    session.restart()
    session.restore(unlikely_targets(session))
    session.update()
    assert session.fault is not None
    session.restart()
    assert session.fault is None
    assert not session.at_end
    assert session.update() == expected


def test_moves_by_grain_there_and_back(session):
    session.run(2)
    seen = [session.snapshot(1, Wanted(cells=True)).moment]
    for grain in (Grain.PHASE, Grain.POSITION, Grain.TENSOR, Grain.ELEMENT, Grain.OPERATION):
        assert session.move(Move.OVER, grain) is None
        seen.append(session.snapshot(1, Wanted(cells=True)).moment)
    assert [moment.update for moment in seen] == [2, 3, 3, 3, 3, 3]
    dones = [moment.cursor.done for moment in seen[1:]]
    assert dones == sorted(set(dones))
    assert seen[1].cursor.breadcrumb[:2] == ("update 3", "backward")
    assert session.move(Move.BACK_INTO, Grain.OPERATION) is None
    assert session.snapshot(1, Wanted()).moment == seen[-2]
    assert session.move(Move.BACK_OVER, Grain.UPDATE) is None
    assert session.snapshot(1, Wanted()).moment == seen[0]
    assert session.move(Move.OUT, Grain.UPDATE) is not None


def test_half_way_through_the_backward_phase_gradients_are_partial(session):
    session.run(1)
    session.move(Move.OVER, Grain.PHASE)
    for _ in range(40):
        session.move(Move.OVER, Grain.ELEMENT)
    cells = session.snapshot(1, Wanted(cells=True)).cells
    assert {Reach.KNOWN, Reach.PARTIAL, Reach.NOT_COMPUTED} <= {Reach(int(reach)) for reach in cells.grad_reach}
    partial = session.description.program.element_ids[cells.grad_reach == Reach.PARTIAL]
    for scalar in partial[:20].tolist():
        explanation = session.snapshot(1, Wanted(selection=scalar)).explanation
        assert 0 < explanation.received < explanation.expected
        assert len(explanation.consumers) == explanation.received
        assert explanation.consumers[-1].total == explanation.grad
    parameters = session.snapshot(1, Wanted(parameters=True)).parameters
    assert parameters.num_updated == 0
    session.move(Move.OVER, Grain.PHASE)
    session.move(Move.OVER, Grain.TENSOR)
    numbers = session.snapshot(1, Wanted(parameters=True)).parameters
    wte = session.description.program.tensors[0]
    assert numbers.num_updated == wte.stop
    assert np.array_equal(numbers.after[wte.stop :], numbers.before[wte.stop :])
    assert np.array_equal(numbers.after[: wte.stop], numbers.before[: wte.stop] - numbers.change[: wte.stop])
