"""Documentation of Noisette; `python -m docs` builds it."""
