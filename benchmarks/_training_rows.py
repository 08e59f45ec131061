"""The rows of the table of training; import after the threads are fixed."""

import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from _harness import Bounds, Job, Part, Row, Spread, Times, compare, duration, interleave, paced, spread, verdict
from _training_limits import Limits
from _training_plain import Plain, autodiff, one_product
from _training_problem import CHANNELS, FORMS, NETWORKS, SIZE, TASK, agreement, given_trials, network_of, tell
from _training_remote import Remote
from _training_whole import Whole, course_of, side_by_side, tested

import noisette as nz

GOAL = 1.3e-3  # seconds a network and trial, where JAX, dW in one product, takes 1.9 ms
OTHERS = {  # what is compared, and the ratio that is asked for
    "published": ("eager PyTorch as published: max(w, 0) times a matrix of signs in every step", 60.0),
    "elementwise": ("eager PyTorch, the signs element by element in every step", None),
    "hoisted": ("eager PyTorch, weights, τ and input before the loop", None),
    "together": (f"PyTorch, {NETWORKS} networks by baddbmm", 12.0),
    "autodiff": ("JAX, autodiff of the loop", None),
    "one_product": ("JAX, autodiff, dW in one product after the loop", 1.46),
}
STEPS = {"published": 2, "elementwise": 3, "hoisted": 5, "together": 1}  # of PyTorch in each round
BLOCK = 100  # trials of the others in each round
CALL = 2  # trials of the call that is taken off


class Ours:
    """A contender: the public `train`, on a network in which so many units are heard; its test has one trial."""

    def __init__(self, live: int) -> None:
        self.network = network_of(live)

    def run(self, trials: int) -> None:
        protocol = nz.training.Protocol(max_trials=trials, test_every=BLOCK, test_trials=1)
        trained = nz.training.train(TASK, 1, draw=lambda key: self.network, protocol=protocol)
        assert (trained[0].trials, trained[0].status) == (trials, "failed")


def contenders(live: list[int], remote: Remote | None) -> dict[str, Job]:
    """Return all that takes trials, by name."""
    jobs = {f"{n}": Job(Ours(n).run, BLOCK + CALL, beyond=CALL) for n in live}
    network, trials = network_of(SIZE), given_trials()
    for name, gradient in (("autodiff", autodiff), ("one_product", one_product)):
        jobs[name] = Job(Plain(gradient, network, trials).run, BLOCK)
    if remote is not None:
        tell(remote, network)
        for form in FORMS:
            share = NETWORKS if form == "together" else 1
            jobs[form] = Job(partial(remote.ask, "learn", form), STEPS[form], share=share)
    return jobs


def against(question: str, ours: list[float], times: Times, targets: bool) -> list[Row]:
    """Return the rows of one contender of ours against all others."""
    rows = []
    for name, (label, target) in OTHERS.items():
        if name in times:
            shown = "the same" if rows else question
            rows.append(compare(shown, ours, times[name], target if targets else None, duration, label))
    return rows


def trained(rounds: int, quick: bool, torch: Path | None, limits: Limits) -> Part:
    """One trial of one network on one core: forward, backward, Adam."""
    whole = None if quick else course_of()
    live = [SIZE, 56] if whole is None else [*whole.widths]
    with nullcontext() if torch is None else Remote(torch) as remote:
        notes = [agreement(remote, n) for n in ((120,) if quick else (SIZE, 120))]
        times, _, _ = paced(contenders(live, remote), rounds)
        if remote is not None:
            notes.append(f"PyTorch: {remote.ask('about')}.")
    what = f"a trial of a network, DMS 250 ms, N = {SIZE}, T = {TASK.steps}, C = {CHANNELS}"
    rows = against(f"{what}: at the start, all units heard", times[f"{SIZE}"], times, targets=True)
    notes.append(inside(Spread.of(times[f"{SIZE}"]).median, limits))
    listed = ", ".join(f"{n}: {spread(Spread.of(times[f'{n}']), duration)}" for n in live)
    notes.append(f"A trial, by the number of columns of presynaptic units: {listed}.")
    if whole is None:
        return rows + against(f"{what}: 56 units heard", times["56"], times, targets=False), notes
    more, remarks = over_a_training(what, times, whole)
    return rows + more, [*notes, *remarks]


def over_a_training(what: str, times: Times, whole: Whole) -> Part:
    """Return the rows of the mean over a whole training, weighted by how long each width lasts in it."""
    each = [[times[f"{n}"][i] for n in whole.widths] for i in range(len(times[f"{SIZE}"]))]
    mean = [sum(t * often for t, often in zip(row, whole.widths.values(), strict=True)) / whole.trials for row in each]
    rows = [
        *against(f"{what}: mean over a whole training [1]", mean, times, targets=True),
        Row(
            "the same",
            spread(Spread.of(mean), duration),
            "",
            "",
            f"<= {duration(GOAL)}",
            verdict(Spread.of(mean).median <= GOAL),
        ),
    ]
    shares = ", ".join(f"{n}: {100 * often / whole.trials:.0f} %" for n, often in whole.widths.items())
    columns = sum(n * often for n, often in whole.widths.items()) / whole.trials
    pace = whole.seconds / whole.trials
    return rows, [
        f"[1] Network 0 of seed 0 ({whole.status} after {whole.trials} trials). Its trials by the number of columns: "
        f"{shares}; in the mean {columns:.0f} columns. Timed as a whole, with its tests, it takes "
        f"{duration(whole.seconds)}, {duration(pace)} a trial; compiling takes {duration(whole.compiling)}, once a "
        f"process.",
        f"At that speed 50 networks of 20,000 trials, the most that one condition of the experiment can take, are done "
        f"in {50 * 20000 * pace / 3600:.2f} h on one core.",
    ]


def inside(whole: float, limits: Limits) -> str:
    """Say what the large parts of a trial take, each at the speed that it has alone."""
    parts = limits.parts()
    listed, total = ", ".join(f"{name} {duration(value)}" for name, value in parts.items()), sum(parts.values())
    return f"A trial at the start takes {duration(whole)}. Alone would take {listed}: {duration(total)} together."


def tests(rounds: int) -> Part:
    """The test of 100 trials, as a whole and stopped where it cannot be passed any more."""
    whole, stopped, done = tested()
    times, _ = interleave({"whole": whole, "stopped": stopped}, rounds)
    question = "the test of 100 trials of a network at the start, stopped once it cannot be passed"
    row = compare(question, times["stopped"], times["whole"], None, duration, "Noisette, all trials")
    return [row], [f"A test is over after {done()} trials where none is answered rightly; a passed one has all 100."]


def processes() -> Part:
    """Two processes, and one, at the same work."""
    alone, both = side_by_side(1), side_by_side(2)
    row = Row(
        "network-trials a second, train(workers=2), all columns, tests among them",
        f"{both:.0f} /s",
        f"{alone:.0f} /s train(workers=1)",
        f"{both / alone:.3g}",
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
    limits.measure(rounds)  # the load of the machine drifts: both ends count
    rows = [row for part, _ in parts for row in part]
    notes = [note for _, part in parts for note in part]
    return rows, [*notes, f"These rows took {duration(time.perf_counter() - began)}."], limits.bounds()
