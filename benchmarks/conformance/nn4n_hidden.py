"""nn4n: noise before the activation of a continuous-time recurrent layer without weights."""

PACKAGES = ("nn4n",)
