"""Rows of the comparison: the same work by all contenders, and the limit of the machine that applies."""

from typing import Any, NamedTuple


class Contender(NamedTuple):
    """A contender of a row: its name in the table, its process, and its job."""

    label: str
    place: str
    job: str
    arguments: dict[str, Any]
    steps: int = 0  # fixed number of steps; 0: as many as take the time of a round
    short: int = 0  # steps of the short call; 0: as for the row
    share: float = 1.0  # the time is multiplied by this factor
    compared: tuple[str, ...] | None = None  # names of the values that must agree; None: all
    quick: bool = True  # whether it takes part in a quick run
    equal_error: bool = False  # the time is scaled to the standard error `RELATIVE_ERROR` of D


class Demand(NamedTuple):
    """What a step cannot do without: an amount of work of one kind, whose speed is measured with `arguments`."""

    kind: str  # "normal", "word", "product", "read" or "vector"
    amount: float  # numbers, flop, bytes, or products
    arguments: dict[str, Any]


class Row(NamedTuple):
    """A row: Noisette, the first of the contenders, and alternatives for the same work."""

    name: str
    question: str
    contenders: tuple[Contender, ...]
    demands: tuple[Demand, ...] = ()
    short: int = 0  # steps of a call whose time is subtracted; 0: a whole call is timed
    longest: int = 1 << 20  # largest number of steps of a round
    check_steps: int = 1
    tolerance: float = 0.0  # relative deviation that is allowed in addition to five standard errors
    amount: float = 1.0  # network steps per step, for rows that show a rate
    unit: str = ""  # "rate" for network steps per second, "task" for tasks, else the time of a step
    target: float | None = None  # required ratio
    against: str = ""  # the alternative of the target; "" for the best
    seeds: int = 3  # number of seeds of the comparison of results
    rounds: int = 0  # largest number of rounds, for calls that take many seconds


NOISETTE, NUMPY, TORCH = "Noisette", "NumPy", "PyTorch"
BOTH = "numpy, two threads"
RELATIVE_ERROR = 1e-3  # of D
SLOW = ("covariance-1000-64", "exponents-curve")  # rows that a quick run leaves out


def binary(size: int, runs: int, target: float) -> Row:
    """Binary networks in white noise; states are counted where there are few."""
    counted = {"counted": True} if size == 5 else {}
    arguments = {"size": size, "runs": runs, **counted}
    contenders = [Contender(NOISETTE, "noisette", "binary", arguments)]
    if size == 5:
        contenders += [
            Contender("numba", "numba", "binary", arguments),
            Contender("numba, flip probabilities tabulated", "numba", "binary", {**arguments, "tabulated": True}),
            Contender("NumPy, one run, step by step", "numpy", "one_run", {"size": size}, share=runs, quick=False),
        ]
        demands = [Demand("word", runs, {})]
    else:
        contenders += [
            Contender("numba, fields updated by flips", "numba", "binary", arguments),
            Contender(TORCH, "torch", "binary", arguments, quick=size == 100),
            Contender("NumPy, two threads", BOTH, "binary", arguments, quick=False),
        ]
        shape = {"rows": size, "inner": size, "columns": 64}
        demands = [Demand("word", runs * size, {}), Demand("product", 2.0 * runs * size**2, shape)]
    contenders += [Contender(NUMPY, "numpy", "binary", arguments), Contender("JAX", "jax", "binary", arguments)]
    question = f"binary network, N = {size}, {runs} runs" + (", joint states counted" if counted else "")
    return Row(
        name=f"binary-{size}",
        question=question,
        contenders=tuple(contenders),
        demands=tuple(demands),
        short=8,
        check_steps={5: 1000, 100: 100, 1000: 20}[size],
        amount=runs,
        unit="rate",
        target=target,
        against=contenders[1].label,
    )


def rate(size: int, runs: int, covariance: bool) -> Row:
    """A rate network in white noise, with and without covariance."""
    extra = {"covariance": True} if covariance else {}
    arguments = {"size": size, "runs": runs, **extra}
    contenders = [
        Contender(NOISETTE, "noisette", "rate", arguments),
        Contender(NUMPY, "numpy", "rate", arguments),
        Contender("JAX", "jax", "rate", arguments),
        Contender("numba", "numba", "rate", arguments),
        Contender(TORCH, "torch", "rate", arguments, quick=size * runs == 100 and not covariance),
    ]
    if runs > 1:
        contenders.append(Contender("NumPy, two threads", BOTH, "rate", arguments, quick=False))
    large = covariance and size * runs > 10_000  # seconds per call
    if large:
        # Noisette adds blocks of 500 samples
        contenders = [c._replace(steps=1064 if c.label == NOISETTE else 192) for c in contenders]
    demands = [Demand("normal", runs * size, {})]
    if runs > 1:
        demands.append(Demand("product", 2.0 * runs * size**2, {"rows": size, "inner": size, "columns": runs}))
    else:
        demands.append(Demand("read", 8.0 * size**2, {"size": size**2}))
    if covariance:
        shape = {"rows": size, "inner": 64, "columns": size}
        demands.append(Demand("product", 2.0 * runs * size**2, shape))
    else:
        contenders += [
            Contender("diffrax", "diffrax", "rate", arguments),
            Contender("BrainPy", "brainpy", "rate", arguments, quick=size * runs == 100),
        ]
        if (size, runs) == (100, 1):
            tree = {**arguments, "tree": True}
            contenders.append(Contender("diffrax, VirtualBrownianTree", "diffrax", "rate", tree, quick=False))
    return Row(
        name=f"{'covariance' if covariance else 'rate'}-{size}-{runs}",
        question=f"rate network, N = {size}, {runs} run{'s' * (runs > 1)}" + ", with Covariance" * covariance,
        contenders=tuple(contenders),
        demands=tuple(demands),
        short=64,
        check_steps=512 if size == 100 else 192,
        target=1.0,
        rounds=3 if large else 0,
        seeds=1 if large else 3,
    )


def curve() -> Row:
    """Largest exponents of 16 gains."""
    size = {"size": 1000}
    printed = {**size, "published": True}
    shape = {"rows": 1000, "inner": 1000, "columns": 32}
    return Row(
        name="exponents-curve",
        question="λ_max at 16 gains, N = 1000, all gains",
        contenders=(
            Contender(NOISETTE, "noisette", "curve", size, steps=600),
            Contender("JAX, states and tangents in one product", "jax", "curve", size, steps=100),
            Contender("NumPy, all trajectories in one product", "numpy", "curve", size, steps=60),
            Contender("lyapax, vmap over gains", "lyapax", "curve", size, steps=40, short=20, compared=()),
            Contender("NumPy, Eq 8 as printed, one gain at a time", "numpy", "curve", printed, steps=30, quick=False),
        ),
        demands=(Demand("product", 2.0 * 32 * 1000**2, shape),),
        short=10,
        check_steps=20,
        tolerance=1e-5,
        seeds=1,
        rounds=3,
    )


def reaction() -> Row:
    """A step with the Onsager reaction term."""
    size = {"size": 1000}
    names = {NOISETTE: "noisette", NUMPY: "numpy", "NumPy, two threads": BOTH, "JAX": "jax"}
    return Row(
        name="reaction",
        question="Onsager reaction term, γ = 1, N = 1000, 1 run",
        contenders=tuple(Contender(label, place, "reaction", size) for label, place in names.items()),
        demands=(Demand("read", 16.0 * 1000**2, {"size": 1000**2}),),
        short=20,
        check_steps=100,
        tolerance=1e-8,
        seeds=1,
        target=1.0,
    )


def spectrum(size: int, exponents: int) -> Row:
    """Exponents of one network, orthonormalised every 10 steps."""
    arguments = {"size": size, "exponents": exponents}
    whole = size == exponents
    shape = {"rows": size, "inner": size, "columns": exponents + 1}
    contenders = [
        Contender(NOISETTE, "noisette", "spectrum", arguments, steps=1000 if whole else 600),
        # the sum of all exponents does not depend on the initial tangents, which differ
        Contender("lyapax", "lyapax", "spectrum", arguments, steps=400, compared=("mean",) if whole else ()),
        Contender("NumPy", "numpy", "spectrum", arguments),
        Contender("NumPy, two threads", BOTH, "spectrum", arguments, quick=False),
    ]
    return Row(
        name=f"exponents-{size}-{exponents}",
        question=f"{'all' if whole else exponents} exponents, N = {size}, QR every 10 steps",
        contenders=tuple(contenders),
        demands=(Demand("product", 2.0 * (exponents + 1) * size**2, shape),),
        short=20,
        check_steps=100,
        tolerance=1e-5,
        seeds=1,
        rounds=5 if whole else 3,
    )


def noise() -> Row:
    """Ornstein–Uhlenbeck noise."""
    size = {"size": 1_000_000}
    names = {NOISETTE: "noisette", NUMPY: "numpy", "JAX": "jax", "numba": "numba", TORCH: "torch"}
    return Row(
        name="noise",
        question="Ornstein–Uhlenbeck noise, 10⁶ units",
        contenders=tuple(Contender(label, place, "noise", size) for label, place in names.items()),
        demands=(Demand("normal", 1e6, {}), Demand("read", 8e6, {"size": 1_000_000})),
        short=2,
        check_steps=20,
        target=1.0,
    )


def chain() -> Row:
    """The exact resonance curve."""
    size = {"size": 5}
    return Row(
        name="resonance",
        question="exact H, I, D at 51 strengths, N = 5, N_T = 10⁴",
        contenders=(
            Contender(NOISETTE, "noisette", "chain", size, steps=1),
            Contender("NumPy, powers by squaring", "numpy", "chain", size, steps=1),
        ),
        tolerance=1e-8,
        seeds=1,
        target=1.0,
    )


def correlations() -> Row:
    """Theory against a simulation whose standard error is 0.1 % of D."""
    simulated = {"simulated": True}
    return Row(
        name="theory",
        question="D of correlations, tanh, g = 0.8, frozen noise, by theory",
        contenders=(
            Contender(NOISETTE, "noisette", "correlations", {"simulated": False}, steps=1),
            Contender(
                f"Noisette, simulated to ± {RELATIVE_ERROR:.1%}, N = 400",
                "noisette",
                "correlations",
                simulated,
                steps=1,
                equal_error=True,
            ),
        ),
        tolerance=0.005,
        seeds=2,
        rounds=3,
    )


def training(path: str) -> Row:
    """A trial of training on one thread."""
    torch = {"published": ("as published", 3, 1), "hoisted": ("constants before the loop", 8, 2)}
    torch["together"] = ("10 networks by baddbmm", 20, 10)
    plain = {"autodiff": "JAX, autodiff of the loop", "one_product": "JAX, autodiff, dW in one product"}
    one = "noisette, one thread"
    return Row(
        name="training",
        question="a trial of training, DMS, N = 200, 299 steps, one thread",
        contenders=(
            Contender(NOISETTE, one, "training", {}, steps=102, short=2),
            *(Contender(text, one, "plain_training", {"form": form}, 60, 2) for form, text in plain.items()),
            *(
                Contender(f"PyTorch, {text}", "torch", "training", {"form": form, "path": path}, steps, short)
                for form, (text, steps, short) in torch.items()
            ),
        ),
        demands=(Demand("vector", 598, {}),),
        short=2,
        tolerance=1e-3,
        seeds=1,
        target=1.0,
    )


def memory() -> Row:
    """Memory function of a reservoir; capacities agree only roughly, since the states and the ridges differ."""
    size = {"size": 300}
    names = {NOISETTE: "noisette", "reservoirpy": "reservoirpy", NUMPY: "numpy"}
    return Row(
        name="reservoir",
        question="reservoir, N = 300: states of 4,000 inputs, memory at 40 lags [1]",
        contenders=tuple(Contender(label, place, "memory", size, steps=1) for label, place in names.items()),
        tolerance=0.05,
        seeds=1,
    )


def study(quick: bool) -> Row:
    """Tasks of 20 ms on two processes that are started for each study."""
    count = 100 if quick else 400
    return Row(
        name="study",
        question=f"study of {count} tasks of 20 ms, 2 processes, results stored",
        contenders=(
            Contender(NOISETTE, "noisette", "study", {"workers": 2}, steps=count),
            Contender("joblib, results not stored", "joblib", "study", {"workers": 2}, steps=count),
        ),
        unit="task",
        seeds=1,
        rounds=2,
    )


def rows(quick: bool, path: str) -> list[Row]:
    """Return all rows; `path` is the file of the problem of training."""
    shapes = [(size, runs) for size in (100, 1000) for runs in (1, 64)]
    every = [
        *(binary(size, runs, target) for size, runs, target in ((5, 1000, 10.0), (100, 200, 3.0), (1000, 64, 3.0))),
        *(rate(size, runs, False) for size, runs in shapes),
        *(rate(size, runs, True) for size, runs in shapes),
        noise(),
        reaction(),
        curve(),
        *(spectrum(size, exponents) for size, exponents in ((200, 200), (1000, 5))),
        chain(),
        correlations(),
        training(path),
        memory(),
        study(quick),
    ]
    return [row for row in every if not (quick and row.name in SLOW)]
