"""The essay's figures: who follows a hint how far, and a digit whose hint its reader can move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import ArrayLike, NDArray

from ideas_lib.essays.superficiality.hints import BLANK
from ideas_lib.figures.interact import Interactive
from ideas_lib.figures.look import COLOURS, FAINT, INK
from ideas_lib.figures.settling import SMALL, drawing, finite
from ideas_lib.formatting import number
from ideas_lib.resources import resource

__all__ = ["Listener", "every_answer", "plot_hint", "plot_reliance"]

SCRIPT = resource(__file__, "hint_figure.js")
OTHERS = "#b0b0b0"
APART = 0.075  # of names at the ends of lines
NEAR = 3  # classes from the truth to the lamp that is lit at first


@drawing()
def plot_reliance(
    reliabilities: Sequence[float],
    panels: Mapping[str, tuple[ArrayLike, Mapping[str, ArrayLike]]],
) -> tuple[Figure, str]:
    """Draw how often a wrong hint is followed by how reliable hints were, a panel a material.

    A panel has what is warranted (reliabilities,), dashed, and the same of each learner; the one
    that follows most at the reliability before the last is named, and the one that follows least.
    Returns the figure and its alt text. Raises ValueError for no panel, or more than two.
    """
    if not 1 <= len(panels) <= 2:
        raise ValueError(f"{len(panels)} panels: 1 or 2 fit side by side")
    fig = Figure(figsize=(5.6, 3.5))
    said, at = [], len(reliabilities) - 2
    places = np.arange(len(reliabilities))  # evenly, for the last three lie close
    for ax, (material, (ideal, learners)) in zip(
        np.atleast_1d(fig.subplots(1, len(panels), sharey=True)), panels.items(), strict=True
    ):
        warranted = finite("what is warranted", ideal, 1)
        lines = {name: finite(name, line, 1) for name, line in learners.items()}
        order = sorted(lines, key=lambda name: lines[name][at])
        named = {order[-1]: COLOURS[1], order[0]: COLOURS[0]}
        for name, line in lines.items():
            if name not in named:
                ax.plot(places, line, color=OTHERS, lw=1.5)
        ax.plot(places, warranted, color=INK, lw=2.5, ls=(0, (4, 2)), label="warranted")
        for name, colour in named.items():
            ax.plot(places, lines[name], color=colour, lw=2.5, label=name)
        ax.legend(loc="best", fontsize=SMALL, handlelength=1.6, borderaxespad=0.1)
        _axes(ax, material, reliabilities)
        said.append(
            f"{material}, at {reliabilities[at]:g}: warranted {_share(warranted[at])}, "
            + ", ".join(f"{name} {_share(lines[name][at])}" for name in reversed(order))
        )
    fig.axes[0].set_ylabel("wrong hints that are followed")
    fig.supxlabel("how often the hint was right", fontsize=12)
    return fig, f"Share of wrong hints that are followed. {'; '.join(said)}."


def _axes(ax: Axes, material: str, reliabilities: Sequence[float]) -> None:
    ax.set_title(material, fontsize=13)
    ax.set(ylim=(-0.02, 1.02), xlim=(-0.2, len(reliabilities) - 0.8))
    ax.xaxis.set_major_locator(FixedLocator(range(len(reliabilities))))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticklabels([f"{r:g}".lstrip("0") for r in reliabilities], fontsize=SMALL)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))
    ax.tick_params(colors=FAINT)


def _share(value: float) -> str:
    return number(value, ".0%")


@dataclass(frozen=True)
class Listener:
    """One who answers: `answers` (reliabilities, images, 11), the last of eleven with no hint.

    `follows` (reliabilities,) are the shares of wrong hints followed, of all that were asked.
    """

    answers: NDArray[np.int64]
    follows: NDArray[np.float64]


@drawing()
def plot_hint(
    images: NDArray[np.float64],
    truths: NDArray[np.int64],
    reliabilities: Sequence[float],
    listeners: Mapping[str, Listener],
) -> Interactive:
    """Return digits whose lamp a reader can move, and what listeners answer, the first guessed at.

    `images` (n, 64) have pixels from 0 to 1. The picture shows the first digit with a wrong lamp,
    at the reliability before the last. Raises ValueError where answers are not of these shapes.
    """
    shape = (len(reliabilities), len(images), 11)
    for name, each in listeners.items():
        if each.answers.shape != shape:
            raise ValueError(f"{name} has answers of shape {each.answers.shape}, not {shape}")
    dose, truth = len(reliabilities) - 2, int(truths[0])
    lamp = (truth + NEAR) % 10
    said = {name: int(each.answers[dose, 0, lamp]) for name, each in listeners.items()}
    data = {
        "images": np.rint(16 * images).astype(int),
        "truths": truths,
        "reliabilities": list(reliabilities),
        "who": list(listeners),
        "answers": [["".join(map(str, a.ravel())) for a in e.answers] for e in listeners.values()],
        "follows": [np.round(each.follows, 3) for each in listeners.values()],
        "start": {"image": 0, "lamp": lamp, "dose": dose},
    }
    answers = "; ".join(f"{name} answers {answer}" for name, answer in said.items())
    alt = (
        f"A digit {truth} with lamp {lamp} lit, where the lamp was right in "
        f"{100 * reliabilities[dose]:g} of 100 while learning: {answers}."
    )
    fig = _picture(images[0], truth, lamp, said)
    return Interactive("A digit and its hint", [SCRIPT], data, fig, alt)


def _picture(image: NDArray[np.float64], truth: int, lamp: int, said: Mapping[str, int]) -> Figure:
    fig = Figure(figsize=(5.6, 2.6))
    left, right = fig.subplots(1, 2, width_ratios=(1, 1.6))
    left.imshow(image.reshape(8, 8), cmap="Greys", vmin=0, vmax=1)
    for k in range(10):
        x, lit = 0.3 + 0.77 * k - 0.5, k == lamp
        left.plot(x, 8.5, "o", ms=9, mfc=COLOURS[1] if lit else "white", mec=FAINT, clip_on=False)
        left.text(x, 9.6, str(k), ha="center", va="center", fontsize=SMALL, color=FAINT)
    left.set(xlim=(-0.5, 7.5), ylim=(10, -0.5))
    for ax in (left, right):
        ax.set_axis_off()
    for k, (name, answer) in enumerate(said.items()):
        y = 0.95 - 0.19 * k
        colour = COLOURS[0] if answer == truth else COLOURS[1] if answer == lamp else INK
        right.text(0.0, y, f"{name} answers", va="center")
        right.text(0.85, y, str(answer), va="center", ha="center", color=colour, weight="bold")
    right.set(xlim=(0, 1), ylim=(0, 1.05))
    return fig


def every_answer(answers: Any, classes: int, count: int) -> NDArray[np.int64]:
    """Return what `answers` gives to `count` samples with each hint, (count, classes + 1).

    `answers` takes a hint for each sample; the last column is with no hint.
    """
    shown = [*range(classes), BLANK]
    return np.column_stack([answers(np.full(count, hint)) for hint in shown]).astype(np.int64)
