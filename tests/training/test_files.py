import io
import json
import pickle
import zipfile

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisette.errors import InputError
from noisette.networks import TaskNetwork
from noisette.training.files import FORMAT, NEEDED, extras, load, save

ARRAYS = ("weights", "signs", "logits", "input_weights", "readout", "readout_bias", "noise_weights", "mask")
NETWORK = TaskNetwork.random(7, channels=2, noise_channels=3, key=jax.random.key(0))


def random_network(seed, size=5, channels=2, outputs=1, noise_channels=0, masked=False):
    """Return a network with raw weights of both signs, as after training, and parameters of arbitrary digits."""
    rng = np.random.default_rng(seed)
    low = rng.uniform(1, 30)
    return TaskNetwork(
        rng.normal(size=(size, size)) * 10.0 ** rng.integers(-30, 30),
        rng.choice([-1.0, 1.0], size),
        rng.normal(size=size) * 9,
        rng.normal(size=(size, channels)),
        rng.normal(size=(outputs, size)) / 100,
        readout_bias=rng.normal(size=outputs),
        noise_weights=rng.normal(size=(size, noise_channels)),
        mask=rng.random((size, size)) < 0.6 if masked else None,
        tau_range=(low, low + rng.uniform(0.1, 100)),
        dt=low * rng.uniform(0.01, 1),
        sensory_noise=rng.uniform(0, 1),
    )


def assert_same(first, second):
    for name in ARRAYS:
        a, b = getattr(first, name), getattr(second, name)
        assert (a is None) == (b is None), name
        if a is not None:
            assert a.dtype == b.dtype, name
            assert a.shape == b.shape, name
            assert np.asarray(a).tobytes() == np.asarray(b).tobytes(), name
    assert (first.tau_range, first.dt, first.sensory_noise) == (second.tau_range, second.dt, second.sensory_noise)


def rewritten(tmp_path, **changed):
    """Return a file of NETWORK with some keys changed, or removed if the value is None."""
    with np.load(save(NETWORK, tmp_path / "fine.npz")) as archive:
        contents = dict(archive) | changed
    path = tmp_path / "changed.npz"
    np.savez(path, **{key: value for key, value in contents.items() if value is not None})
    return path


parameter_strategy = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**31),
        "size": st.integers(1, 6),
        "channels": st.integers(1, 3),
        "outputs": st.integers(1, 3),
        "noise_channels": st.integers(0, 3),
        "masked": st.booleans(),
    }
)


@pytest.mark.slow
@given(parameter_strategy)
def test_a_saved_network_is_loaded_exactly(tmp_path_factory, parameters):
    network = random_network(**parameters)
    path = tmp_path_factory.mktemp("files") / "one.npz"
    configuration = {"task": "dms", "delay": 250.0, "channels": [1, 2], "nested": {"a": None, "b": True}}
    save(network, path, configuration=configuration, losses=np.linspace(0, 1, 3), note="tried")
    loaded = load(path)
    assert_same(network, loaded.network)
    assert loaded.configuration == configuration
    assert extras(path)["losses"].tolist() == [0, 0.5, 1]
    assert str(extras(path)["note"]) == "tried"
    assert [file.name for file in path.parent.iterdir()] == ["one.npz"]  # no temporary file remains


@pytest.mark.slow
@given(parameter_strategy)
def test_conversion_between_formats_and_back_is_exact(tmp_path_factory, parameters):
    network = random_network(**parameters)
    folder = tmp_path_factory.mktemp("mat")
    configuration = {"task": "dms", "delay": 250.0}
    first = save(network, folder / "a.npz", configuration=configuration, losses=[1.0, 2.0])
    from_npz = load(first)
    from_mat = load(save(from_npz.network, folder / "b.mat", configuration=from_npz.configuration, **extras(first)))
    last = save(from_mat.network, folder / "c.npz", configuration=from_mat.configuration, **extras(folder / "b.mat"))
    assert_same(network, load(last).network)
    assert load(last).configuration == configuration
    assert extras(last)["losses"].ravel().tolist() == [1.0, 2.0]
    assert set(extras(last)) == {"losses"}


def test_the_same_network_gives_the_same_bytes(tmp_path):
    first, second = (save(NETWORK, tmp_path / name / "n.npz", configuration={"seed": 3}) for name in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_a_file_needs_no_pickle_and_names_the_program_that_wrote_it(tmp_path):
    path = save(NETWORK, tmp_path / "n.npz", configuration={"size": np.int64(3), "taus": np.arange(2.0)})
    with np.load(path, allow_pickle=False) as archive:
        assert archive.files == list(dict.fromkeys(archive.files))
        assert set(NEEDED) <= set(archive.files)
        assert archive["weights"].dtype == np.float32
        assert str(archive["program"]).startswith("noisette ")
        assert json.loads(str(archive["configuration"])) == {"size": 3, "taus": [0.0, 1.0]}


def test_an_interrupted_write_leaves_the_previous_file(tmp_path, monkeypatch):
    path = save(NETWORK, tmp_path / "n.npz")
    before = path.read_bytes()

    def half(file, **contents):
        file.write_bytes(b"PK half a file")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", half)
    with pytest.raises(KeyboardInterrupt):
        save(random_network(1), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("key", NEEDED)
def test_missing_keys_are_reported_with_the_program_that_writes_them(tmp_path, key):
    with pytest.raises(InputError, match=rf"changed.npz' lacks {key}; .*written by .*noisette train"):
        load(rewritten(tmp_path, **{key: None}))


WRONG = {
    "nan weights": ({"weights": np.full((7, 7), np.nan)}, "weights in .* 49 values that are NaN or infinite"),
    "wide weights": ({"weights": np.ones((7, 6))}, r"weights of shape \(7, 6\)"),
    "no units": ({"weights": np.ones((0, 0))}, "contains no units"),
    "signs of another size": ({"signs": np.ones(6)}, r"signs of shape \(6,\); shape \(7\)"),
    "half signs": ({"signs": np.full(7, 0.5)}, "signs other than"),
    "readout of another size": ({"readout": np.ones((1, 8))}, r"readout weights of shape \(1, 8\)"),
    "bias of another size": ({"readout_bias": np.ones(3)}, "changed.npz.*shape"),
    "noise weights of another size": ({"noise_weights": np.ones((3, 7))}, r"noise weights of shape \(3, 7\)"),
    "mask of another size": ({"mask": np.ones((7, 1), bool)}, r"mask of shape \(7, 1\)"),
    "descending range": ({"tau_range": np.array([125.0, 20.0])}, "tau range 125 … 20 ms"),
    "range of one number": ({"tau_range": np.array([20.0])}, r"tau_range in .* of shape \(1,\); two numbers"),
    "range below the step": ({"tau_range": np.array([1.0, 20.0])}, "dt 5 ms with time constants from 1 ms"),
    "negative noise": ({"sensory_noise": np.array(-1.0)}, "sensory noise -1"),
    "two steps": ({"dt": np.ones(2)}, r"dt in .* of shape \(2,\); one number"),
    "text": ({"weights": np.full((7, 7), "one")}, "weights in .* of type <U3; real numbers"),
    "complex": ({"weights": np.full((7, 7), 1j)}, "weights in .* of type complex128; real numbers"),
    "beyond float32": ({"weights": np.full((7, 7), 1e39)}, "weights in .* up to 1e\\+39; .*float32"),
    "a later format": ({"format": np.array(FORMAT + 1)}, f"format {FORMAT + 1}; .*up to {FORMAT}; update noisette"),
    "no JSON": ({"configuration": np.array("{delay: 250")}, "configuration in .* is not valid JSON"),
    "a list": ({"configuration": np.array("[1]")}, "configuration in .* is a list"),
    "pickled": ({"weights": np.array([[{}]])}, "cannot be read .*without pickled objects"),
}


@pytest.mark.parametrize("case", WRONG)
def test_invalid_contents_are_explained_in_one_line(tmp_path, case):
    changed, message = WRONG[case]
    with pytest.raises(InputError, match=message) as refused:
        load(rewritten(tmp_path, **changed))
    assert "\n" not in str(refused.value)
    assert "changed.npz" in str(refused.value)


def archive_of_nothing():
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("readme.txt", "no arrays")
    return inside.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read"),
        (b"no archive at all", "cannot be read"),
        (pickle.dumps({"weights": 1}), "cannot be read.*pickle"),
        (archive_of_nothing(), "lacks weights, signs"),
    ],
)
def test_corrupt_files_are_refused(tmp_path, content, message):
    path = tmp_path / "broken.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as refused:
        load(path)
    assert "\n" not in str(refused.value)


def test_truncated_files_are_refused(tmp_path):
    whole = save(NETWORK, tmp_path / "n.npz").read_bytes()
    cut = tmp_path / "cut.npz"
    for share in (0.1, 0.5, 0.9, 0.999):
        cut.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(InputError, match=r"cut.npz"):
            load(cut)


def test_a_single_array_is_refused_as_a_network(tmp_path):
    path = tmp_path / "array.npz"
    with path.open("wb") as file:
        np.save(file, np.eye(3))
    with pytest.raises(InputError, match="it is a single array"):
        load(path)


def test_invalid_paths_are_refused(tmp_path):
    for call in (lambda path: save(NETWORK, path), load, extras):
        with pytest.raises(InputError, match=r"ends in '.txt'; network files end in .npz or .mat"):
            call(tmp_path / "n.txt")
    with pytest.raises(InputError, match="does not exist"):
        load(tmp_path / "missing.npz")


@pytest.mark.parametrize("name", ["weights", "configuration_", "file", "ragged", "objects"])
def test_additional_arrays_are_checked(tmp_path, name):
    values = {"ragged": [[1], [1, 2]], "objects": {"a": 1}}.get(name, 1.0)
    if name == "configuration_":
        assert extras(save(NETWORK, tmp_path / "n.npz", configuration_=values))[name] == 1
        return
    with pytest.raises(InputError, match=name):
        save(NETWORK, tmp_path / "n.npz", **{name: values})
    assert not (tmp_path / "n.npz").exists()
