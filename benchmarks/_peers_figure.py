"""Figure of the comparison: how many times as long as Noisette each alternative takes."""

import statistics
from pathlib import Path
from typing import Any

FAMILIES = {  # first word of a label: colour, marker
    "numba": ("#d55e00", "s"),
    "NumPy": ("#0072b2", "o"),
    "JAX": ("#009e73", "D"),
    "PyTorch": ("#cc79a7", "^"),
    "diffrax": ("#e69f00", "v"),
    "BrainPy": ("#56b4e9", "P"),
    "lyapax": ("#000000", "X"),
    "other": ("#777777", "*"),
}


def family(label: str) -> str:
    """Return the family of a contender."""
    first = label.replace(",", " ").split()[0]
    return first if first in FAMILIES else "other"


def draw(document: dict[str, Any], path: Path) -> None:
    """Draw the ratios of all rows of a document of measurements."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.lines import Line2D

    rows = [r for r in document["rows"].values() if "Noisette" in r["contenders"] and len(r["contenders"]) > 1]
    figure, axes = plt.subplots(figsize=(9, 0.34 * len(rows) + 1.6), layout="constrained")
    used = set()
    for place, row in enumerate(rows):
        ours = row["contenders"]["Noisette"]["times"]
        for label, other in row["contenders"].items():
            if label == "Noisette":
                continue
            each = [b / a for a, b in zip(ours, other["times"], strict=False)]
            color, marker = FAMILIES[family(label)]
            axes.plot([min(each), max(each)], [place, place], color=color, linewidth=1, alpha=0.6)
            axes.plot(statistics.median(each), place, marker, color=color, markersize=6, markeredgewidth=0)
            used.add(family(label))
        axes.axhline(place, color="#eeeeee", linewidth=0.6, zorder=0)
    axes.set(xscale="log", ylim=(len(rows) - 0.4, -0.7), xlabel="time of the alternative / time of Noisette")
    least, most = axes.get_xlim()
    least = min(least, 0.5)
    axes.axvspan(least, 1, color="#f7dcd8", zorder=-1, linewidth=0)
    axes.axvline(1, color="black", linewidth=1.2)
    axes.set_xlim(least, most)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_formatter(lambda value, _: "")
    axes.text(0.97, -0.55, "alternative faster", ha="right", va="top", fontsize=7, color="#a04030")
    axes.text(1.03, -0.55, "Noisette faster", ha="left", va="top", fontsize=7, color="#404040")
    axes.set_yticks(range(len(rows)), [row["question"].split(" [")[0] for row in rows], fontsize=8)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    handles = [
        Line2D([], [], color=color, marker=marker, linestyle="", label=name)
        for name, (color, marker) in FAMILIES.items()
        if name in used
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), frameon=False, fontsize=8)
    figure.savefig(path, dpi=150)
    plt.close(figure)
