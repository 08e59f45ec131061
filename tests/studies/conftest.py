import pytest


@pytest.fixture(scope="session")
def store_files():
    """Return the private module that reads and writes the files of a store."""
    from noisette.studies import _folder

    return _folder
