"""One process with SymPy for all that these tests ask."""

import pytest

from ideas_lib.essays.boring_parts.limited import Limited


@pytest.fixture(scope="session")
def ask():
    with Limited(seconds=3) as found:
        yield found
