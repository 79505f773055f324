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
from ideas_lib.lm.store import Kept, Store, opened, request_key
from ideas_lib.study.provenance import now

__all__ = ["CAP", "embed"]

CAP = 1_000_000  # tokens that go to an endpoint elsewhere, unless more is meant
BATCH, WORKERS = 32, 4  # texts a request, and requests at once
BYTES = 4  # of UTF-8 in a token, about
_REFUSED = (400, 413, 422, 500)  # what servers say of a text that they cannot take

# Two texts far apart: one model gives each the same vector, but for rounding.
MARKS = ("the price of bread in the old town", "a theorem about prime numbers")
ALIKE = 0.9995  # the least cosine
KEPT = 16  # models that are remembered of one URL and name

Vector = NDArray[np.float32]


def embed(
    texts: Sequence[str],
    endpoint: str | None = None,
    *,
    model: str | None = None,
    store: str | Path | None = None,
    cap: int = CAP,
    refused: dict[str, EndpointFailed] | None = None,
    fresh: bool = False,
    kept: list[Kept] | None = None,
) -> Vector:
    """Return (texts, dimensions) vectors of length 1, float32: a dot product is a cosine.

    `endpoint` is a URL, the name of a model or a path to a GGUF file; without one it is
    OPENAI_BASE_URL, else all-MiniLM-L6-v2 on this machine. `model` is needed where a URL has
    several, or names one of this machine. What was embedded before by the same model comes from
    the file `store` ("" for the one in the cache folder, ":memory:" for none), unless `fresh`;
    what came from there is put into `kept`. At a URL it is the same model if it gives the same
    vectors to fixed texts, which are asked for each time. `cap` is in tokens, for endpoints
    elsewhere.
    A text that the model cannot take goes into `refused`, where that is given, with what was said
    of it, and has no row. Raises ValueError for an empty text (it names the row), OverCap before
    anything is sent, and EndpointFailed, which names the row of a text that the model cannot take.
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
    with Client(endpoint, model, embeddings=True) as client, opened(path) as there:
        whose = ["embedding", client.identity, *_mark(client, there)]
        keys = {text: request_key(*whose, text) for text in dict.fromkeys(texts)}
        known = {} if fresh else there.get(keys.values())
        if kept is not None:
            kept.append(Kept.of_values([known.get(key) for key in keys.values()]))
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
            for batch, vectors in _asked(client, left, texts, refused):
                answered = [text for text in batch if refused is None or text not in refused]
                part = dict(zip(answered, vectors, strict=True))
                when = now()
                there.put({keys[t]: _written(vector, when) for t, vector in part.items()})
                found |= part
                bar.update(len(batch))
    sizes = {len(vector) for vector in found.values()}
    if len(sizes) > 1:
        raise WrongAnswer(f"vectors have {' and '.join(map(str, sorted(sizes)))} dimensions")
    rows = [found[text] for text in texts if text in found]
    return np.stack(rows) if rows else np.empty((0, 0), np.float32)


def _asked(
    client: Client,
    left: list[str],
    texts: list[str],
    refused: dict[str, EndpointFailed] | None,
) -> Iterator[tuple[list[str], list[Vector]]]:
    """Yield each batch when it is done; after a failure what is under way still counts."""
    batches = [left[start : start + BATCH] for start in range(0, len(left), BATCH)]
    failed: BaseException | None = None
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="embed") as pool:
        futures = {pool.submit(_request, client, batch, texts, refused): batch for batch in batches}
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


def _request(
    client: Client,
    batch: list[str],
    texts: list[str],
    refused: dict[str, EndpointFailed] | None,
) -> list[Vector]:
    try:
        answer = client.post(
            "embeddings", {"model": client.model, "input": batch, "encoding_format": "float"}
        )
    except EndpointFailed as error:
        if error.status not in _REFUSED:
            raise
        if len(batch) > 1:  # one of them it is: which?
            return [vector for text in batch for vector in _request(client, [text], texts, refused)]
        if refused is not None:
            refused[batch[0]] = error
            return []
        words = f"row {texts.index(batch[0])}, {batch[0]!r:.60}, cannot be embedded: {error}"
        raise EndpointFailed(words, error.status) from None
    return _vectors(answer, len(batch), client)


def _vectors(answer: dict[str, Any], count: int, client: Client) -> list[Vector]:
    """Return the vectors of an answer in the order of what was asked, each of length 1."""
    try:
        items = answer["data"]
        if not isinstance(items, list) or not all(type(item["index"]) is int for item in items):
            raise ValueError("no list of vectors, each with its index")
        items = sorted(items, key=lambda item: item["index"])
        if [item["index"] for item in items] != list(range(count)):
            raise ValueError("other vectors than those asked for")
        given = [item["embedding"] for item in items]
        if not all(type(value) in (int, float) for row in given for value in row):
            raise ValueError("vectors of something else than numbers")
        rows = np.array(given, dtype=np.float64)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True) if rows.ndim == 2 else np.zeros(1)
        if not (np.isfinite(rows).all() and np.isfinite(lengths).all() and (lengths > 0).all()):
            raise ValueError("vectors of no direction")
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise WrongAnswer(
            f"{client.host}/embeddings answered with no list of vectors: does {client.model} embed?"
        ) from error
    return list((rows / lengths).astype(np.float32))


def _mark(client: Client, there: Store) -> list[str]:
    """Return what tells a URL's model from others by its name there; [] for a server of ours."""
    if client.endpoint.identity:
        return []
    key = request_key("embedding marks", client.identity)
    entries = there.get([key]).get(key) or []
    try:
        vectors = _request(client, list(MARKS), list(MARKS), None)
    except EndpointFailed as error:
        if error.status not in _REFUSED:
            raise
        return []  # it takes no text at all, or not these
    for mark, written in entries:
        known = [_read(each) for each in written]
        if all(a.shape == b.shape and a @ b > ALIKE for a, b in zip(vectors, known, strict=True)):
            return [mark]
    mark, when = request_key([vector.tolist() for vector in vectors], now()), now()
    entries.append([mark, [_written(vector, when) for vector in vectors]])
    there.put({key: entries[-KEPT:]})
    return [mark]


def _written(vector: Vector, when: str) -> dict[str, str]:
    text = base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
    return {"vector": text, "when": when}


def _read(value: str | dict[str, str]) -> Vector:
    text = value if isinstance(value, str) else value["vector"]  # before it had a date
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
