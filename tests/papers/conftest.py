"""Parsed pages of reports, and summaries of trained networks of the paper on working memory."""

from html.parser import HTMLParser

import jax
import numpy as np
import pytest
import xarray as xr

from noisette import tasks
from noisette.papers.working_memory import _ensembles, _summary, example
from noisette.papers.working_memory._panels import with_scale
from noisette.training import Trained

RNG = np.random.default_rng(0)
VOID = {"meta", "img"}


class Page(HTMLParser):
    """The elements of a page in order, after a check that each is closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.texts = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def of(self, tag):
        """Return the attributes of all elements with a tag."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def page_of():
    """Return a function that parses a page: page_of(text) → Page."""
    return Page


@pytest.fixture(scope="module")
def summarised():
    """Return the summary of a trained network."""
    network = example(10)
    trained = Trained(0, network, "trained", 10_000, 4.0, 0.97, np.zeros((1, 4)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_summary, "TRIALS", 4)
        return _summary.summary(trained, tasks.DMS(), jax.random.key(0), full=True, disturbed=True)


@pytest.fixture(scope="module")
def ensembles(summarised):
    """Return summaries of networks whose τ rises with C, six each."""
    by_channels = {}
    for channels in _ensembles.CHANNELS:
        parts = []
        for _ in range(6):
            summary = summarised.copy(deep=True)
            summary["tau"] = summary.tau + channels + RNG.normal(size=summary.sizes["unit"])
            summary["trials"] = summary.trials + 1000 * RNG.normal()
            summary["delay_rate"] = summary.delay_rate * (1 + 0.1 * RNG.random())
            parts.append(summary)
        by_channels[channels] = xr.concat(parts, "network")
    return with_scale(by_channels, "quick").expand_dims(inputs=[2])
