"""Have a model write the tasks: `python -m studies.dsl.asking_models MODEL`.

Each task is asked for four times: in each notation, with its grammar and without. What a model
says is recorded in `.work/dsl/MODEL.jsonl`, as `ideas_lib.lm.generate` does; stopped, the same
command goes on where it was. At the end the answers go to `results/dsl-tasks-MODEL.jsonl`, each
with the hash of what was asked, after a line with what all of them have in common. `--show FAMILY`
prints prompts, and asks nobody.
"""

import argparse
import hashlib
import json
import pickle
from functools import cache
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ideas_lib.lm.generate import Generator
from ideas_lib.lm.request import Decoding, Request
from ideas_lib.study import shared_file
from ideas_lib.study.cache import work_folder
from ideas_lib.study.checkout import root
from ideas_lib.study.provenance import machine, now, versions, write_atomic
from studies.dsl.model_tasks import EXAMPLES, FAMILIES, Task, tasks_of
from studies.dsl.notations import DSL, NOTATIONS, Notation, learn_language

__all__ = [
    "answers_file",
    "asked_hash",
    "kept_answers",
    "language_of",
    "prompt_for",
    "request_for",
]

START = {
    DSL: "# Expressions in a small language. Beside $names, texts and numbers there are:\n",
    "Python": "# Expressions in Python. Beside names, texts and numbers there are:\n",
}
LONGEST = 64  # tokens of an answer


def answers_file(model: str) -> Path:
    """Return where what a model wrote is kept."""
    return root() / "results" / f"dsl-tasks-{model}.jsonl"


def kept_answers(model: str) -> dict[str, str]:
    """Return what a model wrote, by the hash of what was asked."""
    rows = map(json.loads, answers_file(model).read_text("utf-8").splitlines())
    return {row["asked"]: row["text"] for row in rows if "asked" in row}


@cache
def language_of(domain: str) -> dict[str, Notation]:
    """Learn a module's language from one half of the packages; return its notations."""
    from studies.dsl import STUDY
    from studies.dsl.corpora import APIS, gather, read_halves

    (seed,) = (seed for seed, name in APIS.items() if name == domain)

    def make(path: Path) -> None:
        gather(domain, seed, path.with_suffix(".raw"))
        half = read_halves(path.with_suffix(".raw"), seed, "strangers").learn
        path.write_bytes(pickle.dumps(half))
        path.with_suffix(".raw").unlink()

    path = shared_file(STUDY, f"{domain}.pickle", make)
    return learn_language(domain, pickle.loads(path.read_bytes()))


def prompt_for(task: Task, notation: Notation) -> str:
    """Return what a model goes on from: all forms, the examples, and the task."""
    lines = [START[notation.name] + "\n".join(f"#   {form}" for form in notation.forms)]
    for names, words, expression in EXAMPLES[task.domain]:
        own = names.split(", ")
        lines.append(_asked(notation, own, words))
        lines[-1] += notation.write(expression, own, task.domain)
    return "\n\n".join([*lines, _asked(notation, task.names, task.words)])


def _asked(notation: Notation, names: list[str] | tuple[str, ...], words: str) -> str:
    sign = "$" if notation.name == DSL else ""
    for name in names:
        words = words.replace(f"`{name}`", sign + name)
    return f"# {words[:1].upper()}{words[1:]}\n"


def asked_hash(request: Request) -> str:
    """Return a hash of what is asked, the grammar included."""
    return hashlib.sha256(request.key.encode()).hexdigest()[:32]


def request_for(task: Task, notation: Notation, constrained: bool) -> Request:
    """Return the request for one task."""
    how = Decoding(
        temperature=0.0,
        max_tokens=LONGEST,
        stop=("\n",),
        grammar=notation.grammar_of(task.names) if constrained else "",
    )
    return Request(prompt_for(task, notation), 0, how)


def main() -> None:
    """Read the command line, and ask."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("model", help="a name of `ideas models`")
    parser.add_argument("--show", metavar="FAMILY", help="print a family's prompts, and ask nobody")
    wanted = parser.parse_args()
    if wanted.show:
        for task in tasks_of(wanted.show):
            for notation in language_of(task.domain).values():
                print(prompt_for(task, notation) + "\n# right: " + task.right, end="\n\n")
        return
    asked = [
        (task, name, constrained, request_for(task, language_of(task.domain)[name], constrained))
        for name in NOTATIONS
        for constrained in (False, True)
        for family in FAMILIES
        for task in tasks_of(family)
    ]
    record = work_folder("dsl") / f"{wanted.model}.jsonl"
    requests = [request for *_, request in asked]
    # A server keeps what it has read of a prompt, so tasks of one module come one after the other.
    with Generator(wanted.model, record=record) as generator:
        answers = generator.answers(requests, parallel=1)
        replies = list(tqdm(answers, wanted.model, len(requests)))
    rows: list[dict[str, Any]] = [
        {"model": wanted.model, "when": now(), "machine": machine()}
        | {"versions": versions("ideas-lib", "openai", "xllamacpp", "stitch-core")}
    ]
    for (task, name, constrained, request), reply in zip(asked, replies, strict=True):
        row = {"family": task.family, "right": task.right, "notation": name, "grammar": constrained}
        rows.append(
            row | {"asked": asked_hash(request), "text": reply.text, "finished": reply.finished}
        )
    text = "".join(json.dumps(row) + "\n" for row in rows)
    write_atomic(answers_file(wanted.model), text)


if __name__ == "__main__":
    main()
