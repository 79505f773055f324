"""The options of every command that has a language model write programs: who writes, and how."""

from collections.abc import Callable
from typing import Any

import click

__all__ = ["writer_options"]

OPTIONS = (
    click.option("--endpoint", help="A URL, a model's name, or a GGUF file; else a local model."),
    click.option("--model", help="One of the endpoint's models."),
    click.option(
        "--style",
        type=click.Choice(["completion", "chat"]),
        default="completion",
        show_default=True,
        help="Whether the endpoint goes on writing, or is asked in words.",
    ),
)


def writer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--endpoint`, `--model` and `--style`, in this order."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
