"""Ask a model for a post's title, summary and social text, and keep what the notebook bears.

    words = summarise(Path("chapters/trees/soft-trees.ipynb"), record="answers.jsonl")
    print(words["summary"].text)

Each part is asked for by itself, `samples` times, and the first sample that passes is kept; where
none does, the notebook's own words stand in. What is in the record is not asked for again, and a
call that was stopped goes on where it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ideas_lib.formatting import printable
from ideas_lib.lm.generate import Decoding, Generator
from ideas_lib.lm.serving.catalogue import MODELS
from ideas_lib.publish.post.summarise.evidence import Evidence
from ideas_lib.publish.post.summarise.notebooks import evidence_of
from ideas_lib.publish.post.summarise.objecting import objections
from ideas_lib.publish.post.summarise.trimming import LONGEST, PARTS, ill_formed, trimmed

__all__ = ["Choice", "choose", "own_words", "prompt_of", "summarise"]

MOST = 3600  # characters of a notebook that are sent, so that a small model has room to answer
WANTED = {
    "title": "Copy the heading or the short sentence that says best what it found",
    "summary": "Copy the two sentences that say best what it asks and what it found",
    "social": "Copy the one or two sentences that make one want to read it",
}
RULES = "Copy word for word, with their numbers. Add nothing. Answer with that text alone."
LABELS = {"title": "Title", "summary": "Summary in two sentences", "social": "Social media text"}


@dataclass(frozen=True)
class Choice:
    """One part of a post: its text, and who suggested it, "" for the notebook itself.

    `rejected` has each text that did not pass, and why.
    """

    part: str
    text: str
    model: str = ""
    rejected: tuple[tuple[str, str], ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield it in lines to print, with what was rejected and why."""
        origin = f"by {self.model}" if self.model else "the notebook's own words"
        yield f"{self.part} ({origin}): {_shown(self.text)}"
        for text, why in self.rejected:
            yield f"  rejected: {_shown(text if len(text) <= 160 else f'{text[:159]}…')}"
            yield f"    because {_shown(why)}"


def _shown(text: str) -> str:
    """A text for a terminal, where a space that does not break is a space."""
    return printable(text.replace("\u00a0", " ").replace("\u202f", " "))


def own_words(evidence: Evidence) -> dict[str, str]:
    """Return the notebook's own words for each part.

    The summary is the one that its author wrote, else its first paragraph and the sentence with its
    verdict; the social text is the title with what fits of these.
    """
    title, summary, verdict = evidence.title, _ended(evidence.summary), _ended(evidence.verdict)
    if not evidence.stated:
        summary = " ".join(filter(None, (summary, verdict)))
    social = [f"{_ended(title)} {more}" for more in (verdict, _ended(evidence.summary)) if more]
    fits = [text for text in social if len(text) <= LONGEST["social"]]
    return {"title": title, "summary": summary or title, "social": (*fits, title)[0]}


def _ended(text: str) -> str:
    return text if not text or text[-1] in ".!?…:" else f"{text}."


def prompt_of(evidence: Evidence, part: str, base: bool) -> str | list[dict[str, str]]:
    """Return what a model is asked for a part: a chat's messages; of a base model, to go on."""
    heads = evidence.headings if part == "title" else ()
    chosen = [evidence.title, *heads, evidence.summary, evidence.verdict]
    size = sum(map(len, chosen))
    for said in evidence.sentences:
        if said.finds and said.text not in chosen and size + len(said.text) < MOST:
            chosen.append(said.text)
            size += len(said.text)
    text = "\n".join(filter(None, chosen))[: 2 * MOST]
    if base:
        return f"{text}\n\n{LABELS[part]} of the text above, in its own words:\n"
    return [{"role": "user", "content": f"Here is a text:\n\n{text}\n\n{WANTED[part]}. {RULES}"}]


def summarise(
    notebook: Path,
    *,
    endpoint: str | None = None,
    model: str | None = None,
    record: str | Path | None = None,
    samples: int = 4,
) -> dict[str, Choice]:
    """Ask a model for the words of a post, and return what to use for each of PARTS.

    `endpoint`, `model` and `record` as `lm.generate.Generator` takes them; `samples` of each part.
    Raises PostError for the notebook, and what `Generator` raises.
    """
    evidence = evidence_of(notebook)
    own = own_words(evidence)
    with Generator(endpoint, model, record=record) as generator:
        known = MODELS.get(generator.model)
        base = known is not None and "base model" in known.about
        how = Decoding(temperature=0.7, top_p=0.95, max_tokens=120)
        prompts = [prompt_of(evidence, part, base) for part in PARTS]
        replies = generator.generate(prompts, samples, decoding=how)
        name = printable(generator.model)[:80]
    found = {}
    for part, said in zip(PARTS, replies, strict=True):
        texts = dict.fromkeys(trimmed(part, reply.text, reply.finished) for reply in said)
        found[part] = choose(part, list(texts), evidence, own[part], name)
    return found


def choose(part: str, texts: list[str], evidence: Evidence, own: str, model: str) -> Choice:
    """Return the first text that passes, and why those before it did not; else the own words."""
    rejected: list[tuple[str, str]] = []
    for text in texts:
        why = ill_formed(part, text) or "; ".join(
            dict.fromkeys(objections(text, evidence, part == "title"))
        )
        if not why:
            return Choice(part, text, model, tuple(rejected))
        rejected.append((text, why))
    return Choice(part, own, "", tuple(rejected))
