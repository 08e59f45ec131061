"""Registry of the words for weights, activations, noises, networks, probes, tasks, measures and papers.

`ENTRIES` lists all words. It is used by the command line and by study files, and printed by ``noisette list``. The
function ``from_string`` of each package converts a word to an object. Objects that are not in the registry are
imported:

``MODULE:NAME`` or ``FILE.py:NAME``
    a class or a function that returns the object, or the object itself
``MODULE:NAME:NUMBERS``
    a class or a function called with comma-separated numbers: ``my_noise:Shot:0.5,2`` gives ``Shot(0.5, 2)``
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from noisette.errors import InputError, require
from noisette.imports import import_object


@dataclass(frozen=True)
class Entry:
    """A word of the registry and the object that it names.

    Parameters
    ----------
    form : the word with its arguments, optional ones in brackets, as in ``autapses:W[:N]``
    summary : description of the object, in one sentence
    maker : ``module:name`` of a class, a function or the object itself, which is imported when the word is used

    Examples
    --------
    >>> entry = Entry("floor:x", "Largest integer below x.", "math:floor")
    >>> entry.word, entry.load()(2.5)
    ('floor', 2)
    """

    form: str
    summary: str
    maker: str

    @property
    def word(self) -> str:
        """The word, that is, the form without arguments."""
        return self.form.partition(":")[0]

    def load(self) -> Any:
        """Import the maker."""
        module, _, name = self.maker.partition(":")
        return getattr(import_module(module), name)


ENTRIES: dict[str, tuple[Entry, ...]] = {
    "weights": (
        Entry("autapses:W[:N]", "Self-couplings W only; N = 5 by default.", "noisette.weights._words:autapses"),
        Entry("hopfield:CODES:J[:N]", "Patterns given as integer codes: 24,7.", "noisette.weights._words:hopfield"),
        Entry("nrooks:W[:N:SEED]", "One weight ±W in each row and column.", "noisette.weights._words:nrooks"),
        Entry("gaussian:N[:SEED]", "Normal, variance 1/N, zero diagonal.", "noisette.weights._words:gaussian"),
        Entry("normal:W:N[:SEED]", "Normal, standard deviation W, with diagonal.", "noisette.weights._words:normal"),
        Entry(
            "symmetric:W:N[:SEED]",
            "Symmetric normal, standard deviation W, zero diagonal.",
            "noisette.weights._words:symmetric",
        ),
        Entry(
            "balanced:N:D:B:W[:SEED]",
            "Density D, balance B of signs, magnitudes of normal numbers of width W.",
            "noisette.weights._words:balanced",
        ),
        Entry(
            "ei:CASE:N[:SEED]",
            "Excitatory–inhibitory; CASE: inhibitory, balanced or excitatory.",
            "noisette.weights._words:ei",
        ),
        Entry("matrix:ROWS", "A small matrix written out: 0,10;10,0.", "noisette.weights._words:matrix"),
    ),
    "activations": (
        Entry("tanh", "Hyperbolic tangent.", "noisette.activations:tanh"),
        Entry("sigmoid", "Logistic function 1/(1 + e^−x).", "noisette.activations:sigmoid"),
        Entry("erf", "Error function.", "noisette.activations:erf"),
        Entry("linear", "Identity x.", "noisette.activations:linear"),
        Entry("relu", "Rectified linear max(x, 0).", "noisette.activations:relu"),
        Entry("threshold:θ", "Threshold-linear max(x − θ, 0).", "noisette.activations:Threshold"),
        Entry("power:p", "Odd power law sign(x) |x|^p.", "noisette.activations:Power"),
        Entry("pade:α,β", "Padé activation x (1 + βα x²)/(1 + α x²).", "noisette.activations:Pade"),
        Entry("formula:EXPR", "A formula in x: x/(1+abs(x)).", "noisette.activations:Formula"),
        Entry(
            "smoothed:σ,ACTIVATION",
            "An activation averaged over normal noise in its argument.",
            "noisette.activations:smoothed",
        ),
    ),
    "noises": (
        Entry("none", "No noise.", "types:NoneType"),
        Entry("white:σ", "White noise, independent for each unit.", "noisette.noise.white:White"),
        Entry("common:c", "White noise shared by all units.", "noisette.noise.white:Common"),
        Entry("frozen:s", "Random input, constant during a trial.", "noisette.noise.coloured:Frozen"),
        Entry("ou:s,τ", "Ornstein–Uhlenbeck noise, correlation time τ.", "noisette.noise.coloured:OrnsteinUhlenbeck"),
        Entry("pulse:σ[,start[,duration]]", "White noise during a pulse.", "noisette.noise.gated:Pulse"),
        Entry("gated:start,stop,NOISE", "Another noise while start ≤ t < stop.", "noisette.noise._words:gated"),
        Entry(
            "at:PLACE,NOISE", "Noise inside the activation, on rates, synapses or inputs.", "noisette.noise._words:at"
        ),
        Entry(
            "channels:FILE[,NOISE]",
            "C noise signals projected onto N units by a matrix (N, C).",
            "noisette.noise._words:channels",
        ),
        Entry(
            "correlated:FILE[,NOISE]",
            "Noise with the covariance between units in a file (N, N).",
            "noisette.noise._words:correlated",
        ),
        Entry("telegraph:s,τ", "Values ±s, correlation time τ.", "noisette.noise.jumps:Telegraph"),
        Entry("shot:rate,a[,τ]", "Pulses of area a at random times, minus their mean.", "noisette.noise.jumps:Shot"),
        Entry("hold:s,T", "Independent normal values, each held for a time T.", "noisette.noise.jumps:SampleAndHold"),
        Entry("uniform:σ", "Independent uniform values of variance σ².", "noisette.noise._words:uniform"),
        Entry("laplace:σ", "Independent Laplace values of variance σ².", "noisette.noise._words:laplace"),
        Entry("student:σ,ν", "Independent values, Student's t, variance σ².", "noisette.noise._words:student"),
        Entry("stable:α,c", "α-stable noise of scale c, a Lévy flight.", "noisette.noise.independent:Stable"),
        Entry(
            "powerlaw:s,a,τ1,τ2",
            "Spectrum 1/f^a between two correlation times.",
            "noisette.noise.spectra:PowerLaw",
        ),
        Entry("band:s,f,τ", "Damped oscillation of frequency f.", "noisette.noise.spectra:BandLimited"),
        Entry("recorded:FILE[,dt]", "Recorded noise, the same in every run.", "noisette.noise._words:recorded"),
    ),
    "networks": (
        Entry(
            "rate", "Rate units in continuous time; gamma: weight of the Onsager term.", "noisette.networks._words:rate"
        ),
        Entry("boltzmann", "Probabilistic units ±1, updated in parallel.", "noisette.networks.boltzmann:Boltzmann"),
        Entry("sign", "Deterministic units ±1, updated in parallel.", "noisette.networks.sign:SignNetwork"),
    ),
    "probes": (
        Entry("Trace", "States of the units, at regular intervals.", "noisette.probes:Trace"),
        Entry("Snapshots", "States of the units, at chosen times.", "noisette.probes:Snapshots"),
        Entry("JointStates", "Counts of pairs of successive states.", "noisette.probes:JointStates"),
        Entry(
            "ConditionalStates",
            "Joint probabilities of successive states, exact in the second.",
            "noisette.probes:ConditionalStates",
        ),
        Entry(
            "ConditionalEntropy", "Conditional entropy H(s'|s), the divergence.", "noisette.probes:ConditionalEntropy"
        ),
        Entry("EntropyProduction", "Entropy production, stationary.", "noisette.probes:EntropyProduction"),
        Entry("Covariance", "Mean and covariance of all units.", "noisette.probes:Covariance"),
        Entry("Autocovariance", "Autocovariance averaged over units.", "noisette.probes:Autocovariance"),
        Entry("Speed", "Kinetic energy, and fraction of steps in which it increases.", "noisette.probes:Speed"),
        Entry("Lyapunov", "Lyapunov exponents, from tangent vectors.", "noisette.probes:Lyapunov"),
        Entry(
            "TrajectorySeparation",
            "Largest Lyapunov exponent, from two trajectories.",
            "noisette.probes:TrajectorySeparation",
        ),
    ),
    "tasks": (
        Entry("dms", "Delayed match to sample, with one or two delays.", "noisette.tasks.dms:DMS"),
        Entry("afc", "Two-alternative forced choice: presence of a stimulus.", "noisette.tasks.afc:AFC"),
        Entry("ctx", "Context-dependent integration of two noisy signals.", "noisette.tasks.ctx:CTX"),
        Entry("go-nogo", "Respond to a short pulse, but not without one.", "noisette.tasks.gonogo:GoNoGo"),
        Entry("xor", "Exclusive or of two stimuli that are 50 ms apart.", "noisette.tasks.xor:XOR"),
        Entry("function", "A function of a constant input.", "noisette.tasks.function:FunctionApproximation"),
        Entry("path", "Position of a walk from its velocity.", "noisette.tasks.path:PathIntegration"),
    ),
    "measures": (
        Entry("simulate", "Results of probes in one trial.", "noisette.analysis.measures:simulated"),
        Entry("lyapunov", "Largest Lyapunov exponents.", "noisette.analysis.measures:exponents"),
        Entry("dimension", "Participation dimension and variance.", "noisette.analysis.measures:dimension"),
        Entry(
            "resonance",
            "Entropy and information of successive states.",
            "noisette.analysis.measures:of_successive_states",
        ),
        Entry("signal", "Response to a weak signal: stochastic resonance.", "noisette.analysis.measures:of_a_signal"),
        Entry("coherence", "Regularity of threshold crossings.", "noisette.analysis.measures:regularity"),
        Entry(
            "synchronisation",
            "Whether trajectories in the same noise meet.",
            "noisette.analysis.measures:in_common_noise",
        ),
        Entry("reliability", "Responses to repeated noise.", "noisette.analysis.measures:of_responses"),
        Entry(
            "flow",
            "Transfer entropy between sets of binary units.",
            "noisette.analysis._information_measures:of_flow",
        ),
        Entry(
            "input",
            "Information about an input in later states.",
            "noisette.analysis._information_measures:of_input",
        ),
        Entry(
            "rms",
            "Root mean square of correlations of successive states.",
            "noisette.analysis._information_measures:of_correlations",
        ),
    ),
    "papers": (
        Entry("recurrence-resonance", "Metzner et al. (2024).", "noisette.papers.recurrence_resonance:PAPER"),
        Entry("freezing-chaos", "Huang & Huang (2025).", "noisette.papers.freezing_chaos:PAPER"),
        Entry("correlations", "Mato, Rigatuso & Torroba (2026).", "noisette.papers.correlations:PAPER"),
        Entry("working-memory", "Rungratsameetaweemana et al. (2025).", "noisette.papers.working_memory:PAPER"),
        Entry("noise-preference", "Eckstein & Srinivasan (2026).", "noisette.papers.noise_preference:PAPER"),
    ),
}
SINGULAR = {kind: kind if kind == "weights" else kind.removesuffix("s") for kind in ENTRIES}
IMPORTED = re.compile(r"(?P<place>(?:.+?\.py|[A-Za-z_][\w.]*):[A-Za-z_]\w*)(?::(?P<arguments>.*))?")


def words(kind: str) -> list[str]:
    """Return the words of one kind.

    Parameters
    ----------
    kind : key of `ENTRIES`

    Examples
    --------
    >>> words("networks")
    ['rate', 'boltzmann', 'sign']
    """
    return [entry.word for entry in ENTRIES[kind]]


@dataclass(frozen=True)
class Name:
    """The name of an object, with the object or its constructor, and the arguments in the name.

    Parameters
    ----------
    kind : key of `ENTRIES`
    text : the name
    form : form of the name
    maker : imported class, function or object
    arguments : part of the name that follows the word or ``MODULE:NAME`` and a colon
    imported : whether the name is a ``MODULE:NAME``
    """

    kind: str
    text: str
    form: str
    maker: Any
    arguments: str
    imported: bool

    def unreadable(self) -> InputError:
        """Return the error for arguments that do not match the form."""
        return InputError(f"{SINGULAR[self.kind]} {self.text!r} cannot be read; the form is {self.form}")

    def values(self, readers: Mapping[str, Callable[[str], Any]] | None = None) -> list[Any]:
        """Return the comma-separated arguments of a word, by default converted to numbers.

        Parameters
        ----------
        readers : functions that convert arguments other than numbers, by the name of the argument in the form

        Examples
        --------
        >>> lookup("noises", "pulse:7,0").values()
        [7.0, 0.0]
        """
        names = re.findall(r"[^:,\[\]]+", self.form)[1:]
        required = len(re.findall(r"[^:,]+", self.form.partition("[")[0])) - 1
        texts = self.arguments.split(",", max(len(names) - 1, 0)) if self.arguments else []
        if not required <= len(texts) <= len(names):
            raise self.unreadable()
        try:
            return [(readers or {}).get(name, float)(text) for name, text in zip(names, texts, strict=False)]
        except InputError:
            raise
        except ValueError:
            raise self.unreadable() from None

    def numbers(self) -> list[int | float]:
        """Return the arguments of ``MODULE:NAME:NUMBERS``; numbers without a decimal point are integers.

        Examples
        --------
        >>> lookup("weights", "math:hypot:3,4.0").numbers()
        [3, 4.0]
        """
        try:
            return [_number(text) for text in self.arguments.split(",")] if self.arguments else []
        except ValueError:
            raise self.unreadable() from None

    def call(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the maker, after checking that it accepts the arguments.

        Raises
        ------
        InputError : If the maker does not accept the arguments.

        Examples
        --------
        >>> lookup("weights", "math:hypot").call(3, 4)
        5.0
        """
        try:
            signature = inspect.signature(self.maker)
        except ValueError:  # functions that are not written in Python may have no signature
            return self.maker(*arguments, **keywords)
        try:
            signature.bind(*arguments, **keywords)
        except TypeError as error:
            known = ", ".join(signature.parameters) or "(none)"
            raise InputError(f"{SINGULAR[self.kind]} {self.text}: {error}; its parameters are {known}") from error
        return self.maker(*arguments, **keywords)

    def build(self, is_product: Callable[[Any], bool], expected: str, **keywords: Any) -> Any:
        """Return the named object: the maker itself if it is suitable, otherwise the result of calling it.

        The maker is called with the numbers in the name.

        Parameters
        ----------
        is_product : function that returns whether a value is a suitable object
        expected : description of suitable objects, for error messages
        keywords : further arguments of the maker

        Raises
        ------
        InputError : If neither the maker nor its result is suitable, or the arguments do not fit.
        """
        noun = SINGULAR[self.kind]
        if is_product(self.maker):
            unused = ", ".join([*self.arguments.split(","), *keywords]).strip(", ")
            require(
                not unused, f"{noun} {self.text!r} with {unused}", f"{self.form.partition('[')[0]} takes no arguments"
            )
            return self.maker
        require(
            callable(self.maker),
            f"{noun} {self.text!r} is a {type(self.maker).__name__}",
            f"a class or function that returns {expected}, or the object itself",
        )
        product = self.call(*self.numbers(), **keywords)
        require(is_product(product), f"{noun} {self.text!r} returns a {type(product).__name__}", expected)
        return product


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def lookup(kind: str, text: str, alike: Callable[[Any], bool] = callable) -> Name:
    """Return the object or constructor that a string names, with the arguments in the string.

    Parameters
    ----------
    kind : key of `ENTRIES`
    text : word with its arguments, or ``MODULE:NAME`` or ``FILE.py:NAME``, optionally followed by ``:NUMBERS``
    alike : function that returns whether an object of a module is of this kind; used to list alternatives in errors

    Raises
    ------
    InputError : If the word is unknown, or the module or name does not exist.

    Examples
    --------
    >>> lookup("activations", "pade:0.5,0").arguments
    '0.5,0'
    >>> lookup("activations", "tahn")
    Traceback (most recent call last):
    noisette.errors.InputError: unknown activation 'tahn'; activations are tanh, ... did you mean tanh?
    """
    require(isinstance(text, str), f"{SINGULAR[kind]} {text!r}", "a string; see `noisette list`")
    word, _, arguments = text.partition(":")
    for entry in ENTRIES[kind]:
        if entry.word == word:
            return Name(kind, text, entry.form, entry.load(), arguments, False)
    nearest = _nearest(kind, word)
    match = IMPORTED.fullmatch(text)
    if match is None:
        forms = ", ".join(entry.form for entry in ENTRIES[kind])
        files = ", a file (.npy, .npz, .csv, .tsv, .txt, .mat, .graphml)" if kind == "weights" else ""
        known = f"{kind} are {forms}{files}, or MODULE:NAME of your own"
        raise InputError(f"unknown {SINGULAR[kind]} {text!r}; {known}{nearest}")
    try:
        maker = import_object(match["place"], SINGULAR[kind], alike)
    except InputError as error:
        raise InputError(f"{error}{nearest}") from error
    return Name(kind, text, f"{match['place']}[:NUMBERS]", maker, match["arguments"] or "", True)


def _nearest(kind: str, word: str) -> str:
    """Return the end of an error message that suggests the closest word or class name; empty if there is none."""
    proposals = {name.lower(): e.form for e in ENTRIES[kind] for name in (e.maker.partition(":")[2], e.word)}
    close = get_close_matches(word.lower(), proposals, 1)
    return f"; did you mean {proposals[close[0]]}?" if close else ""
