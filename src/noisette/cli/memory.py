"""`noisette memory`: memory of a driven network for its input signal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Json, Out, Seed
from noisette.cli._types import Dataset
from noisette.errors import InputError, require

# The sum of sines has WASHOUT samples that are discarded, SAMPLES for the fit, and REST for the selection of the ridge
# parameter and the score. Lags are below SAMPLES for sines, and below a tenth of it for random input.
SAMPLES = 3000
REST = 2000
WASHOUT = 2000
FILES = (".npy", ".csv", ".txt")


def command(
    gain: Annotated[float, typer.Option(help="Gain g of the couplings.")],
    gamma: Annotated[
        float, typer.Option(help="Weight γ of the Onsager reaction term: 0 is none, 1 freezes chaos.")
    ] = 1.0,
    signal: Annotated[
        str,
        typer.Option(
            "--input", help="Input signal: sines, random, or a FILE (.npy .csv .txt) with one number per step."
        ),
    ] = "sines",
    lags: Annotated[str, typer.Option(help="Lags in samples: a list 1,10,30,50 or a range 0:50:1.")] = "1,10,30,50",
    seed: Seed = 0,
    protocol: Annotated[
        str, typer.Option(help="out-of-sample, or in-sample: scores on the samples of the fit, as in the paper.")
    ] = "out-of-sample",
    direction: Annotated[str, typer.Option(help="memory, or prediction of S(t + τ).")] = "memory",
    in_sample: Annotated[bool, typer.Option("--in-sample", help="Short for --protocol in-sample.")] = False,
    predict: Annotated[bool, typer.Option("--predict", help="Short for --direction prediction.")] = False,
    size: Annotated[int, typer.Option(help="Number of units N, unless --weights is given.", min=2)] = 500,
    dt: Annotated[float, typer.Option(help="Time step, in units of τ.")] = 0.01,
    hold: Annotated[float, typer.Option(help="Time for which each random value is held, in units of τ.")] = 0.5,
    weights: Annotated[
        str | None,
        typer.Option(help="Weights: FILE or preset; gaussian:N[:SEED] has variance 1/N and no self-couplings."),
    ] = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """Memory or prediction function of a rate network, and its total memory capacity.

    A linear readout of the state is fitted to the input `lag` samples earlier (with --direction prediction, later) and
    scored on samples that are not used in the fit; 1 is a perfect score. A sample is one time step, or one value of a
    random signal. The capacity is the sum of the scores over all lags for random input, which is measured in a separate
    run if the input is not random.

    Example: noisette memory --gain 2 --gamma 1 --input sines --lags 1,10,30,50
    """
    lag_values = _lags(lags)
    require(protocol in ("out-of-sample", "in-sample"), f"--protocol {protocol!r}", "out-of-sample or in-sample")
    require(direction in ("memory", "prediction"), f"--direction {direction!r}", "memory or prediction")
    in_sample, predict = in_sample or protocol == "in-sample", predict or direction == "prediction"
    require(bool(np.isfinite([gain, gamma]).all()), f"gain {gain}, gamma {gamma}", "finite numbers")
    require(
        0 < dt <= hold < np.inf, f"--dt {dt:g}, --hold {hold:g}", "a time step above zero and not longer than --hold"
    )
    values = _signal(signal, int(lag_values.max()), in_sample)
    network = _network(weights, size, seed, gain, gamma)
    folder = _output.folder(out)
    with nz.studies.Progress("memory") as progress:
        data = nz.analysis.network_memory(
            network,
            lag_values,
            values,
            key=seed,
            dt=dt,
            hold=hold,
            progress=progress,
            protocol="in-sample" if in_sample else "out-of-sample",
            direction="prediction" if predict else "memory",
        )
    data = data.assign_attrs(gain=gain, gamma=gamma, input=signal, seed=seed, dt=dt, hold=hold, size=network.size)
    if folder is not None:
        _save(data, folder)
    if json:
        _output.show_json({name: data[name].values for name in ("lag", "memory", "condition", "capacity")})
    else:
        _print(data, folder)


def _lags(text: str) -> np.ndarray:
    lags = _input.numbers(text, "lags")
    require(
        bool((np.isfinite(lags) & (lags >= 0) & (lags == np.round(lags))).all()),
        f"--lags {text!r}",
        "whole numbers of samples, zero or more",
    )
    return lags.astype(int)


def _signal(text: str, max_lag: int, in_sample: bool) -> np.ndarray | None:
    """Return the input signal; None stands for the random signal, with which the capacity is measured."""
    samples = None if text in ("sines", "random") else _read(text)
    length = {"sines": SAMPLES, "random": SAMPLES // 10}[text] if samples is None else len(samples)
    require(max_lag < length, f"--lags up to {max_lag}", f"lags below {length} for --input {text}")
    if text == "sines":
        return nz.analysis.sines(max_lag + (SAMPLES if in_sample else WASHOUT + SAMPLES + REST))
    return samples


def _read(text: str) -> np.ndarray:
    path = Path(text)
    require(path.is_file(), f"--input {text!r} is unknown", "sines, random, or a file of numbers that exists")
    require(path.suffix.lower() in FILES, f"--input {text!r}", f"known suffixes are {', '.join(FILES)}")
    try:
        if path.suffix.lower() == ".npy":
            array = np.load(path, allow_pickle=False)
        else:
            array = np.array(path.read_text(encoding="utf-8-sig").replace(",", " ").split(), float)
    except Exception as error:  # readers of foreign formats raise errors of many types
        reason = str(error).split("\n")[0]
        raise InputError(f"--input {text!r} cannot be read ({reason}); one number per step is expected") from error
    real = array.dtype.kind in "biuf"
    array = np.atleast_1d(np.squeeze(array))
    require(
        real and array.ndim == 1 and array.size > 0,
        f"--input {text!r} of shape {array.shape}",
        "a one-dimensional array of numbers",
    )
    require(bool(np.isfinite(array).all()), f"--input {text!r} contains NaN or infinite values", "finite numbers")
    return array.astype(float)


def _network(weights: str | None, size: int, seed: int, gain: float, gamma: float) -> nz.networks.ContinuousNetwork:
    matrix = nz.weights.ensemble(weights or f"gaussian:{size}", seed)(0)
    network = nz.networks.RateNetwork(matrix, gain)
    # the signal is added after the reaction term, as in the scripts of the paper
    return network if gamma == 0 else nz.networks.Onsager(network, gamma, "outside")


def _save(data: Dataset, folder: Path) -> None:
    nz.studies.save(data, folder / "memory.nc")
    with nz.plots.style():
        drawing = nz.plots.figure(4.2, 2.8)
        axes = drawing.subplots()
        order = np.argsort(data.lag.values)
        axes.plot(data.lag[order], data.memory[order], "o-", ms=2.5)
        axes.set_xlabel("lag τ (samples)")
        axes.set_ylabel(data.memory.attrs["long_name"])
        axes.set_ylim(top=1.02)
        nz.plots.save(drawing, folder / "memory")


def _print(data: Dataset, folder: Path | None) -> None:
    attrs = data.attrs
    print(f"g = {attrs['gain']:g}, γ = {attrs['gamma']:g}, input {attrs['input']}: {data.memory.attrs['long_name']}")
    rows = [[int(lag), float(m)] for lag, m in zip(data.lag.values, data.memory.values, strict=True)]
    _output.show_table("", ["lag τ", "m(τ)"], rows)
    print(f"condition number of the states {float(data.condition):.3g}, effective rank {int(data['rank'])}")
    print(f"total memory capacity {float(data.capacity):.4g} of at most {attrs['size']}")
    if folder is not None:
        print(f"saved in {folder}")
