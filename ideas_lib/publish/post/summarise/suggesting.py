"""Ask a model for a post's title, summary and social text, and keep what the notebook bears.

    words = summarise(Path("chapters/trees/soft-trees.ipynb"), record="answers.jsonl")
    print(words.said())

Each part is asked for by itself, `samples` times, and the first sample that passes is kept; where
none does, the notebook's own words stand in. What is in the record is not asked for again, and a
call that was stopped goes on where it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ideas_lib.formatting import printable
from ideas_lib.publish.post.summarise.bearing import judge_text
from ideas_lib.publish.post.summarise.evidence import Evidence
from ideas_lib.publish.post.summarise.trimming import LONGEST, PARTS, ill_formed, trimmed

__all__ = ["STYLES", "Choice", "PostWords", "fallback_of", "prompt_of", "summarise"]

STYLES = ("chat", "completion")
MOST = 3600  # characters of a notebook that are sent, so that a small model has room to answer
WANTED = {
    "title": "a title of at most ten words",
    "summary": "a summary of exactly two sentences",
    "social": "a short post for social media, at most two sentences, without hashtags",
}
RULES = (
    "Use its own words and numbers. State nothing that it does not state. Plain text, no markup. "
    "Answer with that text alone."
)
LABELS = {"title": "Title", "summary": "Summary in two sentences", "social": "Social media text"}


@dataclass(frozen=True)
class Choice:
    """One part of a post: its text, who wrote it ("" for the notebook itself), what was rejected.

    `rejected` has each text that did not pass, and why.
    """

    part: str
    text: str
    model: str
    rejected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PostWords:
    """The title, summary and social text of a post."""

    title: Choice
    summary: Choice
    social: Choice

    def said(self) -> str:
        """Return all of it in lines to print, with what was rejected and why."""
        return "\n".join(line for part in PARTS for line in _lines(getattr(self, part)))

    def texts(self) -> dict[str, str]:
        """Return what `write_post` takes: a text for each part that differs from the notebook's.

        A title of the notebook's own stays as the post has it, with its markup.
        """
        chosen = {part: getattr(self, part) for part in PARTS}
        return {p: c.text for p, c in chosen.items() if c.model or p != "title"}


def _lines(choice: Choice) -> Iterator[str]:
    origin = f"by {choice.model}" if choice.model else "the notebook's own words"
    yield f"{choice.part} ({origin}): {printable(choice.text)}"
    for text, why in choice.rejected:
        shown = text if len(text) <= 160 else f"{text[:159]}…"
        yield f"  rejected: {printable(shown)!s}"
        yield f"    because {printable(why)}"


def fallback_of(evidence: Evidence) -> dict[str, str]:
    """Return the notebook's own words: its title, its first paragraph and verdict, and both short.

    The social text takes what fits of title, verdict and first paragraph.
    """
    summary = " ".join(filter(None, (_ended(evidence.first), _ended(evidence.verdict))))
    social = evidence.title
    for more in (evidence.verdict, evidence.first):
        longer = f"{_ended(evidence.title)} {_ended(more)}" if more else ""
        if more and len(longer) <= LONGEST["social"]:
            social = longer
            break
    return {"title": evidence.title, "summary": summary or evidence.title, "social": social}


def _ended(text: str) -> str:
    return text if not text or text[-1] in ".!?…:" else f"{text}."


def prompt_of(evidence: Evidence, part: str, style: str = "chat") -> str | list[dict[str, str]]:
    """Return what a model is asked for a part: a chat's messages, or text to go on from."""
    chosen = [evidence.title, evidence.first, evidence.verdict]
    size = sum(map(len, chosen))
    for said in evidence.sentences:
        if said.finds and said.text not in chosen and size + len(said.text) < MOST:
            chosen.append(said.text)
            size += len(said.text)
    text = "\n".join(filter(None, chosen))[: 2 * MOST]
    if style == "completion":
        return f"{text}\n\n{LABELS[part]} of the text above, in its own words:\n"
    words = f"Here is a notebook:\n\n{text}\n\nWrite {WANTED[part]} for it. {RULES}"
    return [{"role": "user", "content": words}]


def summarise(
    notebook: Path,
    *,
    endpoint: str | None = None,
    model: str | None = None,
    record: str | Path | None = None,
    samples: int = 4,
    style: str = "chat",
) -> PostWords:
    """Ask a model for the words of a post, judge them by the notebook, and return what to use.

    `endpoint`, `model` and `record` as `lm.generate.Generator` takes them; `samples` of each part.
    Raises PostError for the notebook, and what `Generator` raises.
    """
    from ideas_lib.lm.generate import Decoding, Generator
    from ideas_lib.publish.post.summarise.notebooks import evidence_of

    evidence = evidence_of(notebook)
    own = fallback_of(evidence)
    found: dict[str, Choice] = {}
    with Generator(endpoint, model, record=record) as generator:
        how = Decoding(temperature=0.7, top_p=0.95, max_tokens=120)
        prompts = [prompt_of(evidence, part, style) for part in PARTS]
        replies = generator.generate(prompts, samples, decoding=how)
        name = printable(generator.model)[:80]
    for part, said in zip(PARTS, replies, strict=True):
        texts = dict.fromkeys(trimmed(part, reply.text, reply.finished) for reply in said)
        found[part] = choose(part, list(texts), evidence, own[part], name)
    return PostWords(found["title"], found["summary"], found["social"])


def choose(part: str, texts: list[str], evidence: Evidence, own: str, model: str) -> Choice:
    """Return the first text that passes, and why those before it did not; else the own words."""
    rejected = []
    for text in texts:
        why = ill_formed(part, text, evidence) or "; ".join(judge_text(text, evidence))
        if not why:
            return Choice(part, text, model, tuple(rejected))
        rejected.append((text, why))
    return Choice(part, own, "", tuple(rejected))
