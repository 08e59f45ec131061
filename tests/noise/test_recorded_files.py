"""Recorded noise: refusals, arrays of other programs, and files."""

import re

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.io
import xarray as xr

import noisette as nz
from noisette.errors import InputError
from noisette.noise import Recorded, from_string, record

DT, STEPS = 0.1, 60
LAWS = {
    "white": nz.White([0.5, 1.0]),
    "common": nz.White(1.0) + nz.Common([2.0, 1.0]),
    "antithetic": nz.White(1.0),
    "ou": nz.OrnsteinUhlenbeck(2.0, tau=0.3),
    "frozen": nz.Frozen(1.0),
    "mixture": nz.White(1.0) + nz.OrnsteinUhlenbeck(),
}
WHITE = nz.White(0.5)


def drawn(law=WHITE, size=2, trials=1):
    """Return a record of six units of time."""
    return record(law, size, duration=DT * STEPS, dt=DT, key=1, trials=trials)


@eqx.filter_jit
def sample(noise, time, dt):
    """Return a single sample."""
    return noise.sample((), time, noise.units, key=jax.random.key(0), dt=dt)[0]


def decay(noise):
    """Return two units that decay."""
    return nz.networks.Flow(lambda x: -x, 2, noise=noise)


@pytest.mark.parametrize(
    ("noise", "options", "message"),
    [
        (drawn(), {"duration": 20, "dt": DT}, "noise recorded for 6 .*the simulation lasts 20; record .*duration=20"),
        (nz.White(1.0) + drawn(), {"duration": 6.1, "dt": DT}, "the simulation lasts 6.1"),
        (nz.Gated(drawn(), 0, 1), {"duration": 7, "dt": DT}, "the simulation lasts 7"),
        (drawn(trials=3), {"duration": 1, "dt": DT}, "recorded for 3 trials; .*a sequence of networks"),
        (drawn(size=3), {"duration": 1, "dt": DT}, "recorded for 3 units; the network has 2; .*Channels"),
        (
            drawn(LAWS["mixture"]),
            {"duration": 1, "dt": DT / 2},
            "a multiple of the recorded step, .*use dt=0.1; for sums",
        ),
        (drawn(LAWS["mixture"]), {"duration": 3, "dt": 0.15}, "steps of 0.15 in noise recorded in steps of 0.1 .White"),
        (drawn(), {"duration": 0.01, "dt": 1e-5}, "at most 1024 steps per recorded step"),
    ],
)
def test_simulations_that_a_record_does_not_fit_are_refused(noise, options, message):
    with pytest.raises(InputError, match=message):
        nz.simulate(decay(noise), key=0, warn=False, **options)


def test_discrete_simulations_are_not_longer_than_the_record():
    network = nz.Boltzmann(np.zeros((2, 2)), noise=record(WHITE, 2, duration=10, key=0))
    assert nz.simulate(network, 10, key=0).final.shape == (1, 2)
    with pytest.raises(InputError, match="the simulation lasts 11"):
        nz.simulate(network, 11, key=0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: record(drawn(), 2, duration=1, key=0), "recorded again"),
        (lambda: record(WHITE, 2, duration=1.05, dt=DT, key=0), "10.5 steps of dt 0.1"),
        (lambda: record(WHITE, 2, duration=-1, key=0), "duration -1; a time above zero"),
        (lambda: record(WHITE, 10**6, duration=10**9, key=0), "would take 16 PB; this machine"),
        (lambda: drawn(trials=2).trial(2), "trial 2; the record has 2"),
        (lambda: drawn().value((), 0.0, 2), "recorded white noise has no values"),
        (lambda: drawn().step_law(2, 0), "a single path; exact theory"),
        (lambda: drawn().spectrum(), "a single path; mean-field theory"),
        (lambda: Recorded.from_array([1.0, 2.0]), re.escape("increments of shape (2,)")),
        (lambda: Recorded.from_array([[np.nan]]), "NaN"),
        (lambda: Recorded.from_array([[1.0]], 0.0), "dt 0; a time above zero"),
        (lambda: Recorded.from_array([[1.0]], law=nz.Frozen(1.0)), "as the law of increments"),
        (lambda: Recorded.from_array([[1.0]] * 2, law=WHITE, contents="values"), "as the law of values"),
        (lambda: Recorded.from_array(np.ones((100, 2)), law=nz.White([1.0, 0.0])), "whose strength .* is zero"),
    ],
)
def test_invalid_records_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.parametrize("scale", [DT**-0.5, DT**0.5, 1 / DT])
def test_arrays_of_another_convention_are_refused(scale):
    """The variance is 10, 0.1 or 100 times that of the law; at the right scale it is accepted."""
    array = drawn(trials=4).array()
    assert Recorded.from_array(array, DT, law=WHITE).trials == 4
    with pytest.raises(InputError, match="times the variance of White"):
        Recorded.from_array(scale * array, DT, law=WHITE)


def test_arrays_without_a_law_are_replayed_in_multiples_of_their_step():
    rng = np.random.default_rng(0)
    rows = rng.laplace(size=(STEPS, 2))
    foreign = Recorded.from_array(rows, DT)
    assert np.asarray(sample(foreign, 0.3, 0.2)) == pytest.approx(rows[3:5].sum(0))
    held = Recorded.from_array(rows, DT, contents="values")
    assert np.asarray(sample(held, 0.3, 0.2)) == pytest.approx(DT * rows[3:5].sum(0))
    assert np.asarray(held.value((), 0.3, 2)) == pytest.approx(rows[3])
    with pytest.raises(InputError, match="unknown law"):
        nz.simulate(decay(foreign), duration=1, dt=DT / 2, key=0)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".nc", ".npz", ".mat", ".csv"])
@pytest.mark.parametrize("name", LAWS)
def test_files_contain_the_path_and_its_refinement(tmp_path, name, suffix):
    recorded = drawn(LAWS[name]) * (-1.0 if name == "antithetic" else 1.0)
    loaded = Recorded.load(recorded.save(tmp_path / f"noise{suffix}"))
    assert np.array_equal(loaded.array(), recorded.array())
    assert (loaded.kind, loaded.valued, float(loaded.dt)) == (recorded.kind, recorded.valued, DT)
    if name != "mixture":
        for time in (0.5, 0.55):
            fine = [np.asarray(sample(each, time, DT / 2)) for each in (recorded, loaded)]
            assert fine[1] == pytest.approx(fine[0], abs=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".nc", ".npz", ".mat"])
def test_files_contain_several_trials_of_one_unit(tmp_path, suffix):
    recorded = drawn(size=1, trials=3)
    loaded = Recorded.load(recorded.save(tmp_path / f"noise{suffix}"))
    assert np.array_equal(loaded.array(), recorded.array())
    assert np.array_equal(sample(loaded.trial(2), 0.5, DT / 2), sample(recorded.trial(2), 0.5, DT / 2))


def test_other_programs_read_the_numbers_and_their_convention(tmp_path):
    recorded = drawn()
    with np.load(recorded.save(tmp_path / "noise.npz")) as archive:
        assert np.array_equal(archive["increments"], recorded.array())
        assert float(archive["dt"]) == DT
        assert "integrated over each step of dt" in str(archive["convention"])
    variables = scipy.io.loadmat(recorded.save(tmp_path / "noise.mat"))
    assert np.array_equal(variables["increments"], recorded.array())
    assert np.array_equal(np.loadtxt(recorded.save(tmp_path / "noise.csv"), delimiter=","), recorded.array())
    with xr.open_dataset(recorded.save(tmp_path / "noise.nc"), engine="h5netcdf") as data:
        assert data.increments.dims == ("time", "unit")
        assert data.time.values == pytest.approx(DT * np.arange(STEPS))
        assert data["std"].values.tolist() == [0.5, 0.5]


@pytest.mark.slow
def test_files_of_other_programs_are_read_and_named_at_the_terminal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = np.random.default_rng(0).normal(size=(STEPS, 2))
    np.savetxt("plain.csv", rows, delimiter=",")
    np.save("plain.npy", rows)
    np.savez("foreign.npz", values=rows, dt=0.5)
    assert np.array_equal(from_string("recorded:plain.csv,0.1").array(), rows)
    assert np.array_equal(from_string("recorded:plain.npy,0.1").array(), rows)
    gated = from_string("gated:0,1,recorded:foreign.npz+white:1")
    assert gated.parts[0].noise.array() == pytest.approx(0.5 * rows)
    assert gated.parts[0].noise.valued
    nz.studies.save(drawn().to_dataset(), "result.nc")
    assert repr(from_string("recorded:result.nc")) == repr(drawn())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.npz", None, "does not exist"),
        ("noise.pdf", b"", "has the suffix '.pdf'"),
        ("noise.npz", b"damaged", "cannot be read"),
        ("noise.csv", b"1,2\n3,x\n", "cannot be read"),
        ("noise.csv", b"1,2\n3,4\n", "without dt"),
        ("noise.csv", b"# dt = 0\n1,2\n3,4\n", "dt of .* 0; a time above zero"),
    ],
)
def test_invalid_files_are_refused(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        Recorded.load(tmp_path / name)


def test_invalid_targets_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"known suffixes are .nc"):
        drawn().save(tmp_path / "noise.txt")
    with pytest.raises(InputError, match=r"3 trials in a .csv file"):
        drawn(trials=3).save(tmp_path / "noise.csv")


def test_results_state_the_record_by_its_digest():
    recorded = record(WHITE, 2, duration=200, dt=1.0, key=0)
    first, second = (
        nz.simulate(decay(noise), 10, dt=1.0, start=jnp.zeros(2), key=0, warn=False).attrs["configuration"]
        for noise in (recorded, 2 * recorded)
    )
    assert "sha256" in first
    assert first != second
