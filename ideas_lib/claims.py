"""Numbers and sentences in prose, bound to results.

A notebook's prose holds no measured number: it says {glue:text}`gain`, and a code cell binds `gain`
with `Claims.number`. What prose says in words is checked: by `Claims.above`, `below` and `within`
where it compares, which ask the interval; by `Claims.holds` where it is a fact without noise. So a
page cannot part from its results in silence: either the number follows, or the cell fails.

`glued` and `unbound` read an executed notebook, for posts and for tests.
"""

import math
import re
from ast import literal_eval
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat
import numpy as np
from IPython.core.getipython import get_ipython
from IPython.display import display
from nbformat import NotebookNode

from ideas_lib.formatting import number
from ideas_lib.measured import Measured
from ideas_lib.results import Results
from ideas_lib.verdict import Verdict

__all__ = ["ClaimFailed", "Claims", "glued", "unbound"]

# What myst-nb's own `glue(..., display=False)` writes; a test holds the two equal. Written here,
# because notebooks also run where the book's builder is not installed.
_PREFIX = "application/papermill.record/"

Interval = tuple[float, float, float]  # as `intervals` has them: estimate, low, high

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_HOLDS = "holds: "

_REFERENCE = re.compile(
    r"\{glue(?::\w*)?\}`([^`]+)`|^\s*(?:`{3,}|:{3,})\{glue(?::\w*)?\}\s+(\S+)", re.M
)
_RESULTS = re.compile(r"\b(study|results?|verdict|found|failed|means)\b", re.I)
_MEASURED = re.compile(
    r"(?<![\w.@/:-])\d+\.\d+(?:\s*(?:%|nats|bits|ms|s|x|×))?|\b\d+(?:\.\d+)?\s*(?:%|percent|nats|×)"
)
# Not measured: roles, code, maths, links, and the level of an interval.
_EXEMPT = re.compile(
    r"\{[\w:+-]+\}`[^`]*`|`[^`]*`|\$[^$]*\$|\[[^\]]*\]\([^)]*\)"
    r"|\b9[059](?:\.\d)?\s*%\s+(?:[\w-]+\s+)?intervals?"
)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_FENCE = re.compile(r"\s*(`{3,}|~{3,}|:{3,})(.*)")
_CODE = re.compile(r"\{(math|code|code-block|code-cell)\}|(?!\{)")


class ClaimFailed(AssertionError):
    """Raised when prose says what the results do not."""


class Claims:
    """Binds what one notebook's prose says to what its cells computed.

    Cells that call it carry the tag `nbval-check-output`, so that re-running them compares the
    printed claims.
    """

    def __init__(self) -> None:
        self._bound: dict[str, tuple[str | None, str]] = {}

    def number(self, name: str, value: float, spec: str = "") -> str:
        """Bind `name` to a finite number, formatted by `spec` ("+.2f"), and print both.

        Returns the text, as `text` does. Raises ValueError for a value that is not finite.
        """
        if not math.isfinite(value):
            raise ValueError(f"{name} = {value}: a page can only state a finite number")
        return self.text(name, number(value, spec))

    def text(self, name: str, text: str) -> str:
        """Bind `name` to a text, print both, and return the text.

        Prose then takes it with {glue:text}`name`. Raises ValueError for a name that is not
        letters, digits, - and _, or that another cell has bound.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} is not a name: use letters, digits, - and _, a letter first"
            )
        here = _where()
        cell, run = self._bound.get(name, here)
        # Front ends say which cell runs, and running it again binds anew; executors do not say,
        # and run every cell once.
        if name in self._bound and (cell is None or cell != here[0] or run == here[1]):
            raise ValueError(f"{name!r} is already bound in this notebook: choose another name")
        self._bound[name] = here
        if get_ipython() is not None:
            # The quotes of repr keep "+0.420" a text: myst-nb would read a bare one as 0.42.
            display(
                {f"{_PREFIX}text/plain": repr(text)},
                raw=True,
                metadata={"scrapbook": {"name": name, "mime_prefix": _PREFIX}},
            )
        print(f"{name} = {text}")
        return text

    def headline(
        self,
        results: Results,
        means: Mapping[str, str] | None = None,
        *,
        name: str = "effect",
        spec: str = "",
        mean_spec: str = ".3f",
    ) -> Verdict | Measured:
        """Bind what a study found, as every chapter states it, and return it.

        `name`, `name-low`, `name-high` and `name-word` as `verdict` binds them, by `spec`, which is
        "+.3f" for an effect, and as many digits as its interval is worth for what was measured;
        `word`, the word as it begins a sentence; and `n`, how many pairs or units there are.
        `means` says which arms' mean outcome to bind, too: name -> arm.
        """
        found = results.finding()
        measured = f".{found.digits()}f" if isinstance(found, Measured) else "+.3f"
        self.verdict(name, found, spec or measured)
        self.text("word", found.word.capitalize())
        self.number("n", found.n, "d")
        if means:
            outcome = results.study.finding.outcome
            there = results.means(results.study.experiments[0].name, outcome)
            for short, arm in means.items():
                if arm not in there:
                    raise ValueError(f"no arm {arm!r} has {outcome!r}; there are {list(there)}")
                self.number(short, there[arm], mean_spec)
        return found

    def verdict(self, name: str, found: Verdict | Measured, spec: str = "+.3f") -> None:
        """Bind a finding: `name` to its effect, `name-low` and `name-high`, and `name-word`.

        The word is the finding's own: of the registered prediction, or of a comparison.
        """
        self.number(name, found.effect, spec)
        self.number(f"{name}-low", found.low, spec)
        self.number(f"{name}-high", found.high, spec)
        self.text(f"{name}-word", found.word)

    def above(
        self, sentence: str, found: Verdict | Measured | Interval, bound: float = 0.0
    ) -> None:
        """Print a `sentence` of the page if the whole interval is above `bound`.

        `found` is what has the interval, or (estimate, low, high). Raises ClaimFailed, saying what
        would be true, where it is not; ValueError for what is no interval.
        """
        low, high = _ends(found)
        said = f"all above {_short(_bound(bound))}"
        self._bears(sentence, low > bound, said, low, high, bound, bound)

    def below(
        self, sentence: str, found: Verdict | Measured | Interval, bound: float = 0.0
    ) -> None:
        """Print a `sentence` of the page if the whole interval is below `bound`; as `above`."""
        low, high = _ends(found)
        said = f"all below {_short(_bound(bound))}"
        self._bears(sentence, high < bound, said, low, high, bound, bound)

    def within(
        self,
        sentence: str,
        found: Verdict | Measured | Interval,
        margin: float | None = None,
    ) -> None:
        """Print a `sentence` of the page if the whole interval is nearer to zero than `margin`.

        That is a Verdict's own margin where none is given; otherwise as `above`.
        """
        if margin is None:
            if not isinstance(found, Verdict):
                raise ValueError(f"{sentence!r} needs a margin: only a Verdict brings its own")
            margin = found.margin
        if not (math.isfinite(margin) and margin > 0):
            raise ValueError(f"margin={margin} must be a finite number above 0")
        low, high = _ends(found)
        said = f"all between {_short(-margin)} and {_short(margin)}"
        self._bears(sentence, -margin < low and high < margin, said, low, high, -margin, margin)

    def holds(self, sentence: str, condition: bool) -> None:
        """Print a `sentence` of the page if its `condition` is True, else raise ClaimFailed.

        It is for facts without noise; what compares measured values is `above`, `below` or
        `within` a bound. The page must say the sentence in these words: `unbound` complains when it
        does not.
        """
        if not isinstance(condition, bool | np.bool_):
            raise ValueError(f"{condition!r} is no condition: it must be True or False")
        if not condition:
            raise ClaimFailed(
                f"the page says {sentence!r}, and the results no longer do: change the sentence,"
                " there and here, to what was measured"
            )
        print(_HOLDS + sentence)

    def _bears(
        self, sentence: str, so: bool, said: str, low: float, high: float, least: float, most: float
    ) -> None:
        """Print a sentence if it is `so`; else raise ClaimFailed with where the interval lies."""
        if not so:
            raise ClaimFailed(
                f"the page says {sentence!r}, and the interval, {_short(low)} to {_short(high)}, is"
                f" not {said}: {_lies(low, high, least, most)}; change the sentence, there and"
                " here, to that"
            )
        print(_HOLDS + sentence)


def _ends(found: Verdict | Measured | Interval) -> tuple[float, float]:
    """Return an interval's ends. Raises ValueError where they are not finite and in order."""
    if isinstance(found, Verdict | Measured):
        return found.low, found.high
    if not (isinstance(found, tuple) and len(found) == 3):
        raise ValueError(
            f"{found!r} has no interval: give what `compare` or `finding` returns, or"
            " (estimate, low, high)"
        )
    estimate, low, high = map(float, found)
    if not -math.inf < low <= estimate <= high < math.inf:
        raise ValueError(f"{found!r} is not (estimate, low, high): finite numbers, low <= high")
    return low, high


def _bound(bound: float) -> float:
    if not math.isfinite(bound):
        raise ValueError(f"bound={bound} must be a finite number")
    return bound


def _short(value: float) -> str:
    return number(value, ".3g")


def _lies(low: float, high: float, least: float, most: float) -> str:
    """Say where an interval lies to [`least`, `most`], which may be one point."""
    for bound in (least, most):
        if low < bound < high:
            return f"it holds values on both sides of {_short(bound)}, which leaves that unclear"
    if low >= most:
        return f"it is all {'at or ' if low == most else ''}above {_short(most)}"
    if high <= least:
        return f"it is all {'at or ' if high == least else ''}below {_short(least)}"
    return f"it is all from {_short(least)} to {_short(most)}"


def glued(nb: NotebookNode) -> dict[str, str]:
    """Return name -> text, as the page shows it, for all that an executed notebook bound."""
    return dict(_records(nb))


def unbound(nb: NotebookNode, folder: Path | None = None) -> list[str]:
    """Return complaints, in plain English, about prose that no result holds up; best is none.

    They are: a reference to a name that no cell bound; a name bound twice; a measured number
    typed under a heading that speaks of results; a sentence checked by `holds` that the page does
    not say. References to other notebooks ({glue:text}`path::name`) are looked up from `folder`,
    the notebook's own, and are passed over without it.
    """
    counts = Counter(name for name, _ in _records(nb))
    complaints = [f"{name} is bound {n} times" for name, n in counts.items() if n > 1]
    for k, cell in _prose(nb):
        for match in _REFERENCE.finditer(cell.source):
            complaints += _missing(match[1] or match[2], glued(nb), folder, k)
    complaints += [f"cell {k} states {number}, typed by hand: bind it" for k, number in _typed(nb)]
    said = _plain(" ".join(cell.source for _, cell in _prose(nb)))
    for sentence in _checked(nb):
        if _plain(sentence) not in said:
            complaints.append(f"{sentence!r} is checked, but the page does not say it")
    return complaints


def _where() -> tuple[str | None, str]:
    """Return the running cell's id, where a front end gave one, and that of the request to run."""
    parent = getattr(get_ipython(), "parent_header", None) or {}
    return parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id", "")


def _outputs(nb: NotebookNode) -> Iterator[NotebookNode]:
    for cell in nb.cells:
        if cell.cell_type == "code":
            yield from cell.outputs


def _prose(nb: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    for k, cell in enumerate(nb.cells):
        if cell.cell_type == "markdown":
            yield k, cell


def _records(nb: NotebookNode) -> Iterator[tuple[str, str]]:
    for output in _outputs(nb):
        record = output.get("metadata", {}).get("scrapbook")
        if record:
            text = output.data.get(record.get("mime_prefix", "") + "text/plain", "")
            yield record["name"], _unquoted(text)


def _unquoted(text: str) -> str:
    try:
        return str(literal_eval(text))
    except (SyntaxError, ValueError):
        return text


def _missing(reference: str, here: dict[str, str], folder: Path | None, k: int) -> list[str]:
    path, _, name = reference.rpartition("::")
    name = name.split(":")[0]
    bound = here
    if path:
        if folder is None:
            return []
        other = (folder / path).with_suffix(".ipynb")
        if not other.is_file():
            return [f"cell {k} refers to {reference}, and there is no {other.name}"]
        bound = glued(nbformat.read(other, as_version=4))
    return [] if name in bound else [f"cell {k} refers to {reference}, which no cell binds"]


def _typed(nb: NotebookNode) -> Iterator[tuple[int, str]]:
    """Yield (cell, number) for what looks measured under headings that speak of results."""
    inside = 0  # the level of the heading that speaks of results, 0 outside
    for k, cell in _prose(nb):
        for line in _lines(cell.source):
            heading = re.match(r"(#+)\s+(.*)", line)
            if heading:
                level = len(heading[1])
                if not inside or level <= inside:
                    inside = level if _RESULTS.search(heading[2]) else 0
            elif inside:
                yield from ((k, m[0].strip()) for m in _MEASURED.finditer(_EXEMPT.sub("", line)))


def _lines(source: str) -> Iterator[str]:
    """Yield the lines that are prose: none of code blocks, display maths and comments."""
    fences: list[tuple[str, bool]] = []  # open fences, innermost last, and whether each holds code
    maths = False
    for line in _COMMENT.sub("", source).splitlines():
        in_code = bool(fences) and fences[-1][1]
        fence = _FENCE.fullmatch(line)
        if fence and fences and fence[1] == fences[-1][0] and not fence[2].strip():
            fences.pop()
        elif fence and not in_code:
            fences.append((fence[1], bool(_CODE.match(fence[2].strip()))))
        elif not in_code:
            was, maths = maths, maths ^ (line.count("$$") % 2 == 1)
            if not (was or maths):
                yield line


def _checked(nb: NotebookNode) -> Iterator[str]:
    for output in _outputs(nb):
        if output.output_type == "stream":
            for line in output.text.splitlines():
                if line.startswith(_HOLDS):
                    yield line.removeprefix(_HOLDS)


def _plain(text: str) -> str:
    """Drop emphasis, case, spacing and a closing full stop."""
    return " ".join(re.sub(r"[*_`]", "", text).lower().split()).removesuffix(".")
