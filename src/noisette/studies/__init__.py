"""Studies: grids of parameters × one measured function, their storage, progress, and claims to check."""

from noisette.studies.claims import Claim, compare, holds
from noisette.studies.progress import Progress
from noisette.studies.store import load, save
from noisette.studies.study import Study

__all__ = ["Claim", "Progress", "Study", "compare", "holds", "load", "save"]
