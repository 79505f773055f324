"""`ideas compile`. What it needs is imported only when it runs."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ideas_lib.programs.compilation.compiling import Compiled

__all__ = ["compile_command"]

EPILOG = """\b
Examples:
  ideas compile goal.py:hamming --to c --out build/
  ideas compile goal.py:hamming --to int32 --out build/ --json
  ideas compile --check build/hamming.cert.json

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
    checked: str | None,
    timeout: float,
    force: bool,
    as_json: bool,
) -> None:
    """Take a goal, a function in a small part of Python, to C or WebAssembly in certified steps.

    A step is certified when a solver has shown that it does the same for all arguments of 32 bits
    that satisfy the `pre:` lines of the docstring. The certificate holds all sources, and --check
    proves it anew with another, smaller program. The printed C or WebAssembly is read back phrase
    for phrase; what a compiler makes of it is tested. Your file is read, never run.
    """
    if checked is not None:
        if goal or to or out:
            raise click.UsageError("--check takes a certificate and nothing else")
        _check(Path(checked), timeout, as_json)
        return
    if not (goal and to and out):
        raise click.UsageError("name a goal as FILE.py:FUNCTION, and give --to and --out")
    made = _compile(goal, to, Path(out), timeout, force, as_json)
    context.exit(0 if made else 1)


def _compile(goal: str, to: str, out: Path, timeout: float, force: bool, as_json: bool) -> bool:
    from tqdm import tqdm

    from ideas_lib.files import check_output, read_plain
    from ideas_lib.programs.compilation.checker import BadCertificate, check_certificate
    from ideas_lib.programs.compilation.compiling import NotCertified, compile_goal
    from ideas_lib.programs.compilation.program import read_program
    from ideas_lib.programs.compilation.subset import Outside

    name, _, entry = goal.rpartition(":")
    path = Path(name or goal)
    if not name or not path.is_file():
        raise click.UsageError(f"there is no file {path}: name a goal as FILE.py:FUNCTION")
    try:
        program = read_program(read_plain(path).decode("utf-8"), entry)
    except (Outside, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from None
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
            made = compile_goal(program, to, timeout=timeout, told=told)
        except Outside as error:
            raise click.UsageError(f"{path}: {error}") from None
        except NotCertified as error:
            found = {"certified": False, "step": error.step, **asdict(error.certificate)}
            click.echo(json.dumps(found, indent=2) if as_json else f"not certified, {error}")
            return False
        try:
            check_certificate(made.certificate, timeout)
        except BadCertificate as error:
            found = {"certified": False, "step": "check", "reason": str(error)}
            said = f"not certified: the checker says of its certificate: {error}"
            click.echo(json.dumps(found, indent=2) if as_json else said)
            return False
    _write(made, places, force)
    if as_json:
        steps_found = [asdict(step) for step in made.steps]
        files = [str(place) for place in places.values()]
        object_ = {"certified": True, "claim": made.claim, "steps": steps_found, "files": files}
        click.echo(json.dumps(object_, indent=2))
    else:
        click.echo(f"{made.claim}\nchecked again; {', '.join(map(str, places.values()))}")
    return True


def _places(out: Path, entry: str, to: str) -> dict[str, Path]:
    ending = {"c": "c", "wasm": "wat"}.get(to, f"{to}.py")
    return {to: out / f"{entry}.{ending}", "certificate": out / f"{entry}.cert.json"}


def _write(made: "Compiled", places: dict[str, Path], force: bool) -> None:
    from ideas_lib.files import write_output

    for kind, place in places.items():
        text = made.certificate if kind == "certificate" else made.forms[kind]
        write_output(place, text, force=force)


def _check(path: Path, timeout: float, as_json: bool) -> None:
    from ideas_lib.files import read_plain
    from ideas_lib.formatting import printable
    from ideas_lib.programs.compilation.checker import BadCertificate, check_certificate

    lines: list[str] = []

    def told(line: str) -> None:
        lines.append(line)
        if not as_json:
            click.echo(f" {printable(line)}")

    try:
        claim = check_certificate(read_plain(path).decode("utf-8"), timeout, told)
    except (BadCertificate, UnicodeDecodeError) as error:
        if as_json:
            click.echo(json.dumps({"holds": False, "reason": str(error)}, indent=2))
            raise click.exceptions.Exit(1) from None
        raise click.ClickException(f"{path}: {printable(str(error))}") from None
    found = {"holds": True, "claim": claim, "steps": lines}
    click.echo(json.dumps(found, indent=2) if as_json else f"holds: {printable(claim)}")
