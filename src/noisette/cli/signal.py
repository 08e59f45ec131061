"""`noisette signal`: response of a network to a weak signal as a function of the noise strength."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import typer

import noisette as nz
from noisette.cli import _input, _noisy_network, _output
from noisette.cli._noisy_network import Dt, Gain, Kind, OptionalWeights, Process, Runs, Units
from noisette.cli._options import Json, Out, Seed
from noisette.cli._types import SignalEstimator
from noisette.errors import require

PERIODIC = {"snr_db": "SNR (dB)", "amplification": "η", "phase_lag": "phase lag", "information": "I (bit)"}
APERIODIC = {"correlation": "C₁", "cross_correlation": "C₀", "information_rate": "R (bit/time)", "lag": "lag"}


def command(
    noise: Annotated[str, typer.Option(help="Noise strengths σ above zero: a range 0.5:4:0.5 or a list 0.5,1,2.")],
    weights: OptionalWeights = None,
    kind: Kind = "boltzmann",
    gain: Gain = None,
    process: Process = None,
    amplitude: Annotated[
        float, typer.Option(help="Amplitude of the sinusoid, or standard deviation of the aperiodic signal.")
    ] = 0.1,
    period: Annotated[float | None, typer.Option(help="Period of a sinusoid; in discrete time, in steps.")] = None,
    correlation_time: Annotated[
        float | None, typer.Option(help="Correlation time of an aperiodic (Ornstein–Uhlenbeck) signal.")
    ] = None,
    estimator: Annotated[
        SignalEstimator, typer.Option(help="auto, exact (binary networks of up to 8 units, periodic), or simulated.")
    ] = "auto",
    duration: Annotated[
        float | None, typer.Option(help="Time measured in each run; by default 100 periods or 400 correlation times.")
    ] = None,
    dt: Dt = None,
    runs: Runs = 20,
    units: Units = None,
    seed: Seed = 0,
    json: Json = False,
    out: Out = None,
) -> None:
    """Stochastic resonance: the response of a network to a weak signal as a function of the noise strength.

    For a periodic signal: signal-to-noise ratio and spectral amplification η at its frequency, exact for small binary
    networks. For an aperiodic signal: correlation of signal and output and a lower bound on the information rate.

    Example: noisette signal --weights matrix:6 --noise 1:8:0.5 --amplitude 0.5 --period 100
    """
    from noisette.analysis._signals import signal_of  # imports JAX, which help does not need

    strengths = _input.numbers(noise, "noise")
    require(estimator in ("auto", "exact", "simulated"), f"--estimator {estimator!r}", "auto, exact or simulated")
    network = _noisy_network.network_of(kind, weights, gain, process, seed)
    signal = signal_of(amplitude, period, correlation_time)
    if correlation_time is not None and duration is None:
        duration = 400 * correlation_time
    output = _noisy_network.output_of(units, network.size)
    options: dict[str, Any] = {"duration": duration, "dt": dt, "runs": runs, "output": output}
    folder = _output.folder(out)
    with nz.studies.Progress("signal") as progress, _output.warnings_in_one_line():
        data = nz.analysis.stochastic_resonance(
            network, signal, strengths, estimator=estimator, key=seed, progress=progress, **options
        )
    columns = PERIODIC if period is not None else APERIODIC
    if folder is not None:
        _noisy_network.save(data, list(columns)[:2], folder, "signal")
    if json:
        _output.show_json(_noisy_network.values_of(data))
        return
    of = weights if weights is not None else kind
    time = f"period {period:g}" if period is not None else f"correlation time {correlation_time:g}"
    _noisy_network.show(data, columns, f"{of}, signal of amplitude {amplitude:g}, {time}: {data.attrs['method']}")
    best = data.snr_db if period is not None else abs(data.correlation)
    if np.isfinite(best.values).any():
        index = int(np.nanargmax(best.values))
        what = "signal-to-noise ratio" if period is not None else "correlation"
        print(f"The {what} is largest at σ = {float(data.noise[index]):g} of these strengths.")
    if folder is not None:
        print(f"saved in {folder}")
