"""Papers, figures, and the reproduction of one figure: study, saved data, plot, and claims."""

import json
import shutil
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import xarray as xr

from noisette.arguments import check_arguments
from noisette.disk import atomic_write
from noisette.errors import FailedPointsWarning, InputError, require
from noisette.papers._multiplicity import multiplicity
from noisette.papers._times import recorded_seconds
from noisette.plots import save as save_plot
from noisette.plots import style
from noisette.provenance import program_version
from noisette.studies import Claim, Executor, Serial, StoreError, Study, load, save
from noisette.studies._lock import Lock

#: Scales of a reproduction: seconds, minutes, or the sizes of the paper.
SCALES = ("smoke", "quick", "paper")
THREADS = {"smoke": 2, "quick": 2, "paper": 1}  # linear algebra of large networks is multithreaded already
Progress = Callable[[int, int], None]
Report = Callable[..., None]  # see studies.Progress.update


@check_arguments
@dataclass(frozen=True)
class Figure:
    """One figure: a study at each scale, a plot of its data, and the claims that are judged by the data.

    Parameters
    ----------
    name : name on the command line
    title : title, in one line
    study : function of scale and seed (and of the output folder if the paper has `prepare`) that returns the study
    plot : function of the data of the study that returns a matplotlib figure
    claims : function of the data of the study that returns the claims
    extra : optional extra of the package that the figure requires; empty if it requires none
    caption : what is exact, what is simulated, and what error bars are, in one or two sentences, for the report
    """

    name: str
    title: str
    study: Callable[..., Study]
    plot: Callable[[xr.Dataset], Any]
    claims: Callable[[xr.Dataset], list[Claim]]
    extra: str = ""
    caption: str = ""

    def verdicts(self, data: xr.Dataset, scale: str) -> list[Claim]:
        """Return the claims; at smoke scale, only claims that do not depend on the scale are judged."""
        claims = self.claims(data)
        if scale != "smoke":
            return claims
        reason = "the smoke scale is too small to decide this claim; it is judged at the quick scale"
        undecided = {"verdict": "not judged", "reason": reason, "p": None, "level": None}
        return [claim if claim.any_scale else replace(claim, **undecided) for claim in claims]


@check_arguments
@dataclass(frozen=True)
class Paper:
    """A paper and its reproduced figures; figures that are not in the paper come last.

    Parameters
    ----------
    name : name on the command line
    title, reference : title and bibliographic reference
    figures : figures in the order in which they are drawn
    prepare : computation shared by several figures, such as training networks; called with scale, seed, folder,
        figures, and a function that reports progress; its results are stored in the folder, from which it resumes
    paper_scale : file with the claims of a run at paper scale, which reports show beside those of the present run;
        ``benchmarks/keep_paper_scale.py`` writes it
    note : restriction of the reproduction, such as parts of the paper that were not available, for its pages
    """

    name: str
    title: str
    reference: str
    figures: tuple[Figure, ...]
    prepare: Callable[[str, int, Path, Sequence[Figure], Report], None] | None = None
    paper_scale: Path | None = None
    note: str = ""

    def chosen(self, names: Sequence[str]) -> list[Figure]:
        """Return the named figures without repetitions, or all figures if `names` is empty."""
        known = {figure.name: figure for figure in self.figures}
        for name in names:
            require(name in known, f"unknown figure {name!r} of {self.name}", f"figures are {', '.join(known)}")
        return [known[name] for name in dict.fromkeys(names)] or list(self.figures)


@check_arguments
def reproduce(
    paper: Paper,
    figure: Figure,
    out: Path,
    *,
    scale: str = "quick",
    seed: int = 0,
    recompute: bool = False,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> tuple[list[Claim], bool]:
    """Reproduce one figure: run its study, save the data, the plot (PNG, PDF) and the claims, and return the claims.

    Data of the same figure, scale, seed and version in `out` are reused, so that an interrupted reproduction
    resumes where it stopped.

    Parameters
    ----------
    paper, figure : paper and figure to reproduce
    out : output folder; data are saved as ``FIGURE.nc``, plots as ``FIGURE.png`` and ``.pdf``, and claims, with the run
        time in seconds, as ``.json``
    scale : "smoke" (takes seconds; checks that everything runs), "quick" or "paper"
    seed : seed of all simulations
    recompute : recompute the data even if they exist
    progress : callback with the arguments (done, total)
    executor : how the tasks of the study are run, such as `noisette.studies.Dask`; by default two at a time in this
        process, or one at paper scale. At paper scale, and with all executors except `noisette.studies.Serial`,
        finished tasks are kept in a store in `out`, from which an interrupted figure resumes

    Returns
    -------
    the claims, and whether existing data were reused

    Raises
    ------
    InputError : If another process reproduces the same figure in the same folder, or a file cannot be written.
    """
    require(scale in SCALES, f"scale {scale!r}", f"one of {', '.join(SCALES)}")
    configuration = json.dumps(
        {
            "paper": paper.name,
            "figure": figure.name,
            "scale": scale,
            "seed": seed,
            "version": program_version(),
        }
    )
    path = out / f"{figure.name}.nc"
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"folder {str(out)!r} cannot be created ({error.strerror}); give another folder") from error
    with Lock(out, f"figure {figure.name} in the folder", f".{figure.name}.lock"):
        return _reproduce(paper, figure, path, configuration, recompute, progress, executor)


def _reproduce(
    paper: Paper,
    figure: Figure,
    path: Path,
    configuration: str,
    recompute: bool,
    progress: Progress | None,
    executor: Executor | None,
) -> tuple[list[Claim], bool]:
    began, settings = time.monotonic(), json.loads(configuration)
    out, scale, seed = path.parent, settings["scale"], settings["seed"]
    data = None if recompute else _saved(path, configuration)
    reused = data is not None
    if data is None:
        folders = () if paper.prepare is None else (out,)
        store = out / f"{figure.name}-{scale}-{seed}.store"
        if recompute:
            shutil.rmtree(store, ignore_errors=True)
        runs = executor or Serial(THREADS[scale])
        kept = store if scale == "paper" or not isinstance(runs, Serial) else None  # minutes are not worth a store
        data = _measured(figure.study(scale, seed, *folders), progress, runs, kept)
        data.attrs["reproduction"] = configuration
        save(data, path)
        shutil.rmtree(store, ignore_errors=True)
    claims = figure.verdicts(data, scale)
    with style():
        save_plot(figure.plot(data), out / figure.name)
    target = out / f"{figure.name}.json"
    table = {
        **settings,
        "title": figure.title,
        "seconds": recorded_seconds(target, settings) if reused else time.monotonic() - began,
        "claims": [claim.row() for claim in claims],
        "tests": multiplicity(claims).row(),
    }
    with atomic_write(target) as temporary:
        temporary.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return claims, reused


def _measured(study: Study, progress: Progress | None, executor: Executor, store: Path | None) -> xr.Dataset:
    """Run a study, with a store if one is given; a point that fails there fails the figure.

    Data of figures may contain NaN, such as estimates where there is no stationary state.
    """
    if store is None:
        return study.run(progress, executor)
    try:
        with warnings.catch_warnings(action="error", category=FailedPointsWarning):
            return replace(study, allow_nan=True).run(progress, executor, store=store, retry_failed=True)
    except StoreError as error:
        raise InputError(f"{error}; or recompute the figure") from error


def _saved(path: Path, configuration: str) -> xr.Dataset | None:
    """Return the data at `path` if they are complete and have the same configuration, None otherwise.

    Damaged data are reported in one line on standard error, and computed again.
    """
    if not path.is_file():
        return None
    try:
        data = load(path)
    except InputError as error:
        print(f"noisette: {error}; {path.stem} is computed again", file=sys.stderr)
        return None
    return data if data.attrs.get("reproduction") == configuration else None
