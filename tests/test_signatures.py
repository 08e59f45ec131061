"""Signatures of public functions are short, and name types as the source does."""

import inspect

import pytest

import noisette as nz
from noisette.signatures import readable_signature

PUBLIC = [name for name in nz.__all__ if inspect.isfunction(getattr(nz, name))]
THEORY = [name for name in nz.theory.__all__ if inspect.isfunction(getattr(nz.theory, name))]
MOST_LETTERS = 300
CLASSES = [name for name in nz.__all__ if inspect.isclass(getattr(nz, name)) and not name.endswith("Warning")]
MOST_OF_A_CLASS = 475


@pytest.mark.parametrize(
    "name", [*PUBLIC, *(f"theory.{name}" for name in THEORY), "training.train", "analysis.perturb"]
)
def test_signatures_are_short(name):
    package, _, function = name.rpartition(".")
    text = str(inspect.signature(getattr(getattr(nz, package) if package else nz, function)))
    assert len(text) <= MOST_LETTERS
    assert "noisette." not in text
    assert "numpy._typing" not in text


@pytest.mark.parametrize("name", [*CLASSES, "training.Protocol", "networks.TaskNetwork", "networks.Flow"])
def test_signatures_of_classes_are_readable(name):
    package, _, kind = name.rpartition(".")
    text = str(inspect.signature(getattr(getattr(nz, package) if package else nz, kind)))
    assert len(text) <= MOST_OF_A_CLASS
    assert "numpy._typing" not in text


def test_signatures_of_methods_are_readable():
    assert str(inspect.signature(nz.RateNetwork.with_gain)) == "(self, gain: ArrayLike | Array) -> RateNetwork"
    assert "key: KeyLike | None" in str(inspect.signature(nz.RateNetwork.start))


def test_annotations_are_named_as_in_the_source():
    text = str(inspect.signature(nz.resonance))
    assert text.startswith("(network: NetworkLike, noise: ArrayLike, steps: int = 10000, start: Any = 0")
    assert text.endswith("**sampling: Unpack[RunOptions]) -> Dataset")


def test_a_signature_binds_as_the_function_does():
    bound = inspect.signature(nz.resonance).bind("network", [1.0], key=3)
    assert bound.arguments == {"network": "network", "noise": [1.0], "key": 3}
    with pytest.raises(TypeError):
        inspect.signature(nz.resonance).bind()


def test_types_without_a_name_are_shown_in_full():
    def function(a: int | None, b: "str", c: list[tuple[int, ...]], *, d: dict[str, float] | int = 3) -> None: ...

    expected = "(a: int | None, b: str, c: list[tuple[int, ...]], *, d: dict[str, float] | int = 3) -> None"
    assert str(readable_signature(function)) == expected
