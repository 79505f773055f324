"""The text of the tiny language models: which it is, and how it becomes tokens.

By default it is the source of SymPy at one release, which torch requires anyway, pinned by its
SHA-256; any UTF-8 text file will do. One committed tokenizer (byte-level BPE of 2,048 tokens,
trained on SymPy's training files) serves both: it encodes whatever bytes there are, on prose just
into more tokens. So compare losses per byte, not per token.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from tqdm import tqdm

from ideas_lib.caching import cache_folder
from ideas_lib.resources import resource

__all__ = [
    "PINNED",
    "VOCAB_SIZE",
    "BadText",
    "Encoded",
    "encoded",
    "sympy_files",
    "tokenizer",
    "train_tokenizer",
    "training_files",
]

VOCAB_SIZE = 2048
RELEASE = "1.14.0"
# SHA-256 of that release's files, without its tests, one after the other by path.
PINNED = "7f3ed17f95d6476a6c997c2065fb4b1e57dacc9e2ae4078aea619b7134e6cad6"
TOKENIZER = resource(__file__, "tokenizer.json")
HELD_OUT = 20  # one part in so many is for validation
PIECE = 1 << 16  # characters encoded at once


class BadText(ValueError):
    """Raised when a text cannot be used: another release, not UTF-8, too short."""


@dataclass(frozen=True)
class Encoded:
    """A text as tokens, and the bytes that the held-out part of it has."""

    train: NDArray[np.uint16]
    validation: NDArray[np.uint16]
    validation_bytes: int

    @property
    def bytes_per_token(self) -> float:
        """Bytes a token of the held-out part: nats per token divided by it are nats per byte."""
        return self.validation_bytes / len(self.validation)


def encoded(path: Path | None = None) -> Encoded:
    """Return the text of a file, or SymPy's, as tokens; encoded once, then kept in a cache.

    Every 20th file of SymPy is held out, or the last twentieth of a file named by `path`. The
    cache is `IDEAS_CACHE` or the user's cache folder; a damaged entry is made anew. Raises
    BadText when the text is not the pinned one or not UTF-8, OSError when it cannot be read.
    """
    raw = b"" if path is None else path.read_bytes()
    sha = PINNED if path is None else hashlib.sha256(raw).hexdigest()
    recipe = f"{sha} {HELD_OUT} {PIECE} {path is None} {TOKENIZER.read_text('utf-8')}"
    entry = cache_folder() / f"text-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}.npz"
    found = _load(entry)
    if found is not None:
        return found
    train, validation = _split_sympy() if path is None else _split_file(path, raw)
    made = Encoded(
        _encode(train, "encoding the training text"),
        _encode(validation, "encoding the held-out text"),
        sum(len(text.encode()) for text in validation),
    )
    _save(entry, made)
    return made


@cache
def tokenizer() -> Tokenizer:
    """Return the committed tokenizer."""
    return Tokenizer.from_file(str(TOKENIZER))


def train_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """Train a tokenizer as the committed one was: `train_tokenizer(training_files()).save(...)`.

    The same texts give the same tokenizer, whatever the number of threads.
    """
    fresh = Tokenizer(models.BPE())
    fresh.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    fresh.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())  # all 256 bytes, so nothing is unknown
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB_SIZE, initial_alphabet=alphabet, show_progress=False
    )
    fresh.train_from_iterator(texts, trainer)
    return fresh


def sympy_files() -> list[str]:
    """Return the files of the pinned SymPy, by path, without its tests.

    Raises BadText, with both hashes and the way out, when another SymPy is installed.
    """
    found = importlib.util.find_spec("sympy")
    if found is None or found.origin is None:
        raise BadText(f"SymPy is not installed: pip install sympy=={RELEASE}, or name a text file")
    top = Path(found.origin).parent
    names = sorted(file.relative_to(top).as_posix() for file in top.rglob("*.py"))
    raw = [(top / name).read_bytes() for name in names if "tests" not in name.split("/")]
    sha = hashlib.sha256(b"".join(raw)).hexdigest()
    if sha != PINNED:
        version = importlib.metadata.version("sympy")
        raise BadText(
            f"the text of the installed SymPy {version} has SHA-256 {sha}, but results are for "
            f"SymPy {RELEASE}'s, {PINNED}: pip install sympy=={RELEASE}, or name a text file"
        )
    return [data.decode() for data in raw]


def training_files() -> list[str]:
    """Return the files of the pinned SymPy that are not held out."""
    return _split_sympy()[0]


def _split_sympy() -> tuple[list[str], list[str]]:
    files = sympy_files()
    held_out = files[HELD_OUT - 1 :: HELD_OUT]
    del files[HELD_OUT - 1 :: HELD_OUT]
    return files, held_out


def _split_file(path: Path, raw: bytes) -> tuple[list[str], list[str]]:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise BadText(
            f"{path} is not UTF-8 (byte {raw[error.start]:#04x} at offset {error.start}): "
            f"convert it first"
        ) from error
    cut = len(text) - len(text) // HELD_OUT
    return [text[:cut]], [text[cut:]]


def _encode(texts: list[str], label: str) -> NDArray[np.uint16]:
    """Encode texts one after the other, with a progress bar when it takes over two seconds."""
    ids: list[NDArray[np.uint16]] = [np.zeros(0, np.uint16)]
    total = sum(map(len, texts))
    with tqdm(total=total, desc=label, unit="char", unit_scale=True, delay=2, leave=False) as bar:
        pieces = [piece for text in texts for piece in _pieces(text)]
        for start in range(0, len(pieces), 16):
            group = pieces[start : start + 16]
            done = tokenizer().encode_batch_fast(group)
            ids.extend(np.array(one.ids, np.uint16) for one in done)
            bar.update(sum(map(len, group)))
    return np.concatenate(ids)


def _pieces(text: str) -> Iterator[str]:
    """Cut a text into pieces of at most PIECE characters, at line ends where there are any.

    No token spans two pieces: a file of any size takes little memory, and shows its progress.
    """
    start = 0
    while start < len(text):
        end = min(start + PIECE, len(text))
        if end < len(text):
            end = text.rfind("\n", start, end) + 1 or end
        yield text[start:end]
        start = end


def _load(entry: Path) -> Encoded | None:
    """Return a cache entry, or None when there is none or it is damaged."""
    try:
        # numpy leaves a file that it opened itself open when it is damaged.
        with entry.open("rb") as file, np.load(file) as arrays:  # checks every array's CRC
            return Encoded(arrays["train"], arrays["validation"], int(arrays["validation_bytes"]))
    except (FileNotFoundError, zipfile.BadZipFile, ValueError, KeyError, EOFError):
        return None


def _save(entry: Path, text: Encoded) -> None:
    """Write a cache entry; nobody ever sees half of it, and the last of two writers wins."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=entry.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(
                file,
                train=text.train,
                validation=text.validation,
                validation_bytes=text.validation_bytes,
            )
        os.replace(name, entry)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
