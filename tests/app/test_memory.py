"""The page about working memory: its numbers are those of the library, and its stories are true."""

import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import noisette as nz
from noisette.app import downloads, uploads
from noisette.app.answers import Answer
from noisette.app.calculations import Calculations
from noisette.app.pages.memory import PAGE, Memory, accuracy, paths, spectrum, time_constants, trial
from noisette.app.views import InvalidView
from noisette.errors import InputError
from noisette.papers.working_memory import example, experiment
from noisette.training.files import save
from tests.app._views import texts_of
