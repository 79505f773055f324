r"""Ask a language model for text, write down what it says, and never ask for the same again.

    with Generator("smollm2-135m-instruct", record="results/my-idea-answers.jsonl") as model:
        replies = model.generate(["Once upon a time"], samples=4, decoding=Decoding(stop=("\n",)))
    replies[0][0].text

What is in the record is replayed, and no server is started for it; what is missing is asked for,
several requests at a time, and kept as it comes: stopped, the same call goes on where it was.
Nothing is sent to an endpoint elsewhere unless `endpoint` or OPENAI_BASE_URL names it.

Each sample has a seed of its own. A prompt's first is made from the prompt and `seed`, the k-th
after it is larger by k: so other prompts, or more samples, leave what was asked before as it was.
Samples with consecutive seeds are asked for together (`n`), and their prompt is read once; from a
server of ours each is the very sample that its seed gives alone. Everything else being equal,
replies may still differ by what a server happens to compute at the same time: the record repeats.
"""

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from ideas_lib.lm.request import Decoding, Prompt, Reply, Request, grouped, seeds_for
from ideas_lib.study.provenance import now, versions

if TYPE_CHECKING:
    from ideas_lib.lm.client import Client

__all__ = ["Decoding", "Generator", "NotRecorded", "Reply", "Request"]

SLOTS = 4  # of the library's own server, which takes as many samples of one prompt
PATIENCE = 3600.0  # seconds for a request: the requests before it take their time
MADE_WITH = ("ideas-lib", "openai", "xllamacpp")


class NotRecorded(LookupError):
    """Raised offline for what the record lacks; the message says how to have it made."""


class Generator:
    """A model of an endpoint that is asked for text, and the record of what it said.

    Args:
        endpoint: As `lm.endpoint.connect` takes it. It is connected to, or started, when something
            is to be asked.
        model: One of the endpoint's, where it has several; a record needs it where `endpoint` is
            a URL, for answers are recorded under the model's name. Without an endpoint, one of
            this machine.
        record: A JSONL file, see `lm.record`; it need not be there yet. None keeps nothing.
        offline: Ask nobody: raise NotRecorded for what the record lacks.
        command: What to run to have the record made, for that message.
        exact: A server of ours has its weights in 16 bits, as for exact scores, not as they come.
        fresh: A server of ours reads each prompt anew. What it still holds of another prompt saves
            time, and may change a reply's last bits, and so its words.
        timeout: In seconds, for one request.

    Many threads may use it at once. Raises ValueError for what makes no sense, EndpointFailed for
    a model that a server of ours does not have, and from then on what `Client` raises.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        model: str | None = None,
        *,
        record: str | Path | None = None,
        offline: bool = False,
        command: str = "",
        exact: bool = False,
        fresh: bool = False,
        timeout: float = PATIENCE,
    ) -> None:
        from ideas_lib.lm.client import EndpointFailed
        from ideas_lib.lm.endpoint import resolved
        from ideas_lib.lm.record import Record

        endpoint, model, ours = resolved(endpoint, model)
        if ours and model not in (None, "", ours):
            raise EndpointFailed(f"the server for {ours} has no model {model!r}")
        if offline and record is None:
            raise ValueError("offline=True needs a record to replay from")
        if record is not None and not (ours or model):
            raise ValueError("a record needs the model's name: model=...")
        self._endpoint, self._asked_for, self._named = endpoint, model, ours or model or ""
        self._offline, self._command = offline, command
        self._exact, self._fresh, self._timeout = exact, fresh, timeout
        self._record = None if record is None else Record(record)
        self._client: Client | None = None
        self._takes_gbnf: bool | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> "Generator":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the endpoint, and put the record in order if anything came to it."""
        if self._client is not None:
            self._client.close()
            self._client = None
        if self._record is not None:
            self._record.close()

    @property
    def model(self) -> str:
        """The model's name, for which an endpoint with one model may have to be asked."""
        return self._named or self._connected().model

    def generate(
        self,
        prompts: Sequence[Prompt],
        samples: int = 1,
        *,
        seed: int = 0,
        decoding: Decoding | None = None,
    ) -> list[list[Reply]]:
        """Return so many samples for each prompt; a prompt is text, or a chat's messages.

        The same prompt twice gets the same replies twice. Raises as `answers` does.
        """
        if isinstance(prompts, str) or samples < 1:
            raise ValueError(f"{samples} samples of {prompts!r}: it takes a list, and at least one")
        how = decoding or Decoding()
        if samples > 1 and not how.temperature:
            raise ValueError(f"samples={samples} at temperature 0 would all be the same: ask for 1")
        seeds = [(prompt, seeds_for(prompt, samples, seed)) for prompt in prompts]
        requests = [Request(prompt, each, how) for prompt, some in seeds for each in some]
        said: list[Reply] = []
        with tqdm(total=len(requests), desc="answers", delay=2, leave=False) as bar:
            for reply in self.answers(requests):
                said.append(reply)
                bar.update()
        return [said[at : at + samples] for at in range(0, len(said), samples)]

    def recorded(self, requests: Iterable[Request]) -> list[Reply | None]:
        """Return the replies that are in the record, and None for the others; ask nobody."""
        if self._record is None:
            return [None for _ in requests]
        found = [self._record.get(self.model, request.body()) for request in requests]
        return [Reply(line["text"], line["finished"]) if line else None for line in found]

    def answers(
        self, requests: Iterable[Request], *, parallel: int = SLOTS, together: int = SLOTS
    ) -> Iterator[Reply]:
        """Yield the reply to each request, in order; what is not recorded is asked for.

        `parallel` requests are under way at a time, each for up to `together` samples. What has
        come stays recorded, whatever happens to the rest. Raises NotRecorded, RecordInUse,
        ValueError for a request that holds the reader's key, and what `Client` raises.
        """
        wanted = list(requests)
        known = self.recorded(wanted)
        missing = [each for each, reply in zip(wanted, known, strict=True) if reply is None]
        if missing and self._offline:
            raise self._lacking(missing, len(wanted))
        failed: list[BaseException] = []

        def work(group: Sequence[Request]) -> list[Reply]:
            if failed:  # nothing more is asked once something went wrong
                return []
            try:
                return self._asked(group)
            except BaseException as error:
                failed.append(error)
                raise

        pool = ThreadPoolExecutor(parallel, thread_name_prefix="generate")
        try:
            coming: dict[str, tuple[Future[list[Reply]], int]] = {}
            for group in grouped(missing, together):
                future = pool.submit(work, group)
                coming |= {each.key: (future, at) for at, each in enumerate(group)}
            for request, reply in zip(wanted, known, strict=True):
                if reply is None:
                    future, at = coming[request.key]
                    found = future.result()
                    if not found:
                        raise failed[0]
                    reply = found[at]
                yield reply
        finally:
            pool.shutdown(cancel_futures=True)

    def _asked(self, group: Sequence[Request]) -> list[Reply]:
        """Send one request for a group that differs in nothing but its seeds; record the replies.

        Where an endpoint takes no `n`, or gives fewer, the others are asked for one by one.
        """
        from ideas_lib.lm.client import EndpointFailed, WrongAnswer
        from ideas_lib.lm.endpoint import holds_key, without_key

        client, first = self._connected(), group[0]
        self._checked(client, first)
        bodies = [request.body() for request in group]
        if self._record is not None and holds_key(json.dumps(bodies[0])):
            raise ValueError("a request holds OPENAI_API_KEY, which is not to be recorded")
        more: dict[str, Any] = {"n": len(group)} if len(group) > 1 else {}
        if self._fresh and client.endpoint.local:
            more["cache_prompt"] = False
        try:
            answer = client.post(first.path, {"model": client.model} | bodies[0] | more)
        except EndpointFailed as error:
            if error.status not in (400, 422) or len(group) == 1:
                raise
            answer = {"choices": []}
        try:
            read = first.read(answer)[: len(group)]
        except ValueError as error:
            raise WrongAnswer(f"{client.host} {error}") from None
        replies = [replace(reply, text=without_key(reply.text)) for reply in read]
        if not replies and len(group) == 1:
            raise WrongAnswer(f"{client.host} gave no reply")
        if self._record is not None:
            kind = "local" if client.endpoint.local else "here" if client.here else "elsewhere"
            made: dict[str, Any] = {"endpoint": kind, "served": client.endpoint.identity}
            made |= {"versions": versions(*MADE_WITH), "when": now()}
            for body, reply in zip(bodies, replies, strict=False):
                said = {"text": reply.text, "finished": reply.finished}
                self._record.add(client.model, body, said | made)
        for request in group[len(replies) :]:
            replies += self._asked([request])
        return replies

    def _connected(self) -> "Client":
        from ideas_lib.lm.client import Client

        with self._turn:
            if self._client is None:
                self._client = Client(
                    self._endpoint, self._asked_for, exact=self._exact, timeout=self._timeout
                )
            return self._client

    def _checked(self, client: "Client", request: Request) -> None:
        """Raise ValueError where an endpoint would pass over a grammar without a word."""
        from ideas_lib.lm.client import EndpointFailed

        how = request.decoding
        schema = how.schema is not None and isinstance(request.prompt, str)
        if not (how.grammar or schema) or client.endpoint.local:
            return
        if self._takes_gbnf is None:
            try:
                self._takes_gbnf = "default_generation_settings" in client.get("props")
            except EndpointFailed:
                self._takes_gbnf = False
        if not self._takes_gbnf:
            raise ValueError(
                f"{client.host} is no llama.cpp server, which alone takes a grammar, or a schema "
                "for text to continue: give chat messages and a schema"
            )

    def _lacking(self, missing: Sequence[Request], count: int) -> NotRecorded:
        assert self._record is not None
        first = json.dumps(missing[0].prompt)
        first = first if len(first) < 80 else f"{first[:79]}…"
        return NotRecorded(
            f"{self._record.path} lacks {len(missing)} of {count} answers of {self._named}, the "
            f"first of them to {first} with seed {missing[0].seed}. To have them made: "
            f"{self._command or 'the same with offline=False'}"
        )
