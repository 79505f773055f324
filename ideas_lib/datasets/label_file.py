"""Labels that people give by hand, a line of JSON each, and whether they are committed.

    @dataclass(frozen=True)
    class Mine(HandLabel):
        fault: str

    file = LabelFile(Path("results/my-idea-labels.jsonl"), Mine)
    file.add(Mine("draft 3", text_digest("what was labelled"), "a", "2026-12-02", fault="copy"))

A label has the hash of what was labelled, so that none outlives a change of it. Nothing here knows
what is labelled: a label is somebody's, and comes before whatever it is compared with.
"""

import hashlib
import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Generic, TypeVar

__all__ = ["HandLabel", "LabelFile", "LabelsNotCommitted", "WrongLabel", "text_digest"]


class WrongLabel(ValueError):
    """Raised for a label that is none, or of another text; the message names it."""


class LabelsNotCommitted(RuntimeError):
    """Raised where labels are not committed as they are."""


def text_digest(text: str) -> str:
    """Return what tells a text from every other, 16 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class HandLabel:
    """What was labelled, the digest of its text, by whom, and on which day."""

    id: str
    text: str
    by: str
    when: str


L = TypeVar("L", bound=HandLabel)


class LabelFile(Generic[L]):
    """A file of labels of one `kind`, a dataclass that checks itself; it need not be there yet."""

    def __init__(self, path: Path, kind: type[L]) -> None:
        self.path, self.kind = path, kind

    def read(self) -> list[L]:
        """Return the labels, in order. Raises WrongLabel, naming the line that is none."""
        if not self.path.exists():
            return []
        found = []
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                found.append(self.kind(**json.loads(line)))
            except (TypeError, ValueError) as error:
                raise WrongLabel(f"{self.path.name}:{number} is no label: {error}") from None
        return found

    def add(self, label: L) -> None:
        """Append a label. Raises WrongLabel where its labeller has labelled the same already."""
        if any((each.id, each.by) == (label.id, label.by) for each in self.read()):
            raise WrongLabel(f"{label.id} has a label by {label.by}: take out its line first")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(label)) + "\n")

    def checked(self, texts: Mapping[str, str]) -> list[L]:
        """Return the labels, if each is of a text that is there: id -> text. Raises WrongLabel."""
        labels, seen = self.read(), set()
        for label in labels:
            if label.id not in texts:
                raise WrongLabel(f"{label.id} is nothing that was recorded")
            if label.text != text_digest(texts[label.id]):
                raise WrongLabel(f"{label.id} was labelled as another text: label it anew")
            if (label.id, label.by) in seen:
                raise WrongLabel(f"{label.id} has two labels by {label.by}: take one out")
            seen.add((label.id, label.by))
        return labels

    def digest(self) -> str:
        """Return what tells the file's content from every other."""
        return text_digest(self.path.read_text(encoding="utf-8"))

    def commit(self) -> str:
        """Return the last commit that changed the file.

        Raises LabelsNotCommitted where the file is not committed as it is.
        """
        name = self.path.name
        for command in (["ls-files", "--error-unmatch"], ["diff", "--quiet", "HEAD", "--"]):
            if self._git(*command, name).returncode:
                raise LabelsNotCommitted(f"{name} is not committed as it is: commit it first")
        return self._git("log", "-1", "--format=%H", "--", name).stdout.strip()

    def _git(self, *command: str) -> "subprocess.CompletedProcess[str]":
        argv = ["git", *command]
        return subprocess.run(argv, cwd=self.path.parent, capture_output=True, text=True)
