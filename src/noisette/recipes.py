"""The origin of weight matrices: which function drew them, with which arguments."""

import functools
import inspect
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

MOST_RECIPES = 4096  # number of the latest weight matrices whose origin is known

Function = TypeVar("Function", bound=Callable[..., Any])


class Recipe(NamedTuple):
    """The call that made a weight matrix, or a function that draws one."""

    function: Callable[..., Any]
    positional: tuple[Any, ...]
    keywords: dict[str, Any]


MAKERS: dict[str, Callable[..., Any]] = {}
_recipes: OrderedDict[tuple[Any, ...], Recipe] = OrderedDict()


def path_of(thing: Any) -> str:
    """Return ``package:name`` of a public function or class.

    Examples
    --------
    >>> import noisette as nz
    >>> path_of(nz.White)
    'noisette.noise.white:White'
    >>> path_of(nz.resonance)
    'noisette.analysis:resonance'
    """
    parts = thing.__module__.split(".")
    public = next((i for i, part in enumerate(parts) if part.startswith("_")), len(parts))
    return f"{'.'.join(parts[:public])}:{thing.__qualname__}"


def remembered(function: Function) -> Function:
    """Return a function that draws weights, such that results name it and its arguments instead of the weights.

    Parameters
    ----------
    function : function that returns a matrix, or a function that draws matrices

    Examples
    --------
    >>> import noisette as nz
    >>> W = nz.weights.autapses(10, 50)
    >>> arguments_of(recipe_of(W))
    {'weight': 10, 'size': 50}
    """

    @functools.wraps(function)
    def maker(*args: Any, **keywords: Any) -> Any:
        product = function(*args, **keywords)
        recipe = Recipe(maker, args, keywords)
        if isinstance(product, np.ndarray):
            _recipes[_fingerprint(product)] = recipe
            while len(_recipes) > MOST_RECIPES:
                _recipes.popitem(last=False)
        elif callable(product):
            product.__recipe__ = recipe  # type: ignore[attr-defined]
        return product

    MAKERS[path_of(function)] = maker
    return cast("Function", maker)


def _fingerprint(array: np.ndarray) -> tuple[Any, ...]:
    """Return a key by which a matrix is found again; whether it is the same matrix is decided by its digest."""
    whole = np.ascontiguousarray(array)
    with np.errstate(all="ignore"):  # the sum may overflow
        total = float(whole.sum())
    return array.shape, array.dtype.str, total, whole.ravel()[:: max(1, whole.size // 64)].tobytes()


def recipe_of(array: np.ndarray) -> Recipe | None:
    """Return the call that probably made a matrix; None if it is unknown.

    A matrix that was changed after it was drawn may have the same fingerprint; compare digests to be certain.

    Parameters
    ----------
    array : the matrix
    """
    return _recipes.get(_fingerprint(array)) if array.ndim == 2 and array.size else None


def arguments_of(recipe: Recipe) -> dict[str, Any]:
    """Return the arguments of a recipe by name."""
    return dict(inspect.signature(recipe.function).bind(*recipe.positional, **recipe.keywords).arguments)


__all__ = ["MAKERS", "Recipe", "arguments_of", "path_of", "recipe_of", "remembered"]
