"""The findings that README opens with, and their picture, from the results as they are.

    python -m ideas_lib.publish.first_screen.readme

writes both anew. They are the front page's picks, by hand: those of its `{findings}`.
"""

import re
from html import escape
from pathlib import Path

from ideas_lib.publish.first_screen.bottom import BottomLine, Found, find, line_of
from ideas_lib.publish.first_screen.figure import FONT, INK, PAPER, ground_of, interval_panel
from ideas_lib.study.checkout import root
from ideas_lib.study.provenance import write_atomic
from ideas_lib.verdict import Verdict

__all__ = ["block", "picks", "picture", "with_findings"]

PICTURE = "_static/findings.svg"
BEGIN, END = "<!-- findings -->\n", "<!-- end of findings -->\n"
PICKS = re.compile(r"^```\{findings\} +(.+)$", re.MULTILINE)
WIDE, HIGH, GAP, PAD = 270, 214, 12, 14  # pixels: of one finding, between two, and within each


def picks(top: Path) -> list[Found]:
    """Return what was found of the front page's picks. Raises ValueError where there is nothing."""
    named = PICKS.search((top / "index.md").read_text(encoding="utf-8"))
    slugs = named[1].split() if named else []
    found = {slug: find(slug) for slug in slugs}
    missing = [slug for slug, one in found.items() if one is None]
    if missing or not slugs:
        raise ValueError(f"index.md picks what has no results: {', '.join(missing) or 'nothing'}")
    return [one for one in found.values() if one]


def picture(found: list[Found]) -> str:
    """Return one SVG of the findings side by side, which reads on any background."""
    width = len(found) * (WIDE + GAP) - GAP
    words = escape(" ".join(f"{one.idea.title}. {line_of(one).finding}" for one in found))
    cards = "".join(_card(one, k * (WIDE + GAP)) for k, one in enumerate(found))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{words}" width="{width}"'
        f' height="{HIGH}" viewBox="0 0 {width} {HIGH}" {FONT} font-size="13" color="{INK}"'
        f' fill="{INK}">{cards}</svg>\n'
    )


def _card(found: Found, left: int) -> str:
    what = found.finding
    inner = WIDE - 2 * PAD
    size = min(15.0, round(inner / (0.62 * len(found.idea.title)), 1))  # that the title fits
    panel = interval_panel(what, found.unit, 22) if isinstance(what, Verdict) else ""
    return (
        f'<svg x="{left}" width="{WIDE}" height="{HIGH}">'
        f'<rect x="0.5" y="0.5" width="{WIDE - 1}" height="{HIGH - 1}" rx="6" fill="{PAPER}"'
        ' stroke="#8b949e"/>'
        f'<text x="{PAD}" y="28" font-size="{size}" font-weight="600">'
        f"{escape(found.idea.title)}</text>"
        f'<rect x="{PAD}" y="40" width="{9 * len(what.word) + 16}" height="22" rx="5"'
        f' fill="{ground_of(what.word)}"/>'
        f'<text x="{PAD + 8 + 4.5 * len(what.word)}" y="55.5" fill="#fff" font-weight="600"'
        f' text-anchor="middle">{escape(what.word)}</text>'
        f'<svg x="{PAD}" y="74" width="{inner}" height="{HIGH - 74}" overflow="visible">'
        f"{panel}</svg></svg>"
    )


def block(found: list[Found]) -> str:
    """Return README's findings as Markdown: the picture, and a sentence on each."""
    lines = [(one.idea, BottomLine(line_of(one).word, line_of(one).finding)) for one in found]
    alt = "; ".join(f"{idea.title}: {line.word}" for idea, line in lines)
    shown = "\n".join(f"- [{idea.title}]({idea.path}). {line.markdown()}" for idea, line in lines)
    return (
        f"![The effects of {len(found)} ideas with their intervals. {alt}]({PICTURE})\n\n{shown}\n"
    )


def with_findings(text: str, found: list[Found]) -> str:
    """Return README with the findings between its marks. Raises ValueError without them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md lacks the lines {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}\n{block(found)}\n{END}{after}"


def main() -> None:
    """Write README's findings and their picture."""
    top = root()
    found = picks(top)
    readme = top / "README.md"
    write_atomic(readme, with_findings(readme.read_text(encoding="utf-8"), found))
    write_atomic(top / PICTURE, picture(found))


if __name__ == "__main__":
    main()
