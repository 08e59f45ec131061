"""Words in addresses name no file and no code, nor do words inside them."""

import pytest

from noisette.app.words import activation_word, weights_word
from noisette.errors import InputError

MARK = "def open_it():\n    raise SystemExit('executed')\n"


@pytest.mark.parametrize("form", ["{code}", "smoothed:1,{code}", "smoothed:1,smoothed:0.5,{code}"])
def test_activations_with_code_are_refused(form, tmp_path):
    (tmp_path / "foreign.py").write_text(MARK)
    for code in (f"{tmp_path}/foreign.py:open_it", "os:system"):
        with pytest.raises(InputError, match="tanh, sigmoid"):
            activation_word(form.format(code=code))


def test_words_are_returned_unchanged():
    for text in ("smoothed:0.5,tanh", "formula:x/(1+abs(x))"):
        assert activation_word(text) == text


def test_weights_with_files_are_refused():
    for text in ("matrix.npy", "os:system", "/etc/passwd"):
        with pytest.raises(InputError):
            weights_word(text, 100)
