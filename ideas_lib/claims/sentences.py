"""Numbers and sentences in prose, bound to results.

A notebook's prose holds no measured number: it says {glue:text}`gain`, and a code cell binds `gain`
with `Claims.number`. What prose says in words is checked: by `Claims.above`, `below` and `within`
where it compares, which ask the interval; by `Claims.holds` where it is a fact without noise. So a
page cannot part from its results in silence: either the number follows, or the cell fails.
"""

import math
import re
from collections.abc import Mapping

import numpy as np
from IPython.core.getipython import get_ipython
from IPython.display import display

from ideas_lib.formatting import number
from ideas_lib.intervals import Interval
from ideas_lib.measured import Measured
from ideas_lib.results import Results
from ideas_lib.verdict import Verdict

__all__ = ["HOLDS", "ClaimFailed", "Claims"]

# What myst-nb's own `glue(..., display=False)` writes; a test holds the two equal. Written here,
# because notebooks also run where the book's builder is not installed.
_PREFIX = "application/papermill.record/"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
HOLDS = "holds: "


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
        print(HOLDS + sentence)

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
        print(HOLDS + sentence)


def _where() -> tuple[str | None, str]:
    """Return the running cell's id, where a front end gave one, and that of the request to run."""
    parent = getattr(get_ipython(), "parent_header", None) or {}
    return parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id", "")


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
