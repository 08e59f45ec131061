"""Words of the registry: their forms, summaries and makers."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any


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
        Entry("gaussian:N[:SEED]", "Normal, variance 1/N, zero diagonal.", "noisette.weights._ensemble_words:gaussian"),
        Entry(
            "normal:W:N[:SEED]",
            "Normal, standard deviation W, with diagonal.",
            "noisette.weights._ensemble_words:normal",
        ),
        Entry(
            "symmetric:W:N[:SEED]",
            "Symmetric normal, standard deviation W, zero diagonal.",
            "noisette.weights._ensemble_words:symmetric",
        ),
        Entry(
            "balanced:N:D:B:W[:SEED]",
            "Density D, balance B of signs, magnitudes of normal numbers of width W.",
            "noisette.weights._ensemble_words:balanced",
        ),
        Entry(
            "ei:CASE:N[:SEED]",
            "Excitatory–inhibitory; CASE: inhibitory, balanced, excitatory or mu_e=1,mu_i=-4.",
            "noisette.weights._ensemble_words:ei",
        ),
        Entry(
            "blocks:SIZES:MEAN:VARIANCE[:SEED]",
            "Populations with means and variances of blocks: 400,100 and 1,-2;1,-1.5.",
            "noisette.weights._ensemble_words:blocks",
        ),
        Entry(
            "sparse:N:K:MEAN:VARIANCE[:SEED]",
            "K inputs per unit on average; N times mean and variance of a weight.",
            "noisette.weights._ensemble_words:sparse",
        ),
        Entry(
            "reciprocal:N:κ[:SEED]",
            "Normal, variance 1/N, correlation κ of the two directions.",
            "noisette.weights._ensemble_words:reciprocal",
        ),
        Entry(
            "lowrank:SIZES:MEAN:COVARIANCE[:SEED]",
            "m nᵀ/N with normal entries; rows of the covariance: 1,0.5;0.5,1.",
            "noisette.weights._ensemble_words:lowrank",
        ),
        Entry(
            "modes:N:DxCOUNT,…[:SEED]",
            "Random modes, COUNT of each strength D: 1x300,0.5x100.",
            "noisette.weights._ensemble_words:modes",
        ),
        Entry(
            "heavytails:N:α:s[:SEED]",
            "α-stable of scale s, with heavy tails.",
            "noisette.weights._ensemble_words:heavytails",
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
        Entry(
            "populations",
            "Rate units in populations; weights of an ensemble, or sizes, means and variances of blocks.",
            "noisette.networks._population_words:populations",
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
        Entry(
            "populations",
            "Means, variances and exponent of populations by theory, and by simulations.",
            "noisette.analysis._population_measures:of_populations",
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
