"""The text: pinned, encoded without loss, cached safely; and the task of predicting it."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ideas_lib.gpt import text as text_module
from ideas_lib.gpt.tasks import Task, Text
from ideas_lib.gpt.text import (
    PIECE,
    VOCAB_SIZE,
    BadText,
    encoded,
    sympy_files,
    tokenizer,
    train_tokenizer,
    training_files,
)

POEM = "Über allen Gipfeln\nist Ruh,\nin allen Wipfeln\nspürest du\nkaum einen Hauch;\n" * 40


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("IDEAS_CACHE", str(folder))
    return folder


@pytest.fixture
def poem(tmp_path: Path) -> Path:
    path = tmp_path / "poem.txt"
    path.write_bytes(POEM.encode())
    return path


def decode(ids: np.ndarray) -> str:
    return str(tokenizer().decode(ids.tolist()))


def test_the_committed_tokenizer_is_what_training_gives() -> None:
    committed = json.loads(text_module.TOKENIZER.read_text("utf-8"))["model"]
    again = json.loads(train_tokenizer(training_files()).to_str())["model"]
    assert again["vocab"] == committed["vocab"]
    assert again["merges"] == committed["merges"]
    assert len(committed["vocab"]) == VOCAB_SIZE


def test_the_pinned_text_is_split_by_files() -> None:
    files = sympy_files()
    train = training_files()
    held_out = [file for i, file in enumerate(files) if i % 20 == 19]
    assert sorted(train + held_out) == sorted(files)
    text = Text().tokens
    start = train[0] + train[1]
    assert decode(text.train[: len(start)]).startswith(start[:20_000])
    assert decode(text.validation) == "".join(held_out)
    assert text.validation_bytes == len("".join(held_out).encode())
    assert 2.5 < Text().bytes_per_token < 3.5
    assert 1 / VOCAB_SIZE < Text().chance < 0.1


def test_another_release_is_refused_with_both_hashes(cache, monkeypatch) -> None:
    actual = text_module.PINNED
    monkeypatch.setattr(text_module, "PINNED", "0" * 64)
    with pytest.raises(BadText) as caught:
        Text().batch(torch.Generator(), 1)
    for part in (actual, "0" * 64, "pip install sympy==1.14.0", "name a text file"):
        assert part in str(caught.value)
    assert not cache.exists()


@given(st.text())
def test_any_text_survives_the_tokenizer(text: str) -> None:
    ids = tokenizer().encode(text).ids
    assert tokenizer().decode(ids) == text
    assert max(ids, default=0) < VOCAB_SIZE


def test_a_file_is_encoded_without_loss(cache, poem) -> None:
    text = encoded(poem)
    assert decode(text.train) + decode(text.validation) == POEM
    assert len(decode(text.validation)) == len(POEM) // 20
    assert text.bytes_per_token == len(decode(text.validation).encode()) / len(text.validation)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "ß"])
def test_a_long_file_is_cut_into_pieces_without_loss(cache, tmp_path, line_end) -> None:
    long = (("ß" * 997) + line_end) * 250  # some four pieces; without a line end in the last case
    assert len(long) > 3 * PIECE
    path = tmp_path / "long.txt"
    path.write_bytes(long.encode())
    text = encoded(path)
    assert decode(text.train) + decode(text.validation) == long


def test_the_second_reading_comes_from_the_cache(cache, poem, monkeypatch) -> None:
    first = encoded(poem)
    assert len(list(cache.iterdir())) == 1
    monkeypatch.setattr(text_module, "_encode", lambda *_: pytest.fail("encoded again"))
    again = encoded(poem)
    assert np.array_equal(first.train, again.train)
    assert np.array_equal(first.validation, again.validation)
    assert first.validation_bytes == again.validation_bytes


def test_a_changed_file_is_encoded_anew(cache, poem) -> None:
    encoded(poem)
    poem.write_text("x" + POEM, "utf-8", newline="")
    assert decode(encoded(poem).train).startswith("xÜber")


@pytest.mark.parametrize("left", [0, 10, 400, -1])
def test_a_damaged_cache_entry_is_made_anew(cache, poem, left) -> None:
    first = encoded(poem)
    (entry,) = cache.iterdir()
    whole = entry.read_bytes()
    entry.write_bytes(whole[:left])
    assert np.array_equal(encoded(poem).train, first.train)
    flipped = bytearray(whole)
    flipped[whole.index(first.train.tobytes()) + 5] ^= 1
    entry.write_bytes(flipped)
    assert np.array_equal(encoded(poem).train, first.train)


def test_a_write_that_fails_leaves_nothing(cache, poem, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        encoded(poem)
    assert list(cache.iterdir()) == []


def test_batches_are_windows_of_the_training_part(cache, poem) -> None:
    task = Text(poem, context=16)
    train = decode(task.tokens.train)
    tokens, targets = task.batch(torch.Generator().manual_seed(3), 9)
    assert tokens.shape == targets.shape == (9, 16)
    assert tokens.dtype == targets.dtype == torch.int64
    assert torch.equal(tokens[:, 1:], targets[:, :-1])
    windows = np.lib.stride_tricks.sliding_window_view(task.tokens.train, 17).tolist()
    for row, following in zip(tokens.tolist(), targets.tolist(), strict=True):
        assert [*row, following[-1]] in windows
    again = task.batch(torch.Generator().manual_seed(3), 9)
    assert torch.equal(tokens, again[0])
    assert not torch.equal(tokens, task.batch(torch.Generator().manual_seed(4), 9)[0])
    assert train in POEM


def test_batches_reach_both_ends(cache, tmp_path) -> None:
    path = tmp_path / "short.txt"
    path.write_text("abcdefghijklmnopqrstuvwxyz" * 20, "utf-8")
    task = Text(str(path), context=8)
    task.__dict__["tokens"] = text_module.Encoded(
        np.arange(12, dtype=np.uint16), np.arange(100, 110, dtype=np.uint16), 10
    )
    tokens, targets = task.batch(torch.Generator().manual_seed(0), 200)
    assert set(tokens[:, 0].tolist()) == {0, 1, 2, 3}
    assert targets.max() == 11
    batches = task.validation_batches(2, size=1)
    assert [tokens[0, 0].item() for tokens, _ in batches] == [100, 101]
    assert [targets[0, -1].item() for _, targets in batches] == [108, 109]


def test_validation_batches_are_fixed_and_never_trained_on(cache, poem) -> None:
    task = Text(poem, context=8)
    first = task.validation_batches(3, size=4)
    assert len(first) == 3
    for (tokens, targets), (again, _) in zip(first, task.validation_batches(3, 4), strict=True):
        assert tokens.shape == targets.shape == (4, 8)
        assert torch.equal(tokens, again)
        assert torch.equal(tokens[:, 1:], targets[:, :-1])
    assert first[0][0][0].tolist() == task.tokens.validation[:8].tolist()
    assert first[-1][1][-1].tolist() == task.tokens.validation[-8:].tolist()


def test_chance_is_the_most_frequent_token(cache, tmp_path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n" * 3 * PIECE, "utf-8")  # one kind of token, but for remainders
    assert Text(path, context=2).chance > 0.9


def test_text_is_a_task(cache, poem) -> None:
    task: Task = Text(poem)
    assert (task.name, task.vocab_size, task.context) == ("text", VOCAB_SIZE, 128)


@pytest.mark.parametrize("data", [b"", b"too short"])
def test_a_short_file_is_refused(cache, tmp_path, data) -> None:
    path = tmp_path / "short.txt"
    path.write_bytes(data)
    with pytest.raises(BadText, match=r"short\.txt has \d+ training and 0 held-out .* needs 129"):
        Text(path).batch(torch.Generator(), 1)


def test_a_file_that_is_no_text_is_refused(cache, tmp_path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes("spürest".encode("latin-1"))
    with pytest.raises(BadText, match=r"latin\.txt is not UTF-8 \(byte 0xfc at offset 2\)"):
        Text(path).batch(torch.Generator(), 1)


def test_a_missing_file_is_named_at_once(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.txt"):
        Text(tmp_path / "nowhere.txt")
    with pytest.raises(FileNotFoundError, match="no such text file"):
        Text(tmp_path)
    with pytest.raises(ValueError, match="context=0 must be at least 1"):
        Text(context=0)
