"""Gaussian averages of an activation function: quadrature rules, closed forms and Hermite series."""
