"""A picture of what is open: which programs do what on the inputs that tell them apart."""

from typing import Any

from matplotlib.figure import Figure

from ideas_lib.figures.look import COLOURS, FAINT, INK
from ideas_lib.figures.settling import SMALL, drawing
from ideas_lib.programs.ambiguity.narrowing import Narrowed

__all__ = ["plot_narrowing"]

ROW, HEAD, WIDE = 0.42, 0.75, 5.6  # inches
LETTERS = 24  # of a call that is shown
LETTER = 0.08  # inches, of a letter at most


@drawing()
def plot_narrowing(state: Narrowed, most: int = 5) -> tuple[Figure, str]:
    """Draw the questions that are open as rows, programs as columns: equal colours, equal outcomes.

    Programs that do the same are side by side, the best question is on top. Returns the figure and
    its alt text. Raises ValueError where nothing is open.
    """
    if not state.questions:
        raise ValueError("nothing is open: there is no question to draw")
    questions = state.questions[:most]
    names = [name for group in state.clusters for name in group]
    height = HEAD + ROW * len(questions) + 0.1
    fig = Figure(figsize=(WIDE, height))
    fig.set_layout_engine("none")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDE), ylim=(height, 0))
    ax.axis("off")
    start = 0.2 + LETTER * min(LETTERS, max(len(each.call) for each in questions))
    width = (WIDE - start - 0.5) / len(names)
    at = {name: start + width * place for place, name in enumerate(names)}
    style: dict[str, Any] = {"fontsize": SMALL, "va": "center", "parse_math": False}
    ax.text(0.05, HEAD - 0.25, "input", color=INK, fontweight="bold", **style)
    ax.text(WIDE - 0.05, HEAD - 0.25, "bits", color=INK, fontweight="bold", ha="right", **style)
    for group in state.clusters:
        left, right = at[group[0]], at[group[-1]] + width
        ax.plot([left + 0.03, right - 0.03], [HEAD - 0.1] * 2, color=FAINT, lw=1)
        words = group[0] if len(group) == 1 else f"{len(group)} alike"
        if LETTER * len(words) <= right - left:
            ax.text((left + right) / 2, HEAD - 0.25, words, color=FAINT, ha="center", **style)
    for place, question in enumerate(questions):
        middle = HEAD + ROW * (place + 0.5)
        call = question.call
        shown = call if len(call) <= LETTERS else f"{call[: LETTERS - 1]}…"
        ax.text(0.05, middle, shown, color=INK, **style)
        ax.text(WIDE - 0.05, middle, f"{question.bits:.1f}", color=INK, ha="right", **style)
        for number, (outcome, some) in enumerate(question.outputs):
            colour = COLOURS[number % len(COLOURS)]
            for name in some:
                left = at[name] + 0.02
                ax.fill_between([left, left + width - 0.04], middle - 0.17, middle + 0.17,
                                color=colour, lw=0)  # fmt: skip
                words = outcome.shown.removeprefix("raises ")
                if LETTER * len(words) <= width - 0.06:
                    ax.text(
                        left + width / 2 - 0.02, middle, words,
                        color="white", ha="center", **style,
                    )  # fmt: skip
    first = questions[0]
    outputs = ", ".join(f"{outcome.shown} ×{len(some)}" for outcome, some in first.outputs)
    said = f"{len(names)} programs in {len(state.clusters)} groups, and {len(questions)} inputs"
    return fig, f"What {said} they differ on; the best question, {first.call}: {outputs}."
