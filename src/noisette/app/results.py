"""The numbers of a view without a browser."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from noisette.app.answers import Answer, Page, Report, completed
from noisette.app.pages import FIRST, PAGES
from noisette.app.views import InvalidView, View
from noisette.arguments import check_arguments
from noisette.errors import require
from noisette.studies import save


@check_arguments
def view_of(address: str) -> View:
    """Return the view of an address.

    Parameters
    ----------
    address : the part of an address behind the server, such as ``/resonance?noise=7``; parameters that it does not
        state have their default values, and an empty address is that of the first page

    Raises
    ------
    InputError : If there is no such page, or a parameter is unknown or has a value that is not allowed.

    Examples
    --------
    >>> view_of("resonance?noise=7").noise
    7.0
    """
    name, _, query = address.strip().rpartition("//")[2].strip("/").partition("?")
    name = name.rpartition("/")[2] or FIRST
    require(name in PAGES, f"page {name[:40]!r}", f"pages are {', '.join(PAGES)}")
    return PAGES[name].view.read(query)


def quiet(done: int, total: int) -> None:
    """Report no progress."""


def answers(view: View, report: Report = quiet) -> dict[str, Answer]:
    """Return the complete answers of all parts of a page, by the names of the parts.

    Parameters
    ----------
    view : the view
    report : progress of long parts
    """
    complete = {}
    for part in PAGES[view.page].parts:
        complete[part.name] = completed(part.compute(view, report))
    return complete


@check_arguments
def data_of(address: str) -> dict[str, xr.Dataset]:
    """Return the numbers that the explorer shows for an address.

    Parameters
    ----------
    address : as for `view_of`

    Returns
    -------
    one Dataset for each part of the page, by the name of the part

    Raises
    ------
    InputError : As for `view_of`.

    Examples
    --------
    >>> data = data_of("/resonance?weights=autapses:10&noise=7&start=0")
    >>> round(float(data["optimum"].optimal_noise), 2)
    2.43
    """
    return {name: answer.data for name, answer in answers(view_of(address)).items()}


def as_dict(page: Page, view: View, known: Mapping[str, Answer]) -> dict[str, Any]:
    """Return all numbers of a view as numbers, lists and texts.

    Parameters
    ----------
    page, view : page and view
    known : answers by the names of the parts
    """
    parts = {}
    for name, answer in known.items():
        arrays = {str(n): values.values for n, values in answer.data.variables.items()}
        attributes = {n: answer.data.attrs[n] for n in ("method", "estimator") if n in answer.data.attrs}
        parts[name] = {"sentence": answer.sentence, "values": dict(answer.values), **attributes, "data": arrays}
    return {"page": page.name, "address": view.address(), "parts": parts}


def joined(view: View, known: Mapping[str, Answer]) -> xr.Dataset:
    """Return the numbers of all parts in one Dataset; names that occur in several parts are preceded by their part.

    Parameters
    ----------
    view : the view
    known : answers by the names of the parts
    """
    whole = xr.Dataset(attrs={"address": view.address()})
    for part, answer in known.items():
        taken = set(whole.variables) | set(whole.sizes)
        names = {n: f"{part}_{n}" for n in {*answer.data.variables, *answer.data.sizes} if n in taken}
        attributes = {f"{part}_{n}": value for n, value in answer.data.attrs.items()}
        whole = whole.merge(answer.data.drop_attrs().rename(names)).assign_attrs(whole.attrs | attributes)
    return whole


def netcdf(view: View, known: Mapping[str, Answer]) -> bytes:
    """Return the content of a netCDF file with the numbers of all parts."""
    with tempfile.TemporaryDirectory() as folder:
        return Path(save(joined(view, known), Path(folder) / "view.nc")).read_bytes()


__all__ = ["InvalidView", "answers", "as_dict", "data_of", "joined", "netcdf", "quiet", "view_of"]
