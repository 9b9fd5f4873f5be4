"""The model: a GPT over scalar Values. Parameters go in, one token at a time; logits and a loss come out."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from microgpt.value import Value, summed

Vector = list[Value]
Matrix = list[Vector]  # rows are outputs, columns are inputs
Name = Callable[[str, Vector], Vector]  # tells whoever watches what a vector is called, and returns it unchanged


def unnamed(_address: str, vector: Vector) -> Vector:
    """Nobody watches."""
    return vector


@dataclass(frozen=True, slots=True)
class Configuration:
    """The sizes of a model. Raises ValueError where they do not fit together."""

    vocab_size: int  # tokens, BOS among them
    n_layer: int = 1
    n_embd: int = 16  # width of the residual stream
    n_head: int = 4
    block_size: int = 16  # positions that attention can look back on

    def __post_init__(self) -> None:
        for size in ("vocab_size", "n_layer", "n_embd", "n_head", "block_size"):
            if getattr(self, size) < 1:
                raise ValueError(f"{size} is {getattr(self, size)}, but it has to be at least 1")
        if self.n_embd % self.n_head:
            raise ValueError(
                f"n_embd is {self.n_embd} and n_head is {self.n_head}, but n_embd has to be a multiple of n_head"
            )

    @property
    def head_size(self) -> int:
        return self.n_embd // self.n_head

    def shapes(self) -> dict[str, tuple[int, int]]:
        """Rows and columns of every parameter matrix, in the order in which they are drawn."""
        shapes = {
            "wte": (self.vocab_size, self.n_embd),  # token embedding
            "wpe": (self.block_size, self.n_embd),  # position embedding
            "lm_head": (self.vocab_size, self.n_embd),
        }
        for i in range(self.n_layer):
            for matrix in ("attn_wq", "attn_wk", "attn_wv", "attn_wo"):
                shapes[f"layer{i}.{matrix}"] = (self.n_embd, self.n_embd)
            shapes[f"layer{i}.mlp_fc1"] = (4 * self.n_embd, self.n_embd)
            shapes[f"layer{i}.mlp_fc2"] = (self.n_embd, 4 * self.n_embd)
        return shapes


def draw_parameters(config: Configuration, rng: random.Random) -> dict[str, Matrix]:
    """New parameters: small random numbers, normally distributed around 0."""
    return {
        name: [[Value(rng.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in config.shapes().items()
    }


def linear(x: Vector, w: Matrix) -> Vector:
    """The matrix w times the vector x: every output is a weighted sum of the inputs."""
    return [summed(wi * xi for wi, xi in zip(row, x)) for row in w]


def softmax(logits: Vector) -> Vector:
    """Positive numbers that add up to 1 and keep the order of the logits."""
    largest = max(logit.data for logit in logits)  # a constant: it keeps exp small and changes no result
    exps = [(logit - largest).exp() for logit in logits]
    total = summed(exps)
    return [e / total for e in exps]


def rmsnorm(x: Vector) -> Vector:
    """The vector x scaled to a root mean square of 1 (Zhang and Sennrich 2019, without a gain)."""
    mean_square = summed(xi * xi for xi in x) / len(x)
    scale = (mean_square + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def gpt(
    parameters: dict[str, Matrix],
    config: Configuration,
    token: int,
    position: int,
    keys: list[list[Vector]],  # [layer][earlier position]: what attention can look for
    values: list[list[Vector]],  # [layer][earlier position]: what it finds there
    name: Name = unnamed,
) -> Vector:
    """The logits of the token that follows, one for each token of the vocabulary; keys and values grow by one."""
    at = f"pos{position}"
    x = name(f"{at}.embed", [t + p for t, p in zip(parameters["wte"][token], parameters["wpe"][position])])
    x = name(f"{at}.norm", rmsnorm(x))

    for i in range(config.n_layer):
        # Attention: this position asks, the earlier ones and itself answer.
        attn = f"{at}.layer{i}.attn"
        residual = x
        x = name(f"{attn}.norm", rmsnorm(x))
        q = name(f"{attn}.q", linear(x, parameters[f"layer{i}.attn_wq"]))
        k = name(f"{attn}.k", linear(x, parameters[f"layer{i}.attn_wk"]))
        v = name(f"{attn}.v", linear(x, parameters[f"layer{i}.attn_wv"]))
        keys[i].append(k)
        values[i].append(v)
        x = []
        for h in range(config.n_head):
            head, js = f"{attn}.head{h}", range(h * config.head_size, (h + 1) * config.head_size)
            score = [summed(q[j] * kt[j] for j in js) / config.head_size**0.5 for kt in keys[i]]
            weight = name(f"{head}.weight", softmax(name(f"{head}.score", score)))
            out = [summed(w * vt[j] for w, vt in zip(weight, values[i])) for j in js]
            x += name(f"{head}.out", out)
        x = name(f"{attn}.proj", linear(x, parameters[f"layer{i}.attn_wo"]))
        x = name(f"{attn}.residual", [a + b for a, b in zip(x, residual)])

        # MLP: every position for itself.
        mlp = f"{at}.layer{i}.mlp"
        residual = x
        x = name(f"{mlp}.norm", rmsnorm(x))
        x = name(f"{mlp}.fc1", linear(x, parameters[f"layer{i}.mlp_fc1"]))
        x = name(f"{mlp}.relu", [xi.relu() for xi in x])
        x = name(f"{mlp}.fc2", linear(x, parameters[f"layer{i}.mlp_fc2"]))
        x = name(f"{mlp}.residual", [a + b for a, b in zip(x, residual)])

    return name(f"{at}.logit", linear(x, parameters["lm_head"]))


def loss(parameters: dict[str, Matrix], config: Configuration, tokens: Sequence[int], name: Name = unnamed) -> Value:
    """The cross-entropy of a document: how surprising each next token was (in nats), averaged over the positions.

    A document that is longer than the block is cut.
    """
    n = min(config.block_size, len(tokens) - 1)
    keys: list[list[Vector]] = [[] for _ in range(config.n_layer)]
    values: list[list[Vector]] = [[] for _ in range(config.n_layer)]
    losses = []
    for position in range(n):
        token, target = tokens[position], tokens[position + 1]
        prob = name(f"pos{position}.prob", softmax(gpt(parameters, config, token, position, keys, values, name)))
        losses += name(f"pos{position}.loss", [-prob[target].log()])
    return name("loss", [(1 / n) * summed(losses)])[0]
