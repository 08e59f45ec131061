"""Contender: PyTorch without gradients, two threads, float64; training in float32 with one thread."""

import math
from types import SimpleNamespace

import numpy as np
import torch
from _peer_problems import (
    BINARY_NOISE,
    BLOCK,
    DT,
    OU_STD,
    OU_TAU,
    SIGMA,
    binary_values,
    binary_weights,
    covariance_values,
    noise_values,
    rate_values,
    rate_weights,
)
from _peer_worker import Values, Work, serve
from _training_torch import NAMES, Server

THREADS = 2


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))


@torch.inference_mode()
def run_binary(weights: torch.Tensor, runs: int, steps: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    torch.manual_seed(seed)
    s = before = -torch.ones(runs, len(weights), dtype=torch.float64)
    u, drawn = torch.empty_like(s), torch.empty_like(s)
    for _ in range(steps):
        before = s
        torch.addmm(drawn.normal_(0, BINARY_NOISE), s, weights, out=u)
        s = 2.0 * (drawn.uniform_() < u.sigmoid_()) - 1.0
        s = s.double()
    return before.numpy(), s.numpy()


def binary(size: int, runs: int) -> Work:
    """Binary networks in white noise, all runs in one product."""
    torch.set_num_threads(THREADS)
    weights = binary_weights(size)
    transposed = tensor(weights.T)
    return Work(lambda steps, seed: run_binary(transposed, runs, steps, seed), lambda out: binary_values(weights, *out))


@torch.inference_mode()
def run_rate(transposed: torch.Tensor, runs: int, covariance: bool, steps: int, seed: int) -> np.ndarray:
    torch.manual_seed(seed)
    size, strength = len(transposed), SIGMA * math.sqrt(DT)
    x = torch.zeros(runs, size, dtype=torch.float64)
    rates, field, noise = (torch.empty_like(x) for _ in range(3))
    if covariance:
        block = torch.empty(runs, BLOCK, size, dtype=torch.float64)
        sums, total = torch.zeros(runs, size, size, dtype=torch.float64), torch.zeros_like(x)
    for step in range(steps):
        if covariance:
            place = step % BLOCK
            block[:, place] = x
            if place == BLOCK - 1 or step == steps - 1:
                part = block[:, : place + 1]
                sums.baddbmm_(part.mT, part)
                total += part.sum(1)
        torch.tanh(x, out=rates)
        torch.addmm(noise.normal_(0, strength), rates, transposed, alpha=DT, out=field)
        x.mul_(1 - DT).add_(field)
    if not covariance:
        return x.numpy()
    return ((sums - total[:, :, None] * total[:, None] / steps) / (steps - 1)).numpy()


def rate(size: int, runs: int, covariance: bool = False) -> Work:
    """A rate network in white noise by Euler–Maruyama steps."""
    torch.set_num_threads(THREADS)
    transposed = tensor(rate_weights(size).T)

    def run(steps: int, seed: int) -> np.ndarray:
        return run_rate(transposed, runs, covariance, steps, seed)

    return Work(run, covariance_values if covariance else rate_values)


@torch.inference_mode()
def run_noise(size: int, steps: int, seed: int) -> np.ndarray:
    torch.manual_seed(seed)
    decay = math.exp(-1 / OU_TAU)
    spread = OU_STD * math.sqrt(1 - decay**2)
    eta, drawn = OU_STD * torch.randn(size, dtype=torch.float64), torch.empty(size, dtype=torch.float64)
    for _ in range(steps):
        eta.mul_(decay).add_(drawn.normal_(0, spread))
    return eta.numpy()


def noise(size: int) -> Work:
    """Steps of Ornstein–Uhlenbeck noise."""
    torch.set_num_threads(THREADS)
    return Work(lambda steps, seed: run_noise(size, steps, seed), noise_values)


def training(form: str, path: str) -> Work:
    """Trials of training: "published", "hoisted" or "together" of `_training_torch`; one thread."""
    torch.set_num_threads(1)
    server, problem = Server(), np.load(path)
    server.problem = SimpleNamespace(
        **{k: tensor(problem[k]) if problem[k].ndim else problem[k].item() for k in problem.files}
    )
    server.problem.tau_range = server.problem.tau_range.tolist()

    def check(_: object) -> Values:
        answer = server.gradient(form)
        total = sum(np.square(np.frombuffer(answer[name][1], np.float32).astype(float)).sum() for name in NAMES)
        return {"loss": [answer["loss"], 0.0], "norm of the gradient": [float(np.sqrt(total)), 0.0]}

    share = server.problem.networks if form == "together" else 1
    return Work(lambda steps, seed: server.learn(form, max(1, steps // share)), check)


JOBS = {"binary": binary, "rate": rate, "noise": noise, "training": training}

if __name__ == "__main__":
    serve(JOBS)
