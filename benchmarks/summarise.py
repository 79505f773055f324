"""How often do local models pick words for a post that the notebook bears?

    python benchmarks/summarise.py --record answers.jsonl
    python benchmarks/summarise.py --models smollm2-135m-instruct --notebooks 'chapters/trees/*'

Printed are, for each model and part, the notebooks of which a suggestion passed, the reasons of the
others, and each text that passed beside the notebook's own, for a reader to say which is better: a
model that copies dull sentences passes, too. A run that was stopped goes on.
"""

import os
import re
from collections import Counter
from pathlib import Path

import click

from ideas_lib.lm.serving.catalogue import MODELS
from ideas_lib.publish.post.summarise.notebooks import evidence_of
from ideas_lib.publish.post.summarise.suggesting import own_words, summarise
from ideas_lib.publish.post.summarise.trimming import PARTS

TOP = Path(__file__).resolve().parents[1]
WRITERS = [name for name, model in MODELS.items() if not model.embeddings]


@click.command()
@click.option("--models", default=",".join(WRITERS), show_default=True, help="Names, with commas.")
@click.option("--notebooks", default="[cp]*s/**/*.ipynb", show_default=True, help="A pattern.")
@click.option("--samples", default=4, show_default=True, help="Suggestions of each part.")
@click.option("--record", type=click.Path(path_type=Path), help="Where answers are kept.")
def main(models: str, notebooks: str, samples: int, record: Path | None) -> None:
    """Print how often a suggestion passes, why others do not, and what passed."""
    os.environ.setdefault("IDEAS_ROOT", str(TOP))
    paths = sorted(TOP.glob(notebooks))
    names = models.split(",")
    for name in names:
        if name not in WRITERS and "/" not in name:  # else a file or a URL
            known = ", ".join(WRITERS)
            raise click.BadParameter(f"{name!r} is none of {known}", param_hint="--models")
    for name in names:
        kept, whys, shown = Counter[str](), Counter[str](), []
        for path in paths:
            own = own_words(evidence_of(path))
            found = summarise(path, endpoint=name, record=record, samples=samples)
            for part, choice in found.items():
                kept[part] += bool(choice.model)
                whys.update(re.sub(r"“.*?”|\d+", "…", why) for _, why in choice.rejected)
                if choice.model:
                    shown.append(f"  {path.stem} {part}: {choice.text}\n    own: {own[part]}")
        for part in PARTS:
            click.echo(f"{name} {part}: {kept[part]} of {len(paths)} notebooks")
        for why, count in whys.most_common(8):
            click.echo(f"  {count} {why}")
        click.echo("\n".join(shown))


if __name__ == "__main__":
    main()
