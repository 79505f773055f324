"""Scores many contexts and phrases, from the store what is there, and keeps what it gets.

An estimate comes before anything is sent to an endpoint that is not on this machine, and a cap.
"""

import queue
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from tqdm import tqdm

from ideas_lib.lm.client import Client
from ideas_lib.lm.scoring.probing import Capabilities
from ideas_lib.lm.scoring.scores import Score
from ideas_lib.lm.store import Kept, Store, request_key
from ideas_lib.study.provenance import now

__all__ = ["Estimate", "OverCap", "Pair", "announce", "kept_of", "score_all"]

AT_ONCE = 64  # phrases of a context that one worker takes; when done, they are kept
BYTES = 4  # of UTF-8 in a token, about

Pair = tuple[str, str]
Job = tuple[str, list[str]]


@dataclass(frozen=True)
class Estimate:
    """What a run will send, about."""

    requests: int
    tokens: int

    def __str__(self) -> str:
        return f"about {self.requests:,} requests with {self.tokens:,} tokens in all"


class OverCap(RuntimeError):
    """Raised before anything is sent, when the estimate is over the cap."""


def kept_of(
    client: Client, capabilities: Capabilities, pairs: Sequence[Pair], store: Store
) -> Kept:
    """Return how many of those pairs are finished in the store, and of when."""
    keys = _keys(client, capabilities, pairs)
    known = store.get(keys.values())
    return Kept.of_values([known.get(key) for key in keys.values()])


def announce(
    client: Client,
    capabilities: Capabilities,
    pairs: Sequence[Pair],
    store: Store,
    cap: int,
    fresh: bool = False,
) -> None:
    """Say what an endpoint elsewhere will get for those pairs that the store does not have.

    `cap` is in tokens; `fresh` is for all of them. Raises OverCap. To an endpoint on this machine
    anything may be sent.
    """
    if client.here:
        return
    keys = _keys(client, capabilities, pairs)
    known = {} if fresh else store.get(keys.values())
    requests = tokens = 0
    for context, phrase in [pair for pair, key in keys.items() if key not in known]:
        size = len(phrase.encode()) // BYTES + 1
        steps = {"echo": 1, "forced": size}.get(capabilities.method, size + 1)
        requests += steps
        tokens += steps * (len(context.encode()) // BYTES + 1 + size)
    if not requests:
        return
    estimate = Estimate(requests, tokens)
    if tokens > cap:
        raise OverCap(
            f"{client.host} would get {estimate}, more than the cap of {cap:,}: none of them was "
            f"sent; raise cap= if that is meant"
        )
    print(f"{client.host}: {estimate}", file=sys.stderr)


def score_all(
    client: Client,
    capabilities: Capabilities,
    pairs: Sequence[Pair],
    store: Store,
    fresh: bool = False,
) -> dict[Pair, Score]:
    """Return the score of each pair of context and phrase; with `fresh`, none from the store.

    What is finished stays finished, whatever happens to the rest. Raises BadPair, EndpointFailed.
    """
    keys = _keys(client, capabilities, pairs)
    known = {} if fresh else store.get(keys.values())
    found = {pair: Score.restored(known[key]) for pair, key in keys.items() if key in known}
    left: dict[str, list[str]] = {}
    for context, phrase in keys:
        if (context, phrase) not in found:
            left.setdefault(context, []).append(phrase)
    jobs = [
        (context, phrases[start : start + AT_ONCE])
        for context, phrases in left.items()
        for start in range(0, len(phrases), AT_ONCE)
    ]
    with tqdm(
        total=len(pairs), initial=len(found), desc=client.model, unit="pair", delay=2, leave=False
    ) as bar:
        for (context, phrases), scores in _done(client, capabilities, jobs):
            part = {(context, phrase): s for phrase, s in zip(phrases, scores, strict=True)}
            when = now()
            store.put({keys[p]: score.stored() | {"when": when} for p, score in part.items()})
            found |= part
            bar.update(len(part))
    return found


def _done(
    client: Client, capabilities: Capabilities, jobs: list[Job]
) -> Iterator[tuple[Job, list[Score]]]:
    """Run jobs, as many at once as the endpoint takes, and yield each when it is done."""
    if not jobs:
        return
    slots: queue.SimpleQueue[int] = queue.SimpleQueue()
    for slot in range(capabilities.workers):
        slots.put(slot)
    scorer, stop = capabilities.scorer, threading.Event()

    def run(job: Job) -> list[Score] | None:
        if stop.is_set():
            return None
        slot = slots.get()
        try:
            return scorer.score(client, *job, slot)
        finally:
            slots.put(slot)

    failed: BaseException | None = None
    pool = ThreadPoolExecutor(capabilities.workers, thread_name_prefix="score")
    try:
        futures = {pool.submit(run, job): job for job in jobs}
        for future in as_completed(futures):
            error = future.exception()
            if error is not None:  # what is under way still counts
                stop.set()
                failed = failed or error
            elif (scores := future.result()) is not None:
                yield futures[future], scores
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)
    if failed is not None:
        raise failed


def _keys(client: Client, capabilities: Capabilities, pairs: Sequence[Pair]) -> dict[Pair, str]:
    whose = [client.identity, *filter(None, [capabilities.mark]), capabilities.method]
    return {pair: request_key(*whose, *pair) for pair in pairs}
