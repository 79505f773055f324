"""Every test has a cache of its own, that all tests of a module share: packages are asked once."""

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def cache(shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IDEAS_CACHE", str(shared_cache))
    return shared_cache
