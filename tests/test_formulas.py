"""Activations that are given by a formula: values, derivatives, theory, records, and the refusal of everything else."""

import contextlib
import json
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import erf, expit
from scipy.stats import norm

import noisette as nz
from noisette import formulas
from noisette.activations import Formula, Threshold, from_formula, from_string, tanh
from noisette.errors import InputError
from noisette.study_files import build_network

X = np.linspace(-3.1, 2.9, 25)  # 0 is not among them, at which several formulas have a kink
# the function and its derivative, written out for NumPy
FUNCTIONS = {
    "abs(x)": (np.abs, np.sign),
    "sign(x)": (np.sign, np.zeros_like),
    "sqrt(x^2+1)": (lambda x: np.sqrt(x**2 + 1), lambda x: x / np.sqrt(x**2 + 1)),
    "exp(x)": (np.exp, np.exp),
    "log(x*x)": (lambda x: np.log(x**2), lambda x: 2 / x),
    "sin(x)": (np.sin, np.cos),
    "cos(x)": (np.cos, lambda x: -np.sin(x)),
    "tan(x/3)": (lambda x: np.tan(x / 3), lambda x: 1 / (3 * np.cos(x / 3) ** 2)),
    "sinh(x)": (np.sinh, np.cosh),
    "cosh(x)": (np.cosh, np.sinh),
    "tanh(x)": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "arctan(x)": (np.arctan, lambda x: 1 / (1 + x**2)),
    "erf(x)": (erf, lambda x: 2 / np.sqrt(np.pi) * np.exp(-(x**2))),
    "sigmoid(x)": (expit, lambda x: expit(x) * expit(-x)),
    "relu(x)": (lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0),
    "min(x, 1, -x)": (lambda x: -np.abs(x), lambda x: -np.sign(x)),
    "max(x,-1)": (lambda x: np.maximum(x, -1), lambda x: (x > -1) * 1.0),
}
OTHERS = {
    "x/(1+abs(x))": (lambda x: x / (1 + np.abs(x)), lambda x: 1 / (1 + np.abs(x)) ** 2),
    "tanh(x)+0.1*x^3": (lambda x: np.tanh(x) + 0.1 * x**3, lambda x: 1 - np.tanh(x) ** 2 + 0.3 * x**2),
    "-x**2": (lambda x: -(x**2), lambda x: -2 * x),
    "2^-x - 3": (lambda x: 2.0**-x - 3, lambda x: -np.log(2) * 2.0**-x),
    "x^-1": (lambda x: 1 / x, lambda x: -(x**-2.0)),
    "2^3^2*x": (lambda x: 512 * x, lambda x: 512 + 0 * x),
    " pi * x - e ": (lambda x: np.pi * x - np.e, lambda x: np.pi + 0 * x),
    "1.5e-1*x/.5": (lambda x: 0.3 * x, lambda x: 0.3 + 0 * x),
    "abs(x)^2.5": (lambda x: np.abs(x) ** 2.5, lambda x: 2.5 * np.sign(x) * np.abs(x) ** 1.5),
    "(1+x^2)^x": (
        lambda x: (1 + x**2) ** x,
        lambda x: (1 + x**2) ** x * (np.log(1 + x**2) + 2 * x**2 / (1 + x**2)),
    ),
}
EVERY = FUNCTIONS | OTHERS


@pytest.mark.parametrize("text", EVERY)
def test_values_and_derivatives_are_those_of_the_function_written_out(text):
    phi, (values, slopes) = from_string(f"formula:{text}"), EVERY[text]
    np.testing.assert_allclose(phi(jnp.asarray(X)), values(X), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(jax.vmap(jax.grad(phi))(jnp.asarray(X)), slopes(X), rtol=1e-11, atol=1e-13)


def test_every_function_is_tested():
    assert {text.partition("(")[0] for text in FUNCTIONS} == set(formulas.FUNCTIONS)


NUMBERS = st.floats(-9, 9).map(lambda number: (f"({number!r})", lambda x: number))
LEAVES = st.one_of(st.just(("x", lambda x: x)), NUMBERS)


def composed(parts):
    """Return a strategy of sums, products and functions of formulas, as text and as functions of NumPy."""
    signs = {"+": np.add, "-": np.subtract, "*": np.multiply}
    names = {"tanh": np.tanh, "sin": np.sin, "arctan": np.arctan, "-": np.negative, "sigmoid": expit}
    return st.one_of(
        st.tuples(parts, st.sampled_from(list(signs)), parts).map(
            lambda t: (f"({t[0][0]}{t[1]}{t[2][0]})", lambda x: signs[t[1]](t[0][1](x), t[2][1](x)))
        ),
        st.tuples(st.sampled_from(list(names)), parts).map(
            lambda t: (f"{t[0]}({t[1][0]})", lambda x: names[t[0]](t[1][1](x)))
        ),
    )


@given(formula=st.recursive(LEAVES, composed, max_leaves=6))
def test_nested_formulas_equal_nested_functions(formula):
    text, function = formula
    if "x" in text and len(text) <= formulas.MOST_CHARACTERS:
        values = np.array([-2.0, 0.0, 0.7])
        np.testing.assert_allclose(Formula(text)(jnp.asarray(values)), function(values), rtol=1e-9, atol=1e-9)


def test_derivatives_at_zero():
    assert float(jax.grad(Formula("x/(1+abs(x))"))(0.0)) == 1
    assert float(jax.grad(Formula("x^2"))(0.0)) == float(jax.grad(jax.grad(Formula("x^3")))(0.0)) == 0
    assert float(jax.grad(Formula("max(x, 0)"))(0.0)) == 0.5  # the mean of the two slopes
    assert float(jax.grad(Formula("relu(x)"))(0.0)) == 0


def test_the_precision_and_shape_of_arrays_are_kept():
    phi = Formula("max(pi*x^2.5 - 2^x/3, tanh(x), 0.5)")
    assert phi(jnp.ones((2, 3), jnp.float32)).dtype == jnp.float32
    assert phi(jnp.ones((2, 3))).dtype == jnp.float64
    assert phi(jnp.ones((2, 3))).shape == (2, 3)


def test_formulas_are_compared_by_their_text():
    one, same, other = Formula("2*x"), from_formula("2*x"), Formula("3*x")
    assert one == same == from_string("formula:2*x")
    assert hash(one) == hash(same)
    assert one != other
    compiled = jax.jit(lambda phi, x: phi(x))
    assert [float(compiled(phi, 1.0)) for phi in (one, other, same)] == [2, 3, 2]


# --- theory and networks


@pytest.mark.slow
@pytest.mark.parametrize("noise", [nz.White(0.5), nz.Frozen(1.0)])
def test_mean_field_of_the_formula_of_tanh_is_that_of_tanh(noise):
    ours, known = (nz.theory.mean_field(phi, [0.5, 2.0], noise) for phi in (Formula("tanh(x)"), tanh))
    for name in known.data_vars:
        np.testing.assert_allclose(ours[name], known[name], rtol=1e-12, atol=1e-12, err_msg=str(name))
    ours, known = (nz.correlations(phi, [0.4, 0.8], nz.Frozen(1.0)) for phi in (Formula("tanh(x)"), tanh))
    np.testing.assert_allclose(ours.participation_dimension, known.participation_dimension, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["max(x-0.5, 0)", "relu(x-0.5)", "(abs(x-0.5)+x-0.5)/2"])
def test_kinks_are_resolved_by_the_theory(text):
    """The closed form of a threshold-linear activation does not apply to a formula, which must give the same."""
    gains, noise = [0.3, 0.9], nz.Frozen(1.0)
    ours, known = (nz.theory.mean_field(phi, gains, noise) for phi in (Formula(text), Threshold(0.5)))
    np.testing.assert_allclose(ours.variance, known.variance, rtol=1e-9)
    ours, known = (nz.theory.correlations(phi, gains, noise) for phi in (Formula(text), Threshold(0.5)))
    np.testing.assert_allclose(ours.participation_dimension, known.participation_dimension, rtol=1e-6)


def test_the_variance_of_a_saturating_formula_in_frozen_noise_solves_its_equation():
    """v = g² ⟨φ²⟩ + s² with two kinks away from zero, against an integral over the Gaussian."""
    gain, std = 0.8, 1.0
    v = float(nz.theory.mean_field(Formula("min(max(x,-1),1)"), gain, nz.Frozen(std)).variance.squeeze())
    square = 2 * (quad(lambda x: x**2 * norm.pdf(x, scale=np.sqrt(v)), 0, 1)[0] + norm.sf(1 / np.sqrt(v)))
    assert v == pytest.approx(gain**2 * square + std**2, rel=1e-8)


@pytest.mark.slow
def test_networks_with_a_formula_are_those_with_the_function():
    options = {"duration": 3.0, "dt": 0.1, "discard": 1.0, "key": 0}
    weights = [nz.weights.gaussian(10, 10**-0.5, key=jax.random.key(2))]
    ours, known = (nz.chaos_curve(weights, [1.5], activation=phi, **options) for phi in (Formula("tanh(x)"), tanh))
    np.testing.assert_allclose(ours.lyapunov, known.lyapunov, rtol=1e-9)


@pytest.mark.slow
def test_results_record_the_formula_and_repeat_it():
    network = nz.RateNetwork(nz.weights.autapses(2, 3), activation=Formula("x/(1+abs(x))"), noise=nz.White(0.3))
    data = nz.simulate(network, duration=1.0, dt=0.1, key=0)
    recorded = json.loads(data.attrs["configuration"])["network"]["activation"]
    assert recorded == {"type": "Formula", "text": "x/(1+abs(x))"}
    assert nz.rerun(data).identical(data)
    theory = nz.theory.mean_field(Formula("tanh(x)"), 0.5, nz.White(0.5))
    assert nz.rerun(theory).identical(theory)
    tampered = data.assign_attrs(call=data.attrs["call"].replace("x/(1+abs(x))", "__import__('os')"))
    with pytest.raises(InputError, match="with the name '__import__'"):
        nz.rerun(tampered)


def test_study_files_name_formulas():
    plan = {"network": {"kind": "rate", "weights": "matrix:0,1;1,0", "activation": "formula:x/(1+abs(x))"}}
    network = build_network(plan | {"measure": {"kind": "dimension"}})
    assert network.activation == Formula("x/(1+abs(x))")
    assert network.weights.tolist() == [[0, 1], [1, 0]]


# --- refusals

REFUSED = {
    "__import__('os').system('true')": "with the name '__import__'; a formula consists of numbers, x, pi, e, ",
    "x.__class__": r"with '\.'",
    "x.real": r"with '\.'",
    "lambda x: x": "with the name 'lambda'",
    "[x for x in (1, 2)]": r"with '\['",
    "{x}": "with '{'",
    "x[0]": r"with '\['",
    "'x'": 'with "\'"',
    '"x"': "with '\"'",
    "b'x'": "with the name 'b'",
    "x if x else 1": "with the name 'if'",
    "x and 1": "with the name 'and'",
    "x := 2": "with ':'",
    "x > 0": "with '>'",
    "x @ x": "with '@'",
    "x % 2": "with '%'",
    "x // 2": "with x // 2",
    "~x": "with '~'",
    "+x": r"with \+x",
    "x, 1": r"with \(x, 1\)",
    "max(*x)": r"with \*x",
    "max(x, key=x)": "with the name 'key'",
    "True*x": "with the name 'True'",
    "None": "with the name 'None'",
    "1j*x": "with '1j'; products are written with",
    "2x": r"with '2x'; products are written with \*, as in 2\*x",
    "2(x+1)": "with 2 before a parenthesis; products",
    "x(x+1)": "with x before a parenthesis; products",
    "tanh(x)(x)": r"with tanh\(x\) before a parenthesis; products",
    "tanh": r"with tanh without an argument; write it as in tanh\(x\)",
    "sin x": "cannot be read; a formula consists of",
    "x+": "cannot be read",
    "(x": "cannot be read",
    "007*x": "cannot be read",
    "x\n": r"with '\\n'",
    "x\0": r"with '\\x00'",
    "x − 1": "with '−'",
    "٣*x": "with '٣'",
    "sigmiod(x)": "with the name 'sigmiod'; .*; did you mean sigmoid[?]",
    "atan(x)": "with the name 'atan'; .*; write arctan$",
    "np.tanh(x)": "with the name 'np'",
    "tanh()": "with tanh of 0 arguments; tanh has one argument",
    "tanh(x, 1)": "with tanh of 2 arguments",
    "max(x)": "with max of 1 arguments; max has two arguments or more",
    "9**9**9*x": r"with 9 \*\* 9 \*\* 9 = inf; finite constants",
    "9^9^9^9^9^9^9^9": "with .* = inf",
    "1e999*x": "with a number = inf",
    "x/(1/0)": "with 1 / 0 = inf",
    "x+log(-1)": r"with log\(-1\) = nan",
    "x+exp(1000)": "with .* = inf",
    "3": "without x",
    "max(1, 2)+pi": "without x",
    "x" * 201: "of 201 characters; at most 200",
    "1" * 300 + "*x": "of 302 characters",
    "(" * 60 + "x" + ")" * 60: "with 31 nested parentheses; at most 30",
    "-" * 60 + "x": "nested too deeply; at most 30 levels",
    "x^" * 60 + "x": "nested too deeply",
    "abs(" * 31 + "x" + ")" * 31: "nested parentheses",
    " ": "cannot be read",
}


@pytest.mark.parametrize("text", REFUSED)
def test_everything_else_is_refused_quickly(text):
    start = time.process_time()
    with pytest.raises(InputError, match=f"^formula.* {REFUSED[text]}") as caught:
        from_formula(text)
    assert time.process_time() - start < 1
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700  # as the messages of study files


def test_an_empty_formula_is_refused_with_its_form():
    for text in ("formula", "formula:"):
        with pytest.raises(InputError, match="cannot be read; the form is formula:EXPR"):
            from_string(text)
    with pytest.raises(InputError, match="text 3; text"):
        from_formula(3)  # type: ignore[arg-type]


def test_sums_of_many_terms_are_not_nested():
    assert float(Formula("x" + "+x" * 99)(jnp.asarray(1.0))) == 100
    assert float(Formula("(" * 30 + "x" + ")" * 30)(jnp.asarray(2.0))) == 2


PARTS = st.sampled_from(
    [*formulas.FUNCTIONS, *"xxx()()+-*/^,. 019e_", "**", "//", "pi", "lambda", "if", ".__class__", "__import__", "'os'"]
)
TEXTS = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
    st.text(max_size=20),
    st.lists(PARTS, max_size=12).map("".join),
)


@given(text=TEXTS)
@example(text="x\\")
@example(text="1if x else x")
@example(text="0x1for x in x")
def test_any_text_is_refused_or_an_activation(text):
    with contextlib.suppress(InputError):
        phi = from_formula(text)
        value = phi(jnp.array([0.5, -1.0]))
        assert value.shape == (2,)
        assert value.dtype == jnp.float64
