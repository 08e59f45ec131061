"""A paper's figure
================

One command reproduces a figure: its data, a PNG and a PDF file, and the claims of the paper with verdicts.
"""

from pathlib import Path

import matplotlib.pyplot as plt

import noisette as nz
from noisette import papers

# %%
# At the terminal: ``noisette reproduce recurrence-resonance fig2a --out results``. The same in Python:

paper = papers.from_string("recurrence-resonance")
print(paper.title)
figure = paper.chosen(["fig2a"])[0]
claims, _ = papers.reproduce(paper, figure, Path("results"), scale="quick")

# %%
# Each claim states what the paper reports, what we find, and whether they agree:

for claim in claims:
    print(claim)

# %%
# The data are an `xarray.Dataset` with the configuration that produced it.

data = nz.studies.load(Path("results") / "fig2a.nc")
print(data)
page, axes = plt.subplots(figsize=(9, 4), layout="constrained")
axes.imshow(plt.imread(Path("results") / "fig2a.png"))
axes.axis("off")

if __name__ == "__main__":
    plt.show()
