"""What a user of PyTorch would write, from the equations; run by another interpreter, which need not have Noisette.

It is asked through its standard input, and answers through its standard output: see `_training_remote.py`.
"""

import ctypes
import pickle
import sys
from types import SimpleNamespace

import torch

Tensor = torch.Tensor
Parts = dict[str, Tensor]
NAMES = ("weights", "logits", "readout", "readout_bias", "noise_weights")


def alphas(given: SimpleNamespace, parts: Parts) -> Tensor:
    low, high = given.tau_range
    return given.dt / (low + (high - low) * torch.sigmoid(parts["logits"]))


def published(given: SimpleNamespace, parts: Parts, trial: int, noise: tuple[Tensor, ...], diagonal=True) -> Tensor:
    """Return the loss as published: in each step of time, max(w, 0), its product with the signs, and τ."""
    psi, xi, x = (array[..., None] for array in noise)  # columns
    inputs, target = given.inputs[trial][..., None], given.target[trial]
    signs, mask = torch.diag(given.signs), torch.ones_like(parts["weights"])
    rate, total = torch.sigmoid(x), 0.0
    for t in range(len(psi)):
        raw = torch.relu(parts["weights"])
        weights = raw @ signs * mask if diagonal else raw * given.signs
        alpha = alphas(given, parts)[:, None]
        currents = weights @ rate + parts["noise_weights"] @ psi[t] + given.input_weights @ inputs[t]
        x = (1 - alpha) * x + alpha * currents + given.sensory_noise * xi[t]
        rate = torch.sigmoid(x)
        output = parts["readout"] @ rate + parts["readout_bias"][:, None]
        total = total + ((output[:, 0] - target[t]) ** 2).sum()
    return total**0.5


def elementwise(given: SimpleNamespace, parts: Parts, trial: int, noise: tuple[Tensor, ...]) -> Tensor:
    """Return the same loss; the signs are multiplied in element by element, still in each step."""
    return published(given, parts, trial, noise, diagonal=False)


def hoisted(given: SimpleNamespace, parts: Parts, trial: int, noise: tuple[Tensor, ...]) -> Tensor:
    """Return the same loss; all that does not depend on the state is done before the loop, outputs after it."""
    psi, xi, x = noise
    alpha, weights = alphas(given, parts), torch.relu(parts["weights"]) * given.signs
    drive = psi @ parts["noise_weights"].T + given.inputs[trial, :-1] @ given.input_weights.T
    push, keep, weights = alpha * drive + given.sensory_noise * xi, 1 - alpha, alpha[:, None] * weights
    rate, rates = torch.sigmoid(x), []
    for now in push.unbind():
        x = torch.addmv(now, weights, rate) + keep * x
        rate = torch.sigmoid(x)
        rates.append(rate)
    outputs = torch.stack(rates) @ parts["readout"].T + parts["readout_bias"]
    return torch.linalg.vector_norm(outputs - given.target[trial, :-1])


def together(given: SimpleNamespace, parts: Parts, trials: Tensor, noise: tuple[Tensor, ...]) -> Tensor:
    """Return the sum of the losses of K networks, each in a trial of its own, by one batched product a step."""
    psi, xi, x = noise  # (K, steps, C), (K, steps, N), (K, N)
    alpha, weights = alphas(given, parts), torch.relu(parts["weights"]) * given.signs
    drive = psi @ parts["noise_weights"].mT + given.inputs[trials, :-1] @ given.input_weights.T
    push = (alpha[:, None] * drive + given.sensory_noise * xi)[..., None]
    keep, weights, x = (1 - alpha)[..., None], alpha[..., None] * weights, x[..., None]
    rate, rates = torch.sigmoid(x), []
    for now in push.unbind(1):
        x = torch.baddbmm(now, weights, rate) + keep * x
        rate = torch.sigmoid(x)
        rates.append(rate)
    outputs = torch.cat(rates, 2).mT @ parts["readout"].mT + parts["readout_bias"][:, None]
    return torch.linalg.vector_norm(outputs - given.target[trials, :-1], dim=(1, 2)).sum()


FORMS = {"published": published, "elementwise": elementwise, "hoisted": hoisted, "together": together}


class Server:
    """Holds one problem; each public method is what may be asked."""

    def about(self) -> str:
        return f"torch {torch.__version__}, {torch.get_num_threads()} thread"

    def hold(self, problem: dict) -> None:
        self.given = SimpleNamespace(**{k: tensor(v) if isinstance(v, tuple) else v for k, v in problem.items()})
        self.given.tau_range = self.given.tau_range.tolist()

    def gradient(self, form: str) -> dict:
        """Return loss and gradients of trial 0 in the noise that was given."""
        parts, noise, trial = self.parts(form), (self.given.psi, self.given.xi, self.given.start), 0
        if form == "together":
            number = self.given.networks
            noise = tuple(array.expand(number, *array.shape) for array in noise)
            trial = torch.zeros(number, dtype=torch.long)
        loss = FORMS[form](self.given, parts, trial, noise)
        loss.backward()
        first = (lambda leaf: leaf[0]) if form == "together" else (lambda leaf: leaf)
        number = self.given.networks if form == "together" else 1
        return {"loss": float(loss) / number, **{name: plain(first(parts[name].grad)) for name in NAMES}}

    def learn(self, form: str, steps: int) -> float:
        """Take steps of Adam from the beginning, in fresh noise each; return the mean loss."""
        parts, given = self.parts(form), self.given
        adam = torch.optim.Adam(parts.values(), lr=0.01, fused=True)
        several = (given.networks,) if form == "together" else ()
        length, size = given.inputs.shape[1] - 1, len(given.signs)
        total = 0.0
        for i in range(steps):
            psi = torch.randn(*several, length, given.noise_weights.shape[1])
            noise = psi, torch.randn(*several, length, size), 0.01 * torch.randn(*several, size)
            number = len(given.inputs)
            trial = torch.arange(i, i + several[0]) % number if several else i % number
            adam.zero_grad()
            loss = FORMS[form](given, parts, trial, noise)
            loss.backward()
            adam.step()
            total += float(loss)
        return total / steps / (several[0] if several else 1)

    def parts(self, form: str) -> Parts:
        several = (self.given.networks,) if form == "together" else ()
        parts = {name: getattr(self.given, name) for name in NAMES}
        return {name: leaf.expand(*several, *leaf.shape).clone().requires_grad_() for name, leaf in parts.items()}


def tensor(sent: tuple[tuple[int, ...], bytes]) -> Tensor:
    shape, values = sent
    return torch.frombuffer(bytearray(values), dtype=torch.float32).reshape(shape).clone()


def plain(values: Tensor) -> tuple[tuple[int, ...], bytes]:
    values = values.contiguous()
    return tuple(values.shape), ctypes.string_at(values.data_ptr(), values.numel() * 4)


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    server, answers = Server(), sys.stdout.buffer
    sys.stdout = sys.stderr  # what else is printed must not come between the answers
    while True:
        try:
            form, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(getattr(server, form)(*arguments), answers)
        answers.flush()


if __name__ == "__main__":
    main()
