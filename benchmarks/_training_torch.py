"""Training in encoded PyTorch; run by a separate interpreter, in which Noisette need not be installed.

Requests are read from standard input, and answers are written to standard output: see `_training_remote.py`.
"""

import ctypes
import pickle
import sys
from types import SimpleNamespace

import torch

Tensor = torch.Tensor
Parts = dict[str, Tensor]
NAMES = ("weights", "logits", "readout", "readout_bias", "noise_weights")


def alphas(problem: SimpleNamespace, parts: Parts) -> Tensor:
    low, high = problem.tau_range
    return problem.dt / (low + (high - low) * torch.sigmoid(parts["logits"]))


def published(problem: SimpleNamespace, parts: Parts, trial: int, noise: tuple[Tensor, ...], diagonal=True) -> Tensor:
    """Return the loss as in the published code, with max(w, 0), its product with the signs, and τ in each step."""
    psi, xi, x = (array[..., None] for array in noise)  # columns
    inputs, target = problem.inputs[trial][..., None], problem.target[trial]
    signs, mask = torch.diag(problem.signs), torch.ones_like(parts["weights"])
    rate, total = torch.sigmoid(x), 0.0
    for t in range(len(psi)):
        raw = torch.relu(parts["weights"])
        weights = raw @ signs * mask if diagonal else raw * problem.signs
        alpha = alphas(problem, parts)[:, None]
        currents = weights @ rate + parts["noise_weights"] @ psi[t] + problem.input_weights @ inputs[t]
        x = (1 - alpha) * x + alpha * currents + problem.sensory_noise * xi[t]
        rate = torch.sigmoid(x)
        output = parts["readout"] @ rate + parts["readout_bias"][:, None]
        total = total + ((output[:, 0] - target[t]) ** 2).sum()
    return total**0.5


def elementwise(problem: SimpleNamespace, parts: Parts, trial: int, noise: tuple[Tensor, ...]) -> Tensor:
    """Return the same loss; the signs are multiplied elementwise, in each step."""
    return published(problem, parts, trial, noise, diagonal=False)


def hoisted(problem: SimpleNamespace, parts: Parts, trial: int, noise: tuple[Tensor, ...]) -> Tensor:
    """Return the same loss; everything independent of the state is computed before the loop, outputs after it."""
    psi, xi, x = noise
    alpha, weights = alphas(problem, parts), torch.relu(parts["weights"]) * problem.signs
    drive = psi @ parts["noise_weights"].T + problem.inputs[trial, :-1] @ problem.input_weights.T
    push, keep, weights = alpha * drive + problem.sensory_noise * xi, 1 - alpha, alpha[:, None] * weights
    rate, rates = torch.sigmoid(x), []
    for inputs in push.unbind():
        x = torch.addmv(inputs, weights, rate) + keep * x
        rate = torch.sigmoid(x)
        rates.append(rate)
    outputs = torch.stack(rates) @ parts["readout"].T + parts["readout_bias"]
    return torch.linalg.vector_norm(outputs - problem.target[trial, :-1])


def together(problem: SimpleNamespace, parts: Parts, trials: Tensor, noise: tuple[Tensor, ...]) -> Tensor:
    """Return the sum of the losses of K networks in K trials, by one batched product per step."""
    psi, xi, x = noise  # (K, steps, C), (K, steps, N), (K, N)
    alpha, weights = alphas(problem, parts), torch.relu(parts["weights"]) * problem.signs
    drive = psi @ parts["noise_weights"].mT + problem.inputs[trials, :-1] @ problem.input_weights.T
    push = (alpha[:, None] * drive + problem.sensory_noise * xi)[..., None]
    keep, weights, x = (1 - alpha)[..., None], alpha[..., None] * weights, x[..., None]
    rate, rates = torch.sigmoid(x), []
    for inputs in push.unbind(1):
        x = torch.baddbmm(inputs, weights, rate) + keep * x
        rate = torch.sigmoid(x)
        rates.append(rate)
    outputs = torch.cat(rates, 2).mT @ parts["readout"].mT + parts["readout_bias"][:, None]
    return torch.linalg.vector_norm(outputs - problem.target[trials, :-1], dim=(1, 2)).sum()


FORMS = {"published": published, "elementwise": elementwise, "hoisted": hoisted, "together": together}


class Server:
    """Server for one problem; its public methods can be requested."""

    def about(self) -> str:
        return f"torch {torch.__version__}, {torch.get_num_threads()} thread"

    def set_problem(self, problem: dict) -> None:
        self.problem = SimpleNamespace(**{k: tensor(v) if isinstance(v, tuple) else v for k, v in problem.items()})
        self.problem.tau_range = self.problem.tau_range.tolist()

    def gradient(self, form: str) -> dict:
        """Return loss and gradients of trial 0 in the noise of the problem."""
        parts, noise, trial = self.parts(form), (self.problem.psi, self.problem.xi, self.problem.start), 0
        if form == "together":
            number = self.problem.networks
            noise = tuple(array.expand(number, *array.shape) for array in noise)
            trial = torch.zeros(number, dtype=torch.long)
        loss = FORMS[form](self.problem, parts, trial, noise)
        loss.backward()
        first = (lambda leaf: leaf[0]) if form == "together" else (lambda leaf: leaf)
        number = self.problem.networks if form == "together" else 1
        return {"loss": float(loss) / number, **{name: encoded(first(parts[name].grad)) for name in NAMES}}

    def learn(self, form: str, steps: int) -> float:
        """Take steps of Adam from the beginning, with new noise in each step; return the mean loss."""
        parts, problem = self.parts(form), self.problem
        adam = torch.optim.Adam(parts.values(), lr=0.01, fused=True)
        batch = (problem.networks,) if form == "together" else ()
        length, size = problem.inputs.shape[1] - 1, len(problem.signs)
        total = 0.0
        for i in range(steps):
            psi = torch.randn(*batch, length, problem.noise_weights.shape[1])
            noise = psi, torch.randn(*batch, length, size), 0.01 * torch.randn(*batch, size)
            number = len(problem.inputs)
            trial = torch.arange(i, i + batch[0]) % number if batch else i % number
            adam.zero_grad()
            loss = FORMS[form](problem, parts, trial, noise)
            loss.backward()
            adam.step()
            total += float(loss)
        return total / steps / (batch[0] if batch else 1)

    def parts(self, form: str) -> Parts:
        batch = (self.problem.networks,) if form == "together" else ()
        parts = {name: getattr(self.problem, name) for name in NAMES}
        return {name: leaf.expand(*batch, *leaf.shape).clone().requires_grad_() for name, leaf in parts.items()}


def tensor(encoded_array: tuple[tuple[int, ...], bytes]) -> Tensor:
    shape, values = encoded_array
    return torch.frombuffer(bytearray(values), dtype=torch.float32).reshape(shape).clone()


def encoded(values: Tensor) -> tuple[tuple[int, ...], bytes]:
    values = values.contiguous()
    return tuple(values.shape), ctypes.string_at(values.data_ptr(), values.numel() * 4)


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    server, answers = Server(), sys.stdout.buffer
    sys.stdout = sys.stderr  # other output must not be mixed with the answers
    while True:
        try:
            form, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(getattr(server, form)(*arguments), answers)
        answers.flush()


if __name__ == "__main__":
    main()
