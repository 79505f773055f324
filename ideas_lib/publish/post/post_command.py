"""`ideas post`. What it needs is imported only when it runs."""

from pathlib import Path

import click

__all__ = ["post"]

FLAVORS = ("myst", "hugo", "jekyll", "quarto")

POST = """\b
Examples:
  ideas post chapters/transformers/null-attention.ipynb --out blog/
  ideas post posts/superficiality.ipynb --flavor hugo --out site/content/posts
  ideas post "2024-05-06-My Post.ipynb" --flavor jekyll --check

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
@click.argument("notebook", type=click.Path(exists=True, dir_okay=False, path_type=Path))
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
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if something cannot be shown.")
@click.option("--force", is_flag=True, help="Replace files that another program wrote, or you.")
def post(
    notebook: Path, flavor: str, out: Path | None, max_output: int, check: bool, force: bool
) -> None:
    """Write NOTEBOOK as a blog post: Markdown with front matter, and its figures beside it.

    Any notebook will do, in this book or not. What the flavor cannot show (a widget, or HTML where
    the blog takes none) is replaced by words, a link or a note, and named on stderr; --check only
    names it, and exits with 1 if there is any. An earlier post of the same notebook is replaced if
    it is as it was written, and no other file.
    """
    from ideas_lib.publish.post.exporter import notes_on, write_post

    if check:
        found = notes_on(notebook, flavor)
        for note in found:
            click.echo(f"{notebook.name}: {note}")
        raise SystemExit(1 if found else 0)
    if out is None:
        raise click.UsageError("--out FOLDER says where the post goes: give it, or --check")
    written = write_post(notebook, flavor, out, max_output=max_output, tell=_warn, force=force)
    click.echo(str(written))


def _warn(note: str) -> None:
    click.echo(note, err=True)
