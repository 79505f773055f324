"""`ideas compile`. What it needs is imported only when it runs."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ideas_lib.programs.compilation.compiling import Compiled
    from ideas_lib.programs.compilation.program import IntegerProgram

__all__ = ["compile_command"]

ENDINGS = {"loop": "loop.py", "int32": "int32.py", "c": "c", "wasm": "wat"}

EPILOG = """\b
Examples:
  ideas compile goal.py:hamming --to c --out build/
  ideas compile goal.py:hamming --to int32 --out build/ --json
  ideas compile goal.py:hamming --to wasm --proposal fast.py --out build/
  ideas compile --check build/hamming.cert.json
  ideas compile goal.py:hamming --check build/hamming.cert.json

\b
A goal is a function on integers, readable and slow:
  def hamming(x: int, y: int) -> int:
      '''Count the bits in which x and y differ.

\b
      pre: x >= 0 and y >= 0
      post: 0 <= __return__ <= 31
      '''
      return sum((x >> i) % 2 != (y >> i) % 2 for i in range(31))

Exit code 0 when every step is certified, 1 when one is refuted or unknown.
"""


@click.command("compile", epilog=EPILOG, short_help="From a goal in Python to C, with proofs.")
@click.argument("goal", metavar="[FILE.py:FUNCTION]", required=False)
@click.option("--to", type=click.Choice(["loop", "int32", "c", "wasm"]), help="How far to go.")
@click.option("--out", type=click.Path(file_okay=False), help="The folder to write to.")
@click.option("--proposal", type=click.Path(), help="A file with another program for the goal.")
@click.option("--check", "checked", type=click.Path(), help="A certificate to check again.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds for each step.",
)
@click.option("--force", is_flag=True, help="Replace files that this command did not write.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object, for programs.")
@click.pass_context
def compile_command(
    context: click.Context,
    goal: str | None,
    to: str | None,
    out: str | None,
    proposal: str | None,
    checked: str | None,
    timeout: float,
    force: bool,
    as_json: bool,
) -> None:
    """Take a goal, a function in a small part of Python, to C or WebAssembly in certified steps.

    A step is certified when a solver has shown that it does the same for all arguments of 32 bits
    that satisfy the `pre:` lines of the docstring; with --proposal, the program in that file has to
    be, and is compiled. The certificate has the goal and the last form in Python; --check proves it
    anew with another, smaller program. The printed C or WebAssembly is read back phrase for
    phrase; what a compiler makes of it is tested. Your files are read, never run.
    """
    if checked is not None:
        if to or out or proposal:
            raise click.UsageError("--check takes a certificate, and the goal if you like, alone")
        _check(Path(checked), goal, timeout, as_json)
        return
    if not (goal and to and out):
        raise click.UsageError("name a goal as FILE.py:FUNCTION, and give --to and --out")
    made = _compile(goal, to, Path(out), proposal, timeout, force, as_json)
    context.exit(0 if made else 1)


def _read_goal(goal: str) -> "IntegerProgram":
    from ideas_lib.files import read_plain
    from ideas_lib.programs.compilation.program import read_integer_program
    from ideas_lib.programs.compilation.subset import Outside

    name, _, entry = goal.rpartition(":")
    path = Path(name or goal)
    if not (name and entry) or not path.is_file():
        raise click.UsageError(f"{goal}: name a file that is there, and its function: FILE.py:NAME")
    try:
        return read_integer_program(read_plain(path).decode("utf-8"), entry)
    except (Outside, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from None


def _compile(
    goal: str,
    to: str,
    out: Path,
    proposal: str | None,
    timeout: float,
    force: bool,
    as_json: bool,
) -> bool:
    from tqdm import tqdm

    from ideas_lib.files import check_output, write_output
    from ideas_lib.programs.compilation.compiling import NotCertified, compile_goal
    from ideas_lib.programs.compilation.subset import Outside

    program = _read_goal(goal)
    entry, other = program.entry, _read_goal(f"{proposal}:{program.entry}") if proposal else None
    if other and [p.name for p in other.parameters] != [p.name for p in program.parameters]:
        names = ", ".join(p.name for p in program.parameters)
        raise click.UsageError(f"{proposal}: {entry} has to take {names}, as the goal does")
    places = _places(out, entry, to)
    out.mkdir(parents=True, exist_ok=True)
    for place in places.values():
        check_output(place, force=force)
    steps: list[Any] = []
    with tqdm(desc="certifying", total=5, delay=2, leave=False, disable=None) as bar:

        def told(step: Any) -> None:
            steps.append(step)
            bar.update()
            if not as_json:
                bar.write(f" {len(steps)} {step.name:6} {step.status}: {step.how}")

        try:
            made = compile_goal(program, to, proposal=other, timeout=timeout, told=told)
        except Outside as error:
            raise click.UsageError(f"{goal}: {error}") from None
        except NotCertified as error:
            refuted = out / f"{entry}.refuted.py" if error.text else None
            if refuted:
                write_output(refuted, error.text, force=force)
            found = {"certified": False, "step": error.step, **asdict(error.certificate)}
            shown = {**found, "counterexample_file": str(refuted) if refuted else None}
            way = f"\nto see it: python {refuted}" if refuted else ""
            said = f"not certified, {error}{way}"
            click.echo(json.dumps(shown, indent=2) if as_json else said)
            return False
    _write(made, places, force)
    if as_json:
        steps_found = [asdict(step) for step in made.steps]
        files = [str(place) for place in places.values()]
        object_ = {"certified": True, "claim": made.claim, "steps": steps_found, "files": files}
        click.echo(json.dumps(object_, indent=2))
    else:
        click.echo(f"{made.claim}\nwrote {', '.join(map(str, places.values()))}")
    return True


def _places(out: Path, entry: str, to: str) -> dict[str, Path]:
    return {to: out / f"{entry}.{ENDINGS[to]}", "certificate": out / f"{entry}.cert.json"}


def _write(made: "Compiled", places: dict[str, Path], force: bool) -> None:
    from ideas_lib.files import write_output

    for kind, place in places.items():
        text = made.certificate if kind == "certificate" else made.forms[kind]
        write_output(place, text, force=force)


def _check(path: Path, goal: str | None, timeout: float, as_json: bool) -> None:
    from ideas_lib.files import read_plain
    from ideas_lib.formatting import printable
    from ideas_lib.programs.compilation.certificate_checker import (
        BadCertificate,
        check_certificate,
    )

    program = _read_goal(goal) if goal else None
    try:
        text = read_plain(path).decode("utf-8")
        claim = check_certificate(text, timeout)
        data = json.loads(text)
        if program and program.source != data["goal"]:
            raise BadCertificate(f"it is of another goal than {goal}")
        beside = _beside(path, data)
    except (BadCertificate, ValueError, OSError) as error:
        if as_json:
            click.echo(json.dumps({"holds": False, "reason": str(error)}, indent=2))
            raise click.exceptions.Exit(1) from None
        raise click.ClickException(f"{path}: {printable(str(error))}") from None
    found = {"holds": True, "claim": claim, "files": beside}
    lines = "".join(f"\n{place} is its form" for place in beside)
    click.echo(json.dumps(found, indent=2) if as_json else f"holds: {printable(claim)}{lines}")


def _beside(path: Path, data: dict[str, Any]) -> list[str]:
    """Return the files beside a certificate that are its form; raise ValueError for others."""
    from ideas_lib.files import read_plain
    from ideas_lib.programs.compilation.reading_back import check_printed

    found = []
    stem = path.name.removesuffix(".cert.json")
    for to, ending in ENDINGS.items():
        place = path.with_name(f"{stem}.{ending}")
        if place == path or not place.exists():
            continue
        text = read_plain(place).decode("utf-8")
        try:
            if to in ("c", "wasm"):
                check_printed(text, to, data["form"])
            elif to == data["to"] and text != data["form"]:
                raise ValueError("it is not the form that was certified")
        except (ValueError, IndexError, KeyError, RecursionError) as error:
            raise ValueError(f"{place}: {error}") from None
        found += [str(place)] if to in ("c", "wasm", data["to"]) else []
    return found
