"""Papers of one's own that are reproduced in a second, for tests of reproductions of several papers."""

import os
import time

from noisette.papers import Figure, Paper
from noisette.plots import figure as new_figure
from noisette.studies import Claim, Study, holds


def power_of(x, power):
    """Return a power."""
    return 1.0 * x**power


def slow(x):
    """Take a while, and leave a sign that it began."""
    open(os.environ["TINY_PAPERS_STARTED"], "w").close()
    time.sleep(8)
    return x


def with_gap(x):
    """Return a square, NaN for 1; leave a sign of each call, and fail for 3 while the fault lasts."""
    folder = os.environ["TINY_PAPERS_CALLS"]
    with open(os.path.join(folder, "calls"), "a") as file:
        file.write(str(x))
    if x == 3 and os.path.exists(os.path.join(folder, "fault")):
        raise ZeroDivisionError("a fault that does not last")
    return float("nan") if x == 1 else float(x**2)


def plot(data):
    """Draw a line."""
    page = new_figure(2, 2)
    page.subplots().plot(data.x, data.value)
    return page


def claims(data):
    """Return one claim that holds, and two that do not."""
    most = float(data.value.max())
    return [
        holds("values are positive", "> 0", f"{most:g}", True, why="squares", why_not="", any_scale=True),
        holds("values are small", "< 1", f"{most:g}", False, why="", why_not="they are large", any_scale=True),
        Claim(
            "v_opt, N = 3 (this run, quick scale)", "2", f"{most:g}", "depends on N", "few", error=0.25, any_scale=True
        ),
    ]


def study(name, power):
    """Return a function that returns a study."""
    return lambda scale, seed, *folders: Study(name, power_of, {"x": [1, 2, 3]}, {"power": power})


def of_power(name, power):
    """Return a figure."""
    return Figure(name, f"Power {power}", study(name, power), plot, claims, caption="Lines & dots are exact.")


def fails(scale, seed):
    """Fail."""
    raise ZeroDivisionError("division <by> zero")


def ends(scale, seed):
    """End the process, as the system does if memory is short."""
    os._exit(9)


def waits(scale, seed):
    """Return a study that takes several seconds."""
    return Study("waits", slow, {"x": [1]})


def train(scale, seed, out, figures, report):
    """Prepare once."""
    if not (out / "trained").exists():
        report("training", 1, 2)
        (out / "trained").parent.mkdir(parents=True, exist_ok=True)
        (out / "trained").touch()


SQUARES = Paper("squares", "On squares", "Somebody (2026)", (of_power("fig1", 2), of_power("fig2", 3)))
TRAINED = Paper("trained", "On training", "Somebody (2026)", (of_power("fig1", 4),), train)
BROKEN = Paper(
    "broken", "On failures", "Nobody (2026)", (of_power("fig1", 2), Figure("fig2", "Fails", fails, plot, claims))
)
ENDS = Paper("ends", "On ends", "Nobody (2026)", (of_power("fig1", 2), Figure("fig2", "Ends", ends, plot, claims)))
WAITS = Paper(
    "waits", "On waiting", "Nobody (2026)", (of_power("fig1", 2), Figure("fig2", "Waits", waits, plot, claims))
)
GAPS = Paper(
    "gaps",
    "On gaps",
    "Nobody (2026)",
    (Figure("fig1", "Gaps", lambda scale, seed: Study("gaps", with_gap, {"x": [1, 2, 3]}), plot, claims),),
)
