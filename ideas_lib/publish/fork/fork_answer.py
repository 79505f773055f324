"""A fork's answer, as Markdown and a figure for its page, and as text for a terminal."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ideas_lib import figures
from ideas_lib.formatting import number, printable
from ideas_lib.measured import Measured
from ideas_lib.publish.fork.effects import Side
from ideas_lib.verdict import Verdict

__all__ = ["ForkComparison"]

ARROW = "\N{RIGHTWARDS ARROW}"
Pair = tuple[float | None, float | None]
WIDTH = 98  # of a line in a terminal, the diff apart


@dataclass(frozen=True)
class ForkComparison:
    """What the idea does in a fork, beside what it does in the original.

    `outcome` is what both measure; of a prediction `higher` says which direction counts as
    positive, of a measurement it is None. `difference` is the fork's effect minus the original's,
    `how` says in words how its interval came about. `tier` and `notes` are sentences: what the
    numbers rest on, and what else a reader must know. `settings` maps what differs to (original,
    fork); `diff` is unified, of the study and the idea's own code, the original's under the fork's
    name: a name is no difference. `touched` says what else a change of the code changes.
    """

    fork: Side
    original: Side
    outcome: str
    higher: bool | None
    difference: Verdict | Measured
    how: str
    tier: str
    notes: tuple[str, ...]
    settings: Mapping[str, tuple[Any, Any]]
    diff: str
    touched: tuple[str, ...] = ()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/markdown": self.words(), "text/plain": self.plain()}

    def show(self) -> None:
        """Show the figure, in a cell of its own: a caption belongs to one output."""
        figures.show(*self.figure())

    def words(self) -> str:
        """Return the comparison as Markdown: answer, table, what it rests on, and what changed."""
        rows = "\n".join(
            f"| {name} | {effect} | {low} to {high} | {word} |"
            for name, effect, low, high, word in self._rows()
        )
        table = f"| | {self._asked()} | 95 % interval | |\n|---|---|---|---|\n{rows}"
        parts = [self._answer(), table, self._rests(), *self.notes, self._costs_table()]
        return "\n\n".join([*parts, self._changed(), self._code()])

    def plain(self) -> str:
        """Return the comparison as text for a terminal; only the diff begins lines with + or -."""
        rows = list(self._rows())
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = [f"{self.fork.slug}, a fork of {self.original.slug}: {self._asked()}"]
        for name, *numbers, word in rows:
            effect, low, high = (
                text.rjust(width) for text, width in zip(numbers, widths[1:], strict=True)
            )
            lines.append(f"  {name.ljust(widths[0])}  {effect}  [{low}, {high}]  {word}".rstrip())
        settings = self._settings() or ["no setting"]
        said = [self._rests(), *self.notes, *self._costs(), *(f"changed: {s}" for s in settings)]
        code = "code that differs, beside the name:" if self.diff else "code: the same"
        for text in (*said, *self.touched, code):
            wrapped = textwrap.wrap(text, WIDTH - 4, break_on_hyphens=False)
            lines.append("  " + "\n    ".join(wrapped))
        diff = self.diff.split("\n") if self.diff else []
        code_lines = [printable(line.expandtabs(4)) for line in diff]
        return "\n".join(["\n".join(lines).replace("`", ""), *code_lines])

    def figure(self) -> tuple[Any, str]:
        """Return a figure of both effects with their intervals, and its alt text.

        Where there is no margin to show them against, it is of the outcomes, a dot a seed.
        """
        first, second = self.original.found, self.fork.found
        if isinstance(first, Verdict) and isinstance(second, Verdict):
            bases = {side.arms[-1] for side in (self.original, self.fork)}
            rows = {f"{self.original.slug} (original)": first, f"{self.fork.slug} (fork)": second}
            over = bases.pop() if len(bases) == 1 else "the baseline"
            return figures.plot_intervals(
                rows, over=over, outcome=self.outcome, margin=first.margin
            )
        sign = -1.0 if self.higher is False else 1.0
        arms = {
            side.slug: [sign * value for value in side.values.values()]
            for side in (self.original, self.fork)
        }
        return figures.plot_strip(arms, outcome=self.outcome, idea=self.fork.slug)

    def _asked(self) -> str:
        """Say what the rows are: idea minus baseline, or the arm alone, in which outcome."""
        same = self.fork.arms == self.original.arms or len(self.fork.arms) == 1
        return (
            f"{' minus '.join(self.fork.arms) if same else 'idea minus baseline'}, {self.outcome}"
        )

    def _rows(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Yield name, effect, both ends, and the word, of fork, original, and their difference."""
        rows = {
            self.fork.slug: self.fork.found,
            self.original.slug: self.original.found,
            "fork minus original": self.difference,
        }
        digits = max(each.digits() for each in rows.values())
        for name, found in rows.items():
            compared = isinstance(found, Verdict)
            signed = "+" if compared or found is self.difference else ""
            spec = f"{signed}.{digits}f"
            numbers = [number(x, spec) for x in (found.effect, found.low, found.high)]
            word = found.comparison if isinstance(found, Verdict) else found.unit
            yield name, numbers[0], numbers[1], numbers[2], word

    def _answer(self) -> str:
        """Say in bold what the idea does in the fork, then how that is in the original."""
        ours, theirs, apart = ((row[1], row[4]) for row in self._rows())
        found, other = self.fork.found, self.original.found
        if isinstance(found, Verdict) and isinstance(other, Verdict):
            idea, baseline = self.fork.arms
            return (
                f"**In {self.fork.slug}, {idea} minus {baseline} is {ours[0]} in `{self.outcome}`:"
                f" {ours[1]}.** In {self.original.slug} it is {theirs[0]}: {theirs[1]}. Between"
                f" the two effects lies {apart[0]}: {apart[1]}."
            )
        unit = f" {apart[1]}" if isinstance(self.difference, Measured) and apart[1] else ""
        judged = f": {apart[1]}" if isinstance(self.difference, Verdict) else ""
        return (
            f"**`{self.outcome}` of {self.fork.arms[0]} is {ours[0]} in {self.fork.slug} and"
            f" {theirs[0]} in {self.original.slug}: {apart[0]}{unit} apart{judged}.**"
        )

    def _rests(self) -> str:
        found = self.fork.found
        text = f"{self.tier} Between the two effects: {self.how}."
        if isinstance(found, Verdict):
            margin = number(found.margin, "g")
            better = "higher" if self.higher else "lower"
            text += (
                f" {better.capitalize()} counts as positive; better and worse are intervals at or"
                f" beyond the margin of {margin}."
            )
        return text

    def _costs(self) -> Iterator[str]:
        """Yield mean outcome, parameters and FLOPs of each arm, in the original and in the fork."""
        pairs = list(zip(self.original.arms, self.fork.arms, strict=False))
        means = [(self.original.means.get(was), self.fork.means.get(now)) for was, now in pairs]
        if means and not any(None in pair for pair in means):
            yield self._each(f"mean `{self.outcome}`", means, ".3g")
        costs = [(self.original.costs[was], self.fork.costs[now]) for was, now in pairs]
        for place, what in enumerate(("parameters", "FLOPs per token")):
            yield self._each(what, [(was[place], now[place]) for was, now in costs], ",.0f")

    def _each(
        self, what: str, pairs: Iterable[tuple[float | None, float | None]], spec: str
    ) -> str:
        """Say what each arm has, as `was -> now` where the two differ."""
        texts = []
        for arm, (was, now) in zip(self.fork.arms, pairs, strict=False):
            if was is not None and now is not None:
                before = f"{number(was, spec)} {ARROW} " if was != now else ""
                texts.append(f"{arm} {before}{number(now, spec)}")
        return f"{what}: {'; '.join(texts) or 'not reported by these runs'}"

    def _costs_table(self) -> str:
        lines = [f"{line[0].upper()}{line[1:]}." for line in self._costs()]
        return " ".join(lines)

    def _settings(self) -> list[str]:
        return [f"`{key}`: {was!r} {ARROW} {now!r}" for key, (was, now) in self.settings.items()]

    def _changed(self) -> str:
        lines = self._settings()
        if not lines:
            return "Settings: none differs."
        return "\n".join(["Settings that differ:", "", *(f"- {line}" for line in lines)])

    def _code(self) -> str:
        if not self.diff:
            return "Code: the same, but for the name."
        fence = "```"
        while fence in self.diff:
            fence += "`"
        head = "".join(f"{line}\n\n" for line in self.touched)
        lines = sum(line[:1] in "+-" for line in self.diff.split("\n"))
        return (
            f"{head}<details>\n<summary>Code that differs, beside the name: {lines} lines</summary>"
            f"\n\n{fence}diff\n{self.diff}\n{fence}\n\n</details>"
        )
