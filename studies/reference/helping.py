"""Does an example in the caller's names help a model that goes on from there?

    python -m studies.reference.helping --list          organisations with a call to try
    python -m studies.reference.helping                 score them, and keep the scores

A call is cut off before its first keyword, as everywhere here. Before the lines above it stands a
comment: an example of the function's documentation in the caller's names, the same with each of
these exchanged for another name in scope, as documented, or none. What is scored is how probable
the model finds the rest of the call. Scores go to `results/reference-help.jsonl`.
"""

import argparse
import ast
import json
import pickle
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from ideas_lib.lm import compare
from ideas_lib.programs.reference import look_up
from ideas_lib.study import shared_file
from ideas_lib.study.checkout import root
from ideas_lib.study.provenance import machine, now, versions
from studies.reference import DOCUMENTED, HELPED, NONE, OWN, PERMUTED, SEEDS, STUDY, measure
from studies.reference.calls import FoundCall, call_text, text_before

__all__ = ["MODEL", "Scored", "kept_scores", "scores_file", "trials_of"]

MODEL = "qwen2.5-coder-0.5b-instruct"
LINES = 25  # above the cut
LONGEST = 200  # letters of the rest of a call
CALLS = 2  # of an organisation, at most, each of another function


@dataclass(frozen=True)
class Scored:
    """A call to score: what stands before it, by arm, and how it goes on."""

    symbol: str
    contexts: dict[str, str]
    rest: str


def scores_file() -> Path:
    """Return where scores are kept."""
    return root() / "results" / "reference-help.jsonl"


def kept_scores() -> dict[int, list[dict[str, float]]]:
    """Return the nats a token that were measured, by seed: one dict a call, by arm."""
    found: dict[int, list[dict[str, float]]] = {}
    for line in scores_file().read_text("utf-8").splitlines():
        row = json.loads(line)
        if "seed" in row:
            found.setdefault(row["seed"], []).append(row["per token"])
    return found


def trials_of(seed: int) -> Iterator[Scored]:
    """Yield some calls of an organisation that have an example in the caller's names."""
    path = shared_file(STUDY, f"places-0-{seed}.pickle")
    told, tried, _ = pickle.loads(path.read_bytes())
    tried = {symbol: some for symbol, some in tried.items() if ">>>" in (told[symbol]["doc"] or "")}
    rng, made = random.Random(f"help {seed}"), 0
    for symbol in rng.sample(sorted(tried), len(tried)):
        for placed in tried[symbol]:
            trial = _trial(placed.found, placed.near, rng)
            if trial is not None:
                yield trial
                made += 1
                break
        if made == CALLS:
            return


def _trial(call: FoundCall, near: tuple[str, ...], rng: random.Random) -> Scored | None:
    text = call_text(call)
    rest = _rest(text, call)
    cut = text_before(text, call)
    if rest is None or len(rest) > LONGEST:
        return None
    try:
        found = look_up(cut, cut.count("\n") + 1, len(cut.rpartition("\n")[2]) + 1)
    except ValueError:  # no call, or one that leads elsewhere without its file
        return None
    example = found.example
    own = {new for new in example.renamed.values() if new in near} if example else set()
    others = sorted(set(near) - own)
    if example is None or not own or len(others) < len(own):
        return None
    exchanged = dict(zip(sorted(own), rng.sample(others, len(own)), strict=True))
    words = re.compile(rf"\b({'|'.join(map(re.escape, exchanged))})\b")
    permuted = words.sub(lambda each: exchanged[each[0]], example.adapted)
    above = "\n".join(cut.split("\n")[-LINES:])
    shown = {OWN: example.adapted, PERMUTED: permuted, DOCUMENTED: example.source}
    contexts = {arm: _comment(call.symbol, said) + above for arm, said in shown.items()}
    return Scored(call.symbol, contexts | {NONE: above}, rest)


def _comment(symbol: str, example: str) -> str:
    lines = "".join(f"# {line}\n" for line in example.strip().split("\n"))
    return f"# {symbol}, an example:\n{lines}\n"


def _rest(text: str, call: FoundCall) -> str | None:
    """Return how a call goes on from the cut to its end, None where that cannot be told."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and node.keywords:
            first = node.keywords[0]
            if (first.lineno, first.col_offset) == (call.line, call.column):
                lines = text.split("\n")[: node.end_lineno]
                lines[-1] = lines[-1].encode()[: node.end_col_offset].decode(errors="replace")
                return "\n".join(lines)[len(text_before(text, call)) :]
    return None


def _score(trial: Scored) -> dict[str, float]:
    """Return the nats a token of the rest after each context."""
    found = compare(list(trial.contexts.values()), [trial.rest], endpoint=MODEL).frame
    by_context = dict(zip(found["context"], found["per_token"], strict=True))
    return {arm: float(by_context[context]) for arm, context in trial.contexts.items()}


def main() -> None:
    """Read the command line; list, or score what is not scored yet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--list", action="store_true", help="say which organisations have calls")
    wanted = parser.parse_args()
    path = scores_file()
    done = kept_scores() if path.is_file() and not wanted.list else {}
    same = {"model": MODEL, "when": now(), "machine": machine()}
    same |= {"versions": versions("openai", "xllamacpp")}
    seeds = SEEDS if wanted.list else [seed for seed in HELPED if seed not in done]
    for seed in tqdm(seeds, "organisations", delay=2):
        measure("signature order", seed)  # its calls are found once, and shared
        trials = list(trials_of(seed))
        if wanted.list and trials:
            print(seed, [trial.symbol for trial in trials], flush=True)
        rows = [
            {"seed": seed, "symbol": trial.symbol, "per token": _score(trial)}
            for trial in trials
            if not wanted.list
        ]
        if rows:
            head = [] if path.is_file() else [same]
            with path.open("a", encoding="utf-8") as file:
                file.write("".join(json.dumps(row) + "\n" for row in [*head, *rows]))


if __name__ == "__main__":
    main()
