"""Statistics of correlations: how pairs of units of a large random network covary, and how many dimensions they fill.

Import from `noisette.theory`; the modules here are its rooms.
"""
