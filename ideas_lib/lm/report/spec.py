"""A question read from YAML; what is wrong is named with its line.

    question = read(Path("spec.yaml").read_text(), "spec.yaml")

A spec may come from anybody: it reads plain files below its own folder and no others, and its
endpoints get no key, see `Query`.

Every scalar is text, as it stands: `no`, `1984` and `null` are phrases here, and nothing else.
"""

import itertools
import math
import os
import string
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import yaml

from ideas_lib.lm.report.query import LARGEST, BadSpec, Query, lines, near
from ideas_lib.lm.scoring.logprobs import COLUMNS

__all__ = ["EXAMPLE", "noise_of", "read_spec"]

KEYS = (
    *("contexts", "templates", "variables", "phrases", "contrasts", "by"),
    *("endpoint", "domain", "noise", "cap"),
)
TAKEN = ("model", "endpoint", "text", *COLUMNS)  # columns that no variable may be named like
MOST = 100_000  # contexts: templates multiply
SPEC = 4 << 20  # characters of a spec
EXAMPLE = """\
# Does the verb agree with its subject, or with the noun nearest to it?
# Save this as spec.yaml, then: ideas logprobs spec.yaml --html report.html

templates: "The {noun} near the {place}"    # or contexts: [...], or contexts: {file: lines.txt}
variables:                                  # every combination becomes a context
  noun: [key, keys, dog, dogs]
  place: [cabinet, cabinets, house, houses]

phrases: [" is", " are"]                    # right after the context, so with their space
contrasts:                                  # if left out: the first phrase against each other
  - [" is", " are"]
by: noun                                    # for each noun too

endpoint: smollm2-135m-instruct             # one of `ideas models`, a .gguf, a URL; or a list
# endpoint: {url: "http://127.0.0.1:8000/v1", model: mine}    # for a key, name it by --endpoint
# domain: "The thing"                       # what pmi compares with; if left out, no context
# noise: {families: [prefix, format], copies: 2, seed: 0}    # protect: [words that stay]
# cap: 200000                               # tokens that an endpoint elsewhere may get
"""


def read_spec(text: str, name: str = "spec", folder: Path = Path()) -> Query:
    """Read a question; `name` is for errors, and files that the text names are below `folder`.

    Raises BadSpec, with `name` and line, and OSError for a file that cannot be read.
    """
    if len(text) > SPEC:
        raise BadSpec(f"{name} has more than {SPEC:,} characters: put its contexts into a file")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        raise BadSpec(f"{name} is nested too deep for a spec") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "this is no YAML"
        at = f"{name}:{mark.line + 1}" if mark else name
        raise BadSpec(f"{at}: {what}; a text with : or # or {{ in it wants quotes") from None
    if root is None:
        raise BadSpec(f"{name} is empty; `ideas logprobs --example` prints one to begin with")
    return _Reader(name, folder).question(root)


def noise_of(families: Sequence[str], **given: Any) -> Any:
    """Return noise of families by name; "all" are all that need no model. Raises BadSpec."""
    from ideas_lib.lm.noise.families import FAMILIES, Noise
    from ideas_lib.lm.noise.paraphrase import Paraphrase

    names = [name.strip() for name in families]
    names = list(FAMILIES) if names == ["all"] else names
    for name in names:
        if name not in (*FAMILIES, "paraphrase"):
            raise BadSpec(f"unknown noise {name!r}{near(name, (*FAMILIES, 'paraphrase', 'all'))}")
    return Noise(tuple(Paraphrase() if n == "paraphrase" else n for n in names), **given)


class _Reader:
    """Reads nodes of YAML, which know their lines."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder

    def fail(self, node: yaml.Node, what: object) -> NoReturn:
        raise BadSpec(f"{self.name}:{node.start_mark.line + 1}: {what}") from None

    # Kinds of nodes.

    def mapping(self, node: yaml.Node, known: Sequence[str], what: str) -> dict[str, yaml.Node]:
        """Return a mapping's nodes by key; with no `known` keys, any may be there."""
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, f"{what} is a mapping, with {', '.join(known) or 'names'} for keys")
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = self.text(key_node, "key")
            if known and key not in known:
                secret = "; a key comes from OPENAI_API_KEY" if "key" in key.lower() else ""
                self.fail(key_node, f"unknown key {key!r}{secret}{near(key, known)}")
            if key in found:
                self.fail(key_node, f"key {key!r} is there twice")
            found[key] = value
        return found

    def items(self, node: yaml.Node) -> list[yaml.Node]:
        return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]

    def text(self, node: yaml.Node, what: str) -> str:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        kind = "a mapping" if isinstance(node, yaml.MappingNode) else "a list"
        self.fail(node, f"{what} is {kind} and should be a text: put it in quotes")

    def texts(self, node: yaml.Node, what: str) -> list[str]:
        """Return a list of texts: written out, one alone, or the lines of a file."""
        if isinstance(node, yaml.MappingNode):
            if [key.value for key, _ in node.value] != ["file"]:
                self.fail(node, f"{what} is a mapping (a colon in it?): put it in quotes")
            found = lines(self.below(node, self.text(node.value[0][1], "file")))
        else:
            found = []
            seen: set[str] = set()
            for one in self.items(node):
                text = self.text(one, what)
                if not text and (one.style is None or what != "context"):
                    self.fail(one, f"{what} {len(found) + 1} is empty")
                if text in seen:
                    self.fail(one, f"{what} {text!r} is there twice")
                seen.add(text)
                found.append(text)
        if not found:
            self.fail(node, f"there is no {what}: give at least one")
        return found

    def below(self, node: yaml.Node, file: str) -> Path:
        """Return the path of a plain file below the spec's folder, links followed."""
        try:
            folder = self.folder.resolve()
            path = (folder / file).resolve()
            part = path.relative_to(folder)
        except (ValueError, OSError, RuntimeError):
            self.fail(node, f"file {file!r} is not below the folder of the spec: move it there")
        if any(name.startswith(".") for name in part.parts):
            self.fail(node, f"file {file!r} is hidden, which a spec reads none of: rename it")
        try:
            if not path.is_file():
                there = "no plain file" if path.exists() else "not there"
                self.fail(node, f"file {file!r} is {there}")
        except (ValueError, OSError) as error:
            self.fail(node, f"file {file!r}: {error}")
        return path

    def whole(self, node: yaml.Node, what: str) -> int:
        text = self.text(node, what)
        if not text.replace("_", "").isdecimal() or len(text) > 18:
            self.fail(node, f"{what} is {text[:40]!r} and should be a whole number, 0 or more")
        return int(text.replace("_", ""))

    # What the keys hold.

    def question(self, root: yaml.Node) -> Query:
        keys = self.mapping(root, KEYS, "a spec")
        if "phrases" not in keys:
            self.fail(root, "there are no phrases: give a list of them, or {file: lines.txt}")
        if ("contexts" in keys) == ("templates" in keys):
            self.fail(root, "give either contexts, or templates with variables")
        contexts, variables = self.contexts(keys)
        phrases = tuple(self.texts(keys["phrases"], "phrase"))
        question = Query(tuple(contexts), phrases, variables=variables)
        given: dict[str, Any] = {}
        for name, field, reader in (
            ("contrasts", "contrasts", self.contrasts),
            ("by", "by", self.text),
            ("endpoint", "endpoints", self.endpoints),
            ("domain", "domain", self.text),
            ("noise", "noise", self.noise),
            ("cap", "cap", self.whole),
        ):
            if name in keys:
                given |= {"named": False} if name == "endpoint" else {}
                given[field] = reader(keys[name], name)
                try:
                    question = replace(question, **given)
                except BadSpec as error:
                    self.fail(keys[name], error)
        return question

    def contexts(self, keys: dict[str, yaml.Node]) -> tuple[list[str], dict[str, dict[str, str]]]:
        if "contexts" in keys:
            if "variables" in keys:
                self.fail(keys["variables"], "variables are for templates, and here are contexts")
            return self.texts(keys["contexts"], "context"), {}
        node, values = keys["templates"], {}
        if "variables" in keys:
            for name, each in self.mapping(keys["variables"], (), "variables").items():
                if name in TAKEN or not name.isidentifier():
                    self.fail(each, f"variable {name!r} needs another name, made of letters")
                values[name] = self.texts(each, f"value of {name}")
        found: dict[str, dict[str, str]] = {}
        used: set[str] = set()
        size = 0
        for template in self.texts(node, "template"):
            names = self.placeholders(node, template, list(values))
            used.update(names)
            if len(found) + math.prod(len(values[name]) for name in names) > MOST:
                self.fail(node, f"these templates make more than {MOST:,} contexts")
            for chosen in itertools.product(*(values[name] for name in names)):
                given = dict(zip(names, chosen, strict=True))
                context = template.format(**given)
                size += len(context)
                if size > LARGEST:
                    self.fail(node, f"these templates make more than {LARGEST:,} characters")
                if context in found:
                    self.fail(node, f"these templates make the context {context!r} twice")
                found[context] = given
        for name in values:
            if name not in used:
                self.fail(keys["variables"], f"variable {name!r} stands in no template")
        return list(found), found if values else {}

    def placeholders(self, node: yaml.Node, template: str, known: list[str]) -> list[str]:
        """Return the variables that a template names, in the order of the product."""
        try:
            parts = list(string.Formatter().parse(template))
        except ValueError as error:
            self.fail(node, f"template {template!r}: {error}; a brace itself is {{{{ or }}}}")
        found = []
        for _, name, form, conversion in parts:
            if name is None:
                continue
            if name not in known or form or conversion:
                close = near(name, known)
                self.fail(node, f"template {template!r} has {{{name}}}, no variable{close}")
            found.append(name)
        return list(dict.fromkeys(found))

    def contrasts(self, node: yaml.Node, what: str) -> tuple[tuple[str, str], ...]:
        pairs = []
        for each in self.items(node):
            texts = [self.text(phrase, "phrase") for phrase in self.items(each)]
            if len(texts) != 2:
                self.fail(each, 'contrasts is a list of pairs, like [[" is", " are"]]')
            pairs.append((texts[0], texts[1]))
        return tuple(pairs)

    def endpoints(self, node: yaml.Node, what: str) -> tuple[tuple[str | None, str | None], ...]:
        found: list[tuple[str | None, str | None]] = []
        for one in self.items(node):
            if isinstance(one, yaml.MappingNode):
                keys = self.mapping(one, ("url", "model"), what)
                if "url" not in keys:
                    self.fail(one, f"this {what} has no url")
                model = self.text(keys["model"], "model") if "model" in keys else None
                found.append((self.endpoint(one, self.text(keys["url"], "url")), model))
            else:
                found.append((self.endpoint(one, self.text(one, what)), None))
        if not found or len(set(found)) < len(found):
            self.fail(node, f"{what} is an empty list, or names the same one twice")
        return tuple(found)

    def endpoint(self, node: yaml.Node, name: str) -> str:
        """Return a URL or a model's name as it is, and a file of weights below the folder."""
        if "://" in name or not name.lower().endswith(".gguf"):
            if os.sep in name and "://" not in name:
                self.fail(node, f"endpoint {name!r} is a path, and to no .gguf file")
            return name
        return str(self.below(node, name))

    def noise(self, node: yaml.Node, what: str) -> Any:
        if isinstance(node, yaml.ScalarNode):
            given: dict[str, Any] = {}
            families = node.value.split(",")
        else:
            keys = self.mapping(node, ("families", "copies", "seed", "protect"), what)
            families = self.texts(keys["families"], "family") if "families" in keys else ["all"]
            given = {n: self.whole(keys[n], n) for n in ("copies", "seed") if n in keys}
            if "protect" in keys:
                given["protect"] = tuple(self.texts(keys["protect"], "word"))
        try:
            return noise_of(families, **given)
        except ValueError as error:
            self.fail(node, error)
