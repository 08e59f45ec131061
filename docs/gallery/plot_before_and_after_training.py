"""A network before and after its training
=======================================

Training lowers the dimension in frozen noise from 0.99 ± 0.01 to 0.016 ± 0.001 for a network with ten noise channels
(C = 10), and to 0.014 ± 0.001 for one without; std(W) √N rises from 1.4 to 13 and 18, and the slowest mode at rest
slows down from 8 to 2.6 per second. Linear equivalence predicts the dimension before training (0.98 and 0.99), and
reports that it is not valid afterwards. Two single networks do not show an effect of the noise channels.
"""

import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.papers.working_memory import example

task, runs = nz.tasks.DMS(), 4
sensory = nz.White(0.1 / task.dt**0.5)  # 0.1 in each step
index = {10: 13, 0: 20}  # numbers of the examples in the ensembles of key 210 and key 200
colours = {"before": "grey", "after": "information"}


def untrained(channels: int):  # the network from which the training of an example began
    draw = nz.training.initial_networks(task, noise_channels=channels)
    return draw(key=nz.training.network_key(200 + channels, index[channels]))


with nz.plots.style():
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9.4, 3), layout="constrained")
    for position, c in enumerate(index):
        networks = {"before": untrained(c), "after": example(c)}
        assert (networks["before"].input_weights == networks["after"].input_weights).all()  # these are not trained
        for name, network in networks.items():
            colour, W = nz.plots.COLOURS[colours[name]], network.effective
            rest = nz.find_fixed_points(network.with_noise(None), inputs=np.zeros((1, 200))).state.values[0]
            rates = 1000 * nz.analysis.spectrum(network, rest)  # in 1/s
            if c:
                left.plot(rates.real, rates.imag, ".", ms=3, color=colour, label=name)
            options = {"dt": task.dt, "start": rest, "runs": runs, "key": 1, "warn": False}
            run = nz.simulate(network.with_noise(sensory), 5000, nz.Covariance(discard=400), **options)
            values = np.linalg.eigvalsh(run.covariance.mean("run"))[::-1]
            middle.semilogy(values, "-" if c else "--", lw=1.1, color=colour, label=f"{name}, C = {c}")
            frozen = nz.analysis.network_correlations(
                W, 1.0, nz.Frozen(0.5), activation=nz.activations.sigmoid, method="both", draws=200
            ).isel(gain=0)
            simulated, error = (float(frozen[f"simulated_participation_dimension{end}"]) for end in ("", "_se"))
            x = position + 0.12 * (1 if name == "after" else -1)
            right.errorbar(x, simulated, error, fmt="o", ms=4, color=colour)
            right.plot(x, frozen.participation_dimension, "_", ms=16, color="black")
            print(f"C = {c}, {name}: std(W) √N = {W.std() * 200**0.5:.2f}, slowest mode {rates.real.max():.1f}/s")
            theory = f"predicted {float(frozen.participation_dimension):.4f}, valid {bool(frozen.valid)}"
            print(f"  D in frozen noise {simulated:.4f} ± {error:.4f}, {theory}")
    left.set(xlabel="Re μ (1/s)", ylabel="Im μ (1/s)", title="Jacobian at rest, C = 10")
    left.legend()
    middle.set(xlabel="index", title="eigenvalues of the covariance")
    middle.legend()
    right.set(yscale="log", ylabel="dimension $D$ in frozen noise", xticks=[0, 1], xticklabels=["C = 10", "C = 0"])
    right.set(xlim=(-0.5, 1.5), ylim=(0.008, 1.5))
    right.set_title("bars: predicted, points: simulated")

if __name__ == "__main__":
    plt.show()
