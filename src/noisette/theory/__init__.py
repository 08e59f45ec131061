"""Theory: the probes' questions answered without sampling."""

from noisette.theory import chain, exchangeable, meanfield

__all__ = ["chain", "exchangeable", "meanfield"]
