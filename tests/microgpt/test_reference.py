"""Both engines compute what plain scalar Python computed in the reference runs, to the last bit."""

from __future__ import annotations

from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt.sample import generate
from microgpt.train import Training


def test_beginning(reference, census):
    settings = reference.settings
    training = Training(
        census, settings.configuration(reference.figures["vocab_size"]), settings.adam, 1, settings.seed
    )
    assert len(census) == reference.figures["num_docs"]
    assert Tokenizer.of(census).vocab_size == reference.figures["vocab_size"]
    assert len(training.parameters) == reference.figures["num_params"]
    assert reference.sha256([p.data for p in training.parameters]) == reference.figures["init_sha256"]


def test_program(reference, census):
    settings = reference.settings
    config = settings.configuration(reference.figures["vocab_size"])
    runner = Runner(record(config), census, settings.adam, settings.num_steps, settings.seed)
    losses = [runner.update().loss for _ in range(settings.num_steps)]
    assert losses == reference.losses
    state = runner.state()
    for name, numbers in (("params", state.parameters), ("m", state.m), ("v", state.v)):
        assert reference.sha256(numbers) == reference.figures[f"{name}_sha256"]
    samples = [
        generate(runner.predictor(), runner.tokenizer, settings.block_size, runner.rng, 0.5) for _ in reference.samples
    ]
    assert samples == reference.samples


def test_plain(reference, census):
    settings = reference.settings
    config = settings.configuration(reference.figures["vocab_size"])
    training = Training(census, config, settings.adam, settings.num_steps, settings.seed)
    losses = [training.update().loss for _ in range(8)]
    assert losses == reference.losses[:8]


def test_plain_samples_from_the_programs_parameters(reference, census):
    """Both engines leave the random numbers, the parameters and so the samples the same."""
    settings = reference.settings
    config = settings.configuration(reference.figures["vocab_size"])
    runner = Runner(record(config), census, settings.adam, settings.num_steps, settings.seed)
    for _ in range(settings.num_steps):
        runner.update()
    training = Training(census, config, settings.adam, settings.num_steps, settings.seed)
    training.restore(runner.state())
    samples = [
        generate(training.predictor(), training.tokenizer, settings.block_size, training.rng, 0.5) for _ in range(5)
    ]
    assert samples == reference.samples[:5]
