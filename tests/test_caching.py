from pathlib import Path

import pytest

from ideas_lib.caching import cache_folder, replacing


def test_the_cache_is_the_readers_own_unless_named(monkeypatch, tmp_path):
    monkeypatch.delenv("IDEAS_CACHE", raising=False)
    assert cache_folder().is_relative_to(Path.home())
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "other"))
    assert cache_folder() == tmp_path / "other"
    assert not cache_folder().exists()


def test_a_file_is_replaced_at_once_or_stays(tmp_path):
    path = tmp_path / "deep" / "numbers.json"
    with replacing(path) as new:
        assert (new.parent, new.suffix) == (path.parent, ".json")
        new.write_text("[1]")
        assert not path.exists()

    def interrupted() -> None:
        with replacing(path) as new:
            new.write_text("[1, 2")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "[1]"
    assert list(path.parent.iterdir()) == [path]
