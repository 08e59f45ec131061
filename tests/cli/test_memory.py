import numpy as np
import pytest

from noisette.studies import load

QUICK = "memory --gain 0.8 --size 20 --dt 0.05 --hold 0.25"


@pytest.mark.slow
def test_memory_json(noisette):
    result = noisette(f"{QUICK} --gamma 0 --input random --lags 1,2,30 --json")
    assert result.status == 0
    assert result.out.count("\n") == 1
    assert set(result.json) == {"lag", "memory", "condition", "capacity"}
    assert result.json["lag"] == [1, 2, 30]
    assert result.json["memory"][0] > 0.9
    assert result.json["memory"][0] > result.json["memory"][2]
    assert result.json["condition"] > 1
    assert 1 < result.json["capacity"] <= 20


@pytest.mark.slow
def test_memory_of_sines_is_saved_and_plotted(noisette, tmp_path):
    result = noisette(f"{QUICK} --out", str(tmp_path / "m"))
    assert result.status == 0
    assert "out-of-sample" in result.out
    assert "of at most 20" in result.out
    assert {p.name for p in (tmp_path / "m").iterdir()} == {"memory.nc", "memory.png", "memory.pdf"}
    data = load(tmp_path / "m" / "memory.nc")
    assert (data.memory > 0.999).all()
    assert data.attrs["estimator"] == "out-of-sample"
    assert (data.attrs["gain"], data.attrs["gamma"]) == (0.8, 1)
    again = noisette(f"{QUICK} --json")
    assert again.json["memory"] == data.memory.values.tolist()


@pytest.mark.slow
def test_memory_in_sample_of_a_file_of_weights(noisette, tmp_path):
    np.savetxt(tmp_path / "w.csv", np.diag([0.1, 0.2, 0.3]), delimiter=",")
    line = f"memory --gain 1 --gamma 0 --dt 0.05 --in-sample --predict --lags 5 --json --weights {tmp_path / 'w.csv'}"
    result = noisette(line)
    assert result.status == 0
    assert result.json["lag"] == [5]
    assert result.json["capacity"] <= 3


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".npy", ".csv", ".txt"])
def test_memory_of_a_file(noisette, tmp_path, ending):
    file, signal = tmp_path / f"signal{ending}", np.sin(0.3 * np.arange(400))
    if ending == ".npy":
        np.save(file, signal)
    else:
        file.write_text((", " if ending == ".csv" else "\n").join(map(str, signal)))
    result = noisette(f"{QUICK} --lags 1,7 --json --input", str(file))
    assert result.status == 0
    assert min(result.json["memory"]) > 0.99


def contents(folder, name):
    file = folder / "signal.txt"
    file.write_text({"empty": "", "words": "one two", "nan": "1 nan 2", "short": "1 2 3 4 5 6"}[name])
    return str(file)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--input cosines", "unknown"),
        ("--input none.csv", "unknown"),
        ("--input FILE:words", "cannot be read"),
        ("--input FILE:empty", "a one-dimensional array of numbers"),
        ("--input FILE:nan", "NaN"),
        ("--input FILE:short --lags 6", "lags below 6"),
        ("--input FILE:short --lags 1", "longer signal"),
        ("--lags -1", "whole numbers"),
        ("--lags 0.5", "whole numbers"),
        ("--lags many", "cannot be read"),
        ("--lags 3000", "lags below 3000"),
        ("--input random --lags 300", "lags below 300"),
        ("--dt 0", "step above zero"),
        ("--dt nan", "step above zero"),
        ("--hold 0.01", "not longer than --hold"),
        ("--gamma nan", "finite numbers"),
        ("--gain inf", "finite numbers"),
        ("--weights gaussian:many", "cannot be read"),
        ("--size 1", "--size"),
    ],
)
def test_invalid_input_is_reported_in_one_line_with_status_2(noisette, tmp_path, options, message):
    if "FILE:" in options:
        before, _, after = options.partition("FILE:")
        name, _, rest = after.partition(" ")
        options = f"{before}{contents(tmp_path, name)} {rest}"
    result = noisette(f"{QUICK} {options}")
    assert result.status == 2
    assert result.out == ""
    assert result.err.count("\n") == 1
    assert message in result.err


@pytest.mark.slow
def test_options_have_the_names_of_python(noisette, tmp_path):
    """`--protocol` and `--direction` are the parameters of `network_memory`; the flags are short for them."""
    np.savetxt(tmp_path / "w.csv", np.diag([0.1, 0.2, 0.3]), delimiter=",")
    line = f"memory --gain 1 --gamma 0 --dt 0.05 --lags 5 --json --weights {tmp_path / 'w.csv'}"
    flags = noisette(f"{line} --in-sample --predict").json
    assert noisette(f"{line} --protocol in-sample --direction prediction").json == flags
    assert noisette(line).json != flags
    assert "out-of-sample or in-sample" in noisette(f"{line} --protocol sample").err
