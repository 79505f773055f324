from pathlib import Path

import pytest

from ideas_lib.study.checkout import NotACheckout, root


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a checkout with folders below it, and go into the lowest."""
    top = tmp_path / "book"
    (top / "ideas_lib").mkdir(parents=True)
    (top / "_toc.yml").touch()
    (top / "chapters/trees").mkdir(parents=True)
    monkeypatch.delenv("IDEAS_ROOT", raising=False)
    monkeypatch.chdir(top / "chapters/trees")
    return top


def test_it_is_the_nearest_folder_upwards(checkout, monkeypatch):
    assert root() == checkout
    monkeypatch.chdir(checkout)
    assert root() == checkout
    inner = checkout / "chapters"
    (inner / "ideas_lib").mkdir()
    assert root() == checkout, "both are needed"
    (inner / "_toc.yml").touch()
    monkeypatch.chdir(inner / "trees")
    assert root() == inner


def test_the_environment_wins(checkout, tmp_path, monkeypatch):
    other = tmp_path / "other"
    (other / "ideas_lib").mkdir(parents=True)
    monkeypatch.setenv("IDEAS_ROOT", str(other))
    with pytest.raises(NotACheckout, match=f"IDEAS_ROOT={other} holds no _toc.yml and ideas_lib"):
        root()
    (other / "_toc.yml").touch()
    assert root() == other
    monkeypatch.setenv("IDEAS_ROOT", "../../../other")
    assert root() == other, "a relative path is made absolute"


def test_outside_a_checkout_the_way_in_is_told(checkout, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotACheckout, match="is not inside a checkout .* cd into one, or set"):
        root()
    monkeypatch.setenv("IDEAS_ROOT", "")
    with pytest.raises(NotACheckout, match="is not inside a checkout"):
        root()
