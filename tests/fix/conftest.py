import pytest
from repairs import Bench


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)
