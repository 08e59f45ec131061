import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisette.codes import decode, encode, states
from noisette.errors import InputError


def test_the_first_unit_is_the_most_significant_bit():
    assert decode(24, 5).tolist() == [1, 1, -1, -1, -1]
    assert decode(7, 5).tolist() == [-1, -1, 1, 1, 1]
    assert int(encode(np.array([1, -1, -1]))) == 4


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.integers(0, 2**n - 1), min_size=1))))
def test_codes_survive_a_round_trip(case):
    size, codes = case
    assert encode(decode(np.array(codes), size)).tolist() == codes


def test_states_are_in_the_order_of_their_codes():
    assert encode(states(6)).tolist() == list(range(64))


@pytest.mark.parametrize("code", [32, -1])
def test_a_code_out_of_range_is_refused(code):
    with pytest.raises(InputError, match=f"code {code} is not a state of 5 units; codes run from 0 to 31"):
        decode(code, 5)
