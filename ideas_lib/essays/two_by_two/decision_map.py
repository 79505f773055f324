"""The essay's figures: what tools leave to a person and what arrives, measured and guessed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from ideas_lib.figures.interact import Interactive
from ideas_lib.figures.look import COLOURS, FAINT, INK
from ideas_lib.figures.settling import SMALL, drawing, finite, named_axes
from ideas_lib.formatting import number
from ideas_lib.resources import resource

__all__ = ["ToolPoint", "plot_decisions", "plot_guesses"]

AFTER = COLOURS[1]
SCRIPT = resource(__file__, "decision_map.js")
BOXES = (  # words, and where they stand: shares of both axes, from the left and from below
    ("little asked, much arrives", 0.02, 0.97),
    ("much asked, much arrives", 0.98, 0.97),
    ("little asked, little arrives", 0.02, 0.03),
    ("much asked, little arrives", 0.98, 0.03),
)


@dataclass(frozen=True)
class ToolPoint:
    """A tool: the share of decisions it leaves to the person, and the bits that arrive.

    `alone` are the same for the same decisions without the tool. `said` are pairs of texts, what
    was meant and what arrived.
    """

    name: str
    decisions: float
    bits: float
    alone: tuple[float, float]
    said: tuple[tuple[str, str], ...] = ()


@drawing()
def plot_decisions(whole: float, tool: ToolPoint, ceiling: float, alone: str) -> tuple[Figure, str]:
    """Draw one tool on the map: typed in full, the same decisions `alone`, and with the tool.

    `whole` are the bits of a sentence typed in full. Returns the figure and its alt text.
    """
    finite("bits", [whole, tool.bits, *tool.alone], 1)
    fig, ax = named_axes(3.6, "")
    _boxes(ax, ceiling)
    (x, y), (x0, y0) = (tool.decisions, tool.bits), tool.alone
    ax.annotate("", (x, y), (x0, y0), arrowprops={"arrowstyle": "-|>", "lw": 2.5, "color": AFTER})
    ax.plot(x0, y0, "o", ms=11, mfc="white", mec=INK, mew=2)
    ax.plot(x, y, "o", ms=11, color=AFTER)
    ax.plot(1, whole, "o", ms=11, color=COLOURS[0], clip_on=False)
    apart = ("bottom", "top") if y0 >= y else ("top", "bottom")
    ax.text(x0 + 0.03, y0, _named(alone, y0), va=apart[0])
    ax.text(x + 0.03, y, _named(tool.name, y), va=apart[1], color=AFTER)
    ax.text(0.97, whole - 0.11 * ceiling, _named("typed in full", whole), ha="right", va="top")
    said = f"{_named(alone, y0)}; {_named(tool.name, y)}; {_named('typed in full', whole)}"
    where = f"Bits that arrive, of {ceiling:g}, where {number(x, '.0%')} of the decisions are hers"
    return fig, f"{where}. {said}."


@drawing()
def plot_guesses(tools: Sequence[ToolPoint], tasks: Sequence[str], ceiling: float) -> Interactive:
    """Return a map on which a reader places tools, and then sees where they were measured to be.

    `tasks` are names of what was not measured: they can be placed, and stay hollow. Raises
    ValueError for no tool, or for more than fourteen names.
    """
    names = [*(tool.name for tool in tools), *tasks]
    if not tools or len(names) > 14:
        raise ValueError(f"{len(tools)} tools of {len(names)} names: 1 to 14 can be told apart")
    finite("bits", [value for tool in tools for value in (tool.bits, *tool.alone)], 1)
    fig = Figure(figsize=(5.6, 3.6))
    ax = fig.add_subplot()
    _boxes(ax, ceiling)
    for k, name in enumerate(names):
        y = ceiling * (0.86 - 0.72 * k / max(len(names) - 1, 1))
        ax.plot(0.32, y, "o", ms=14, mfc="white", mec=INK, mew=1.5)
        ax.text(0.32, y, str(k + 1), ha="center", va="center", fontsize=SMALL - 3)
        ax.text(0.365, y, name, va="center", fontsize=SMALL)
    alt = f"An empty map of four boxes, and {len(names)} names to place on it: {'; '.join(names)}."
    data = {"tools": [asdict(tool) for tool in tools], "tasks": list(tasks), "ceiling": ceiling}
    return Interactive("A map to guess on", [SCRIPT], data, fig, alt)


def _boxes(ax: Axes, ceiling: float) -> None:
    ax.set(xlim=(0, 1), ylim=(0, ceiling))
    ax.set(
        xlabel="decisions that are left to the person", ylabel=f"bits that arrive, of {ceiling:g}"
    )
    ax.axvline(0.5, color="#d0d0d0", lw=1)
    ax.axhline(ceiling / 2, color="#d0d0d0", lw=1)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))
    ax.tick_params(colors=FAINT)
    for words, x, y in BOXES:
        ax.text(
            x, y, words, color=FAINT, fontsize=SMALL - 1, transform=ax.transAxes,
            ha="left" if x < 0.5 else "right", va="top" if y > 0.5 else "bottom",
        )  # fmt: skip


def _named(name: str, bits: float) -> str:
    return f"{name}: {number(bits, '.1f')}"
