"""Rows of the benchmark of training; to be imported after the numbers of threads are fixed."""

import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from _harness import Bounds, Job, Part, Row, Spread, Times, compare, duration, interleave, paced, spread, verdict
from _training_limits import Limits
from _training_plain import Plain, autodiff, one_product
from _training_problem import (
    CHANNELS,
    FORMS,
    NETWORKS,
    SIZE,
    TASK,
    given_trials,
    gradient_note,
    network_of,
    send_problem,
)
from _training_remote import Remote
from _training_whole import Whole, side_by_side, tested, whole_training

import noisette as nz

GOAL = 1.3e-3  # seconds per network and trial; "JAX, dW in one product" takes 1.9 ms
OTHERS = {  # description of the alternative, and the required ratio
    "published": ("eager PyTorch as published: max(w, 0) times a matrix of signs in each step", 60.0),
    "elementwise": ("eager PyTorch, signs multiplied elementwise in each step", None),
    "hoisted": ("eager PyTorch, weights, τ and inputs computed before the loop", None),
    "together": (f"PyTorch, {NETWORKS} networks by baddbmm", 12.0),
    "autodiff": ("JAX, autodiff of the loop", None),
    "one_product": ("JAX, autodiff, dW in one product after the loop", 1.46),
}
STEPS = {"published": 2, "elementwise": 3, "hoisted": 5, "together": 1}  # steps of PyTorch per round
BLOCK = 100  # trials of the other implementations per round
CALL = 2  # trials of the short call, whose time is subtracted


class Ours:
    """Training by `train` of a network in which `live` units have outgoing connections; its tests have one trial."""

    def __init__(self, live: int) -> None:
        self.network = network_of(live)

    def run(self, trials: int) -> None:
        protocol = nz.training.Protocol(max_trials=trials, test_every=BLOCK, test_trials=1)
        trained = nz.training.train(TASK, 1, draw=lambda key: self.network, protocol=protocol)
        assert (trained[0].trials, trained[0].status) == (trials, "failed")


def implementations(live: list[int], remote: Remote | None) -> dict[str, Job]:
    """Return all implementations, by name."""
    jobs = {f"{n}": Job(Ours(n).run, BLOCK + CALL, beyond=CALL) for n in live}
    network, trials = network_of(SIZE), given_trials()
    for name, gradient in (("autodiff", autodiff), ("one_product", one_product)):
        jobs[name] = Job(Plain(gradient, network, trials).run, BLOCK)
    if remote is not None:
        send_problem(remote, network)
        for form in FORMS:
            share = NETWORKS if form == "together" else 1
            jobs[form] = Job(partial(remote.call, "learn", form), STEPS[form], share=share)
    return jobs


def comparisons(question: str, ours: list[float], times: Times, targets: bool) -> list[Row]:
    """Return the rows that compare times of Noisette with those of all other implementations."""
    rows = []
    for name, (label, target) in OTHERS.items():
        if name in times:
            shown = "the same" if rows else question
            rows.append(compare(shown, ours, times[name], target if targets else None, duration, label))
    return rows


def trained(rounds: int, quick: bool, torch: Path | None, limits: Limits) -> Part:
    """Time one trial of one network on one core: forward pass, backward pass, step of Adam."""
    whole = None if quick else whole_training()
    live = [SIZE, 56] if whole is None else [*whole.widths]
    with nullcontext() if torch is None else Remote(torch) as remote:
        notes = [gradient_note(remote, n) for n in ((120,) if quick else (SIZE, 120))]
        times, _, _ = paced(implementations(live, remote), rounds)
        if remote is not None:
            notes.append(f"PyTorch: {remote.call('about')}.")
    what = f"a trial of a network, DMS 250 ms, N = {SIZE}, T = {TASK.steps}, C = {CHANNELS}"
    rows = comparisons(f"{what}: at the start, all columns", times[f"{SIZE}"], times, targets=True)
    notes.append(parts_note(Spread.of(times[f"{SIZE}"]).median, limits))
    listed = ", ".join(f"{n}: {spread(Spread.of(times[f'{n}']), duration)}" for n in live)
    notes.append(f"A trial, by the number of columns of presynaptic units: {listed}.")
    if whole is None:
        return rows + comparisons(f"{what}: 56 columns", times["56"], times, targets=False), notes
    more, remarks = over_a_training(what, times, whole)
    return rows + more, [*notes, *remarks]


def over_a_training(what: str, times: Times, whole: Whole) -> Part:
    """Return the rows for the mean over a whole training, weighted by the number of trials at each width."""
    each = [[times[f"{n}"][i] for n in whole.widths] for i in range(len(times[f"{SIZE}"]))]
    mean = [sum(t * count for t, count in zip(row, whole.widths.values(), strict=True)) / whole.trials for row in each]
    rows = [
        *comparisons(f"{what}: mean over a whole training [1]", mean, times, targets=True),
        Row(
            "the same",
            spread(Spread.of(mean), duration),
            "",
            "",
            f"<= {duration(GOAL)}",
            verdict(Spread.of(mean).median <= GOAL),
        ),
    ]
    shares = ", ".join(f"{n}: {100 * count / whole.trials:.0f} %" for n, count in whole.widths.items())
    columns = sum(n * count for n, count in whole.widths.items()) / whole.trials
    per_trial = whole.seconds / whole.trials
    return rows, [
        f"[1] Network 0 of seed 0 ({whole.status} after {whole.trials} trials). Fractions of its trials by the "
        f"number of columns: {shares}; on average {columns:.0f} columns. The whole training, with its tests, takes "
        f"{duration(whole.seconds)}, {duration(per_trial)} per trial; compiling takes {duration(whole.compiling)}, "
        f"once per process.",
        f"At this speed, 50 networks of 20,000 trials, the maximum for one condition of the experiment, take "
        f"{50 * 20000 * per_trial / 3600:.2f} h on one core.",
    ]


def parts_note(whole: float, limits: Limits) -> str:
    """Return a note on the time of the most expensive parts of a trial, each timed separately."""
    parts = limits.parts()
    listed, total = ", ".join(f"{name} {duration(value)}" for name, value in parts.items()), sum(parts.values())
    return f"A trial at the start takes {duration(whole)}. Timed separately: {listed}; sum {duration(total)}."


def tests(rounds: int) -> Part:
    """Compare the complete test of 100 trials with a test that is stopped as soon as it cannot be passed."""
    whole, stopped, done = tested()
    times, _ = interleave({"whole": whole, "stopped": stopped}, rounds)
    question = "the test of 100 trials of a network at the start, stopped when it cannot be passed"
    row = compare(question, times["stopped"], times["whole"], None, duration, "Noisette, all trials")
    return [row], [
        f"The test stops after {done()} trials if no answer is correct; a test that is passed has 100 trials."
    ]


def processes() -> Part:
    """Compare two processes with one."""
    one, two = side_by_side(1), side_by_side(2)
    row = Row(
        "network-trials per second, train(workers=2), all columns, including tests",
        f"{two:.0f} /s",
        f"{one:.0f} /s train(workers=1)",
        f"{two / one:.3g}",
        "",
        "",
    )
    return [row], []


def run(quick: bool, torch: Path | None) -> tuple[list[Row], list[str], Bounds]:
    """Return the rows, the notes below them, and the limits of the machine."""
    began, rounds = time.perf_counter(), 2 if quick else 7
    limits = Limits()
    limits.measure(rounds)
    parts = [trained(rounds, quick, torch, limits), tests(rounds)]
    if not quick:
        parts.append(processes())
    limits.measure(rounds)  # the load of the machine drifts: both measurements are included
    rows = [row for part, _ in parts for row in part]
    notes = [note for _, part in parts for note in part]
    return rows, [*notes, f"These rows took {duration(time.perf_counter() - began)}."], limits.bounds()
