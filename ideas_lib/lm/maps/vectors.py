"""Sentence vectors of texts, from any OpenAI-compatible endpoint or the one on this machine."""

import base64
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ideas_lib.caching import cache_folder
from ideas_lib.lm.client import Client, EndpointFailed, WrongAnswer
from ideas_lib.lm.scoring.work import Estimate, OverCap
from ideas_lib.lm.store import opened, request_key

__all__ = ["CAP", "embed"]

CAP = 1_000_000  # tokens that go to an endpoint elsewhere, unless more is meant
BATCH, WORKERS = 32, 4  # texts a request, and requests at once
BYTES = 4  # of UTF-8 in a token, about
_REFUSED = (400, 413, 422, 500)  # what servers say of a text that they cannot take

Vector = NDArray[np.float32]


def embed(
    texts: Sequence[str],
    endpoint: str | None = None,
    *,
    model: str | None = None,
    store: str | Path | None = None,
    cap: int = CAP,
) -> Vector:
    """Return (texts, dimensions) vectors of length 1, float32: a dot product is a cosine.

    `endpoint` is a URL, the name of a model or a path to a GGUF file; without one it is
    OPENAI_BASE_URL, else all-MiniLM-L6-v2 on this machine. `model` is needed where a URL has
    several. What was embedded before by the same model comes from the file `store` ("" for the
    one in the cache folder, ":memory:" for none). `cap` is in tokens, for endpoints elsewhere.
    Raises ValueError for an empty text (it names the row), OverCap before anything is sent, and
    EndpointFailed, which names the row of a text that the model cannot take.
    """
    texts = list(texts)
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"row {row} is {type(text).__name__}, not text: {text!r:.60}")
        if not text.strip():
            raise ValueError(f"row {row} has no text: leave it out, an empty text has no place")
    if not texts:
        raise ValueError("there are no texts to embed")
    path = Path(store) if store else cache_folder() / "embeddings.sqlite"
    with Client(endpoint, model, embeddings=True) as client, opened(path) as kept:
        keys = {
            text: request_key("embedding", client.identity, text) for text in dict.fromkeys(texts)
        }
        known = kept.get(keys.values())
        found = {text: _read(known[key]) for text, key in keys.items() if key in known}
        left = [text for text in keys if text not in found]
        _announce(client, left, cap)
        bar = tqdm(
            total=len(keys),
            initial=len(found),
            desc=client.model,
            unit="text",
            delay=2,
            leave=False,
        )
        with bar:
            for batch, vectors in _asked(client, left, texts):
                part = dict(zip(batch, vectors, strict=True))
                kept.put({keys[text]: _written(vector) for text, vector in part.items()})
                found |= part
                bar.update(len(part))
    sizes = {len(vector) for vector in found.values()}
    if len(sizes) > 1:
        raise WrongAnswer(f"vectors have {' and '.join(map(str, sorted(sizes)))} dimensions")
    return np.stack([found[text] for text in texts])


def _asked(
    client: Client, left: list[str], texts: list[str]
) -> Iterator[tuple[list[str], list[Vector]]]:
    """Yield each batch when it is done; after a failure what is under way still counts."""
    batches = [left[start : start + BATCH] for start in range(0, len(left), BATCH)]
    failed: BaseException | None = None
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="embed") as pool:
        futures = {pool.submit(_request, client, batch, texts): batch for batch in batches}
        for future in as_completed(futures):
            if future.cancelled():
                continue
            error = future.exception()
            if error is None:
                yield futures[future], future.result()
            elif failed is None:
                failed = error
                for other in futures:
                    other.cancel()
    if failed is not None:
        raise failed


def _request(client: Client, batch: list[str], texts: list[str]) -> list[Vector]:
    try:
        answer = client.post(
            "embeddings", {"model": client.model, "input": batch, "encoding_format": "float"}
        )
    except EndpointFailed as error:
        if error.status not in _REFUSED:
            raise
        if len(batch) > 1:  # one of them it is: which?
            return [_request(client, [text], texts)[0] for text in batch]
        words = f"row {texts.index(batch[0])}, {batch[0]!r:.60}, cannot be embedded: {error}"
        raise EndpointFailed(words, error.status) from None
    return _vectors(answer, len(batch), client)


def _vectors(answer: dict[str, Any], count: int, client: Client) -> list[Vector]:
    """Return the vectors of an answer in the order of what was asked, each of length 1."""
    try:
        items = sorted(answer["data"], key=lambda item: item["index"])
        if [item["index"] for item in items] != list(range(count)):
            raise ValueError("other vectors than those asked for")
        rows = np.array([item["embedding"] for item in items], dtype=np.float64)
        if rows.ndim != 2 or not np.isfinite(rows).all() or not rows.any(axis=1).all():
            raise ValueError("vectors of no direction")
    except (KeyError, TypeError, ValueError) as error:
        raise WrongAnswer(
            f"{client.host}/embeddings answered with no list of vectors: does {client.model} embed?"
        ) from error
    return list((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32))


def _written(vector: Vector) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")


def _read(text: str) -> Vector:
    return np.frombuffer(base64.b64decode(text), "<f4").astype(np.float32)


def _announce(client: Client, left: list[str], cap: int) -> None:
    """Say what will be sent to an endpoint elsewhere, or refuse."""
    if not left or client.here:
        return
    tokens = sum(len(text.encode()) // BYTES + 1 for text in left)
    estimate = Estimate(-(-len(left) // BATCH), tokens)
    if tokens > cap:
        raise OverCap(
            f"{client.host} would get {estimate}, more than the cap of {cap:,}: none of them was "
            f"sent; raise cap= if that is meant"
        )
    print(f"{client.host}: {estimate}", file=sys.stderr)
