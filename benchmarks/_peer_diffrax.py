"""Contender: diffrax, Euler's method with `UnsafeBrownianPath` or `VirtualBrownianTree`; float64."""

import diffrax
import jax
import jax.numpy as jnp
from _peer_problems import DT, SIGMA, rate_values, rate_weights
from _peer_worker import Work, serve

jax.config.update("jax_enable_x64", True)


def rate(size: int, runs: int, tree: bool = False) -> Work:
    """A rate network in white noise, all runs in one product."""
    transposed = jnp.asarray(rate_weights(size).T)
    drift = diffrax.ODETerm(lambda t, x, args: jnp.tanh(x) @ transposed - x)
    shape = jax.ShapeDtypeStruct((runs, size), float)

    @jax.jit
    def solve(steps, key):
        end = steps * DT
        if tree:
            path = diffrax.VirtualBrownianTree(0.0, end, DT / 2, shape, key)
        else:
            path = diffrax.UnsafeBrownianPath(shape, key)
        diffusion = diffrax.ControlTerm(lambda t, x, args: DIAGONAL, path)
        terms = diffrax.MultiTerm(drift, diffusion)
        adjoint = diffrax.ForwardMode() if hasattr(diffrax, "ForwardMode") else diffrax.DirectAdjoint()
        result = diffrax.diffeqsolve(
            terms,
            diffrax.Euler(),
            0.0,
            end,
            DT,
            jnp.zeros((runs, size)),
            saveat=diffrax.SaveAt(t1=True),
            max_steps=None,
            adjoint=adjoint,
        )
        return result.ys[0]

    DIAGONAL = _diagonal(runs, size)
    return Work(lambda steps, seed: jax.block_until_ready(solve(steps, jax.random.key(seed))), rate_values)


def _diagonal(runs: int, size: int):
    import lineax

    return lineax.DiagonalLinearOperator(jnp.full((runs, size), SIGMA))


JOBS = {"rate": rate}

if __name__ == "__main__":
    serve(JOBS)
