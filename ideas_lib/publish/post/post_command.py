"""`ideas post`. What it needs is imported only when it runs."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

__all__ = ["post"]

FLAVORS = ("myst", "hugo", "jekyll", "quarto")

POST = """\b
Examples:
  ideas post chapters/transformers/null-attention.ipynb --out blog/
  ideas post posts/low-value-work.ipynb --flavor hugo --out site/content/posts
  ideas post "2024-05-06-My Post.ipynb" --flavor jekyll --check
  ideas post notebooks/ --flavor hugo --out site/content/posts
  ideas post notebooks/ --watch
  ideas post chapters/trees/soft-trees.ipynb --summarise --out blog/

\b
What the post says of itself, in a first raw or Markdown cell (or in the notebook's metadata):
  ---
  title: A title
  date: 2024-05-06T10:30+02:00
  author: A. N. Author
  tags: [attention, sinks]
  categories: [notes]
  description: One sentence.
  draft: false
  ---
A date may begin the file's name instead. Without them: first heading, today, first paragraph.
"""


@click.command("post", epilog=POST, short_help="Write a notebook as a blog post.")
@click.argument("notebook", type=click.Path(exists=True, path_type=Path))
@click.option("--flavor", type=click.Choice(FLAVORS), default="myst", show_default=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to; it is made if need be.",
)
@click.option(
    "--max-output",
    type=click.IntRange(min=0),
    default=60,
    show_default=True,
    metavar="LINES",
    help="Lines shown of one output, its middle left out; 0 for all.",
)
@click.option("--watch", is_flag=True, help="Show it in a browser, anew when it changes.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Where --watch serves it, on this machine alone; 0 takes one that is free.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if something cannot be shown.")
@click.option("--force", is_flag=True, help="Replace files that another program wrote, or you.")
@click.option("--summarise", is_flag=True, help="Ask a model for title, summary and social text.")
@click.option("--endpoint", help="A URL, a model's name, or a GGUF file; else a local model.")
@click.option("--model", help="One of the endpoint's models, or of `ideas models`.")
@click.option(
    "--samples", type=click.IntRange(1, 32), help="Suggestions of each, 4 unless it is given."
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A JSONL file of what models answered: what stands there is not asked for again.",
)
def post(
    notebook: Path,
    flavor: str,
    out: Path | None,
    max_output: int,
    watch: bool,
    port: int,
    check: bool,
    force: bool,
    summarise: bool,
    **asked: Any,
) -> None:
    """Write NOTEBOOK as a blog post: Markdown with front matter, and its figures beside it.

    Any notebook will do, in this book or not; of a folder, all notebooks in it and below. What the
    flavor cannot show (a widget, or HTML where the blog takes none) is replaced by words, a link or
    a note, and named on stderr; --check only names it, with what a post lacks that leaves cells
    out, and exits with 1 if there is any. An earlier post of the same notebook is replaced if it is
    as it was written, and no other file. Nothing from outside the notebook's folder or its checkout
    comes along. --watch writes nothing, unless --out says where; Ctrl-C ends it.

    --summarise prints a title, a summary of two sentences and a social text; --out puts the first
    two into the post. A model's suggestion is kept only if its sentences are the notebook's own,
    word for word, but for how numbers and marks are written, and an interval or an effect that may
    go: so each number and name in it stands there, and no claim is turned. Else it says what was
    rejected and why, and the notebook's own title, first paragraph and verdict stand in, or the
    summary that it states. The notebook stays as it is.
    """
    from ideas_lib.publish.post.exporter import PostError, notes_on, slugs_of, write_post
    from ideas_lib.publish.post.watch import notebooks_in

    if check and (watch or out):
        raise click.UsageError("--check writes and shows nothing: leave out --watch and --out")
    if summarise and (check or watch):
        raise click.UsageError("--summarise asks a model: leave out --check and --watch")
    wanted = {name: value for name, value in asked.items() if value is not None}
    if wanted and not summarise:
        raise click.UsageError(f"--{next(iter(wanted))} is for --summarise: give that as well")
    if out is None and not (check or watch or summarise):
        raise click.UsageError(
            "--out FOLDER says where the post goes: give it, --check, --watch or --summarise"
        )

    def write(path: Path, slug: str = "") -> Path:
        words = _suggested(path, wanted) if summarise else {}
        if out is None:
            return path  # its words were asked for, and no post
        return write_post(
            path,
            flavor,
            out,
            max_output=max_output,
            tell=_warn,
            force=force,
            slug=slug,
            words=words,
        )

    if watch:
        _watch(notebook, flavor, port, max_output, write if out else None)
        return
    several = notebook.is_dir()
    found, lost = notebooks_in(notebook), 0
    slugs = slugs_of(found, notebook) if several and not check else {}
    noted = False
    for path in found:
        try:
            if check:
                notes = notes_on(path, flavor)
                for note in notes:
                    click.echo(f"{path.relative_to(notebook) if several else path.name}: {note}")
                noted = noted or bool(notes)
            else:
                if several and not out:
                    click.echo(f"{path.relative_to(notebook)}:")
                made = write(path, slugs.get(path, ""))
                if out:
                    click.echo(str(made))
        except PostError as error:
            if not several:
                raise
            lost += 1
            click.echo(f"Error: {error}", err=True)
    if lost:
        raise PostError(f"{lost} of {len(found)} notebooks are no posts: the lines above say why")
    raise SystemExit(1 if noted else 0)


def _watch(
    path: Path, flavor: str, port: int, max_output: int, write: Callable[[Path], Path] | None
) -> None:
    """Serve a preview until Ctrl-C."""
    from ideas_lib.publish.post.watch import Preview, notebooks_in, serve

    preview = Preview(path, flavor, _warn, max_output, write)
    server = serve(preview, port)
    try:
        click.echo(f"http://127.0.0.1:{server.server_port}/ shows {path}; Ctrl-C ends it")
        for notebook in notebooks_in(preview.path):
            preview.page(notebook)
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("ended")
    finally:
        server.server_close()


def _suggested(path: Path, wanted: Mapping[str, Any]) -> dict[str, str]:
    """Print what the post is to say of itself, and return it.

    A title of the notebook's own is left out: the post has it already, with its markup.
    """
    from ideas_lib.publish.post.summarise.suggesting import summarise

    found = summarise(path, **wanted)
    for choice in found.values():
        click.echo("\n".join(choice.lines()))
    return {part: c.text for part, c in found.items() if c.model or part != "title"}


def _warn(note: str) -> None:
    click.echo(note, err=True)
