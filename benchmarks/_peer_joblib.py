"""Contender: joblib, without storage of the results."""

import joblib
from _peer_worker import Work, serve
from _study_task import task
from joblib.externals.loky import get_reusable_executor


def study(workers: int) -> Work:
    """Tasks of 20 ms; `steps` is the number of tasks, and every call starts new processes."""

    def run(steps: int, seed: int) -> None:
        joblib.Parallel(n_jobs=workers, backend="loky")(joblib.delayed(task)(x) for x in range(steps))
        get_reusable_executor().shutdown(wait=True, kill_workers=True)

    return Work(run, lambda _: {})


JOBS = {"study": study}

if __name__ == "__main__":
    serve(JOBS)
