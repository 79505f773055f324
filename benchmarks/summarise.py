"""How often do local models write words for a post that the notebook bears?

    python benchmarks/summarise.py --record answers.jsonl
    python benchmarks/summarise.py --models smollm2-135m-instruct --notebooks 'chapters/trees/*'

Each model is asked for a title, a summary and a social text of each notebook, `--samples` times; a
base model goes on writing, the others are asked in words. Printed are, for each model and part, the
notebooks where a suggestion passed and the suggestions that did, then what passed beside the
notebook's own words, for a reader to say which is better. A run that was stopped goes on.
"""

import os
import re
from collections import Counter
from pathlib import Path

import click

from ideas_lib.lm.generate import Decoding, Generator
from ideas_lib.lm.serving.catalogue import MODELS
from ideas_lib.publish.post.summarise.notebooks import evidence_of
from ideas_lib.publish.post.summarise.suggesting import Choice, choose, fallback_of, prompt_of
from ideas_lib.publish.post.summarise.trimming import PARTS, trimmed

TOP = Path(__file__).resolve().parents[1]
WRITERS = [name for name, model in MODELS.items() if not model.embeddings]


def style_of(name: str) -> str:
    """Return how a model is asked: a base model was taught no chat."""
    return "completion" if "base model" in MODELS[name].about else "chat"


def kind_of(why: str) -> str:
    """Return a reason without what it quotes, to count reasons by."""
    return re.sub(r"[“'\"].*?[”'\"]:?\s*|\d+", "", why).strip()[:60]


def ask(name: str, notebook: Path, record: Path | None, samples: int) -> dict[str, list[Choice]]:
    """Return each suggestion of a model for a notebook's post, judged by itself."""
    evidence = evidence_of(notebook)
    own, style = fallback_of(evidence), style_of(name)
    how = Decoding(temperature=0.7, top_p=0.95, max_tokens=120)
    with Generator(name, record=record) as generator:
        prompts = [prompt_of(evidence, part, style) for part in PARTS]
        replies = generator.generate(prompts, samples, decoding=how)
    return {
        part: [
            choose(part, [trimmed(part, r.text, r.finished)], evidence, own[part], name)
            for r in said
        ]
        for part, said in zip(PARTS, replies, strict=True)
    }


@click.command()
@click.option("--models", default=",".join(WRITERS), show_default=True, help="Names, with commas.")
@click.option("--notebooks", default="chapters/*/*.ipynb", show_default=True, help="A pattern.")
@click.option("--samples", default=4, show_default=True, help="Suggestions of each part.")
@click.option("--record", type=click.Path(path_type=Path), help="Where answers are kept.")
def main(models: str, notebooks: str, samples: int, record: Path | None) -> None:
    """Print the shares that pass, why the others did not, and what passed."""
    os.environ.setdefault("IDEAS_ROOT", str(TOP))
    paths = sorted(TOP.glob(notebooks))
    for name in models.split(","):
        kept, single, whys = Counter[str](), Counter[str](), Counter[str]()
        shown = []
        for path in paths:
            for part, choices in ask(name, path, record, samples).items():
                passed = [choice for choice in choices if choice.model]
                kept[part] += bool(passed)
                single[part] += len(passed)
                whys.update(kind_of(c.rejected[0][1]) for c in choices if c.rejected)
                own = next((c.text for c in choices if not c.model), "")
                shown += [(path.stem, part, c.text, own) for c in passed[:1]]
        for part in PARTS:
            total = samples * len(paths)
            click.echo(
                f"{name} {part}: {kept[part]} of {len(paths)} notebooks, "
                f"{single[part]} of {total} suggestions"
            )
        for why, count in whys.most_common(8):
            click.echo(f"  {count} {why}")
        for stem, part, text, own in shown:
            click.echo(f"  {stem} {part}: {text}\n    own: {own}")


if __name__ == "__main__":
    main()
