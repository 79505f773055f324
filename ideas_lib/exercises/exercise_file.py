"""Read an exercise from YAML; what is wrong is named with its line.

    exercise = read_exercise(Path("template.yaml").read_text(), "template.yaml")

Every scalar is text as it stands, until a key wants a number: `no` and `1984` are words of a choice
where they are quoted. Nothing of a template is run here.
"""

import difflib
import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import NoReturn

import yaml

from ideas_lib.exercises.exercise import (
    KINDS,
    SUBJECTS,
    BadExercise,
    Exercise,
    Parameter,
    Wrong,
)
from ideas_lib.exercises.exercise_checks import check_exercise
from ideas_lib.resources import resource

__all__ = ["EXAMPLES", "read_exercise"]

EXAMPLES = {
    "program": resource(__file__, "examples/program.yaml"),
    "answer": resource(__file__, "examples/answer.yaml"),
    "units": resource(__file__, "examples/units.yaml"),
}
COMMON = (
    *("title", "subject", "prompt", "parameters", "derived", "constraints", "wrong"),
    *("keep", "vary", "points"),
)
OF = {
    "program": ("solution", "starter", "calls", "hidden_calls", "tests"),
    "answer": ("answer", "unit", "symbols", "tolerance", "working"),
}
NEEDED = {"program": ("solution", "starter"), "answer": ("answer",)}
PARAMETER = ("type", "from", "to", "step", "of", "length", "unit")
LARGEST = 1 << 20  # characters of a template
DIGITS = 15  # of a number
LONGEST = 1000  # numbers of a list, choices
MANY = 10**15  # values of one parameter
QUOTES = "a text with : or # or { in it wants quotes"
WAYS = {  # by what YAML says
    r"'\t'": "indent by spaces, not by tabs",
    "another document": "a template is one, so no --- may stand in it",
    "undefined alias": "a text that begins with * wants quotes",
}


def read_exercise(text: str, name: str = "template") -> Exercise:
    """Read a template; `name` is for errors. Raises BadExercise."""
    if len(text) > LARGEST:
        raise BadExercise(f"{name} has more than {LARGEST:,} characters")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        raise BadExercise(f"{name} is nested too deep for a template") from None
    except yaml.reader.ReaderError as error:
        at = f"{name}:{text.count(chr(10), 0, error.position) + 1}"
        raise BadExercise(f"{at}: the character {text[error.position]!r} is in no YAML") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "this is no YAML"
        at = f"{name}:{mark.line + 1}" if mark else name
        ways = (way for word, way in WAYS.items() if word in what)
        raise BadExercise(f"{at}: {what}; {next(ways, QUOTES)}") from None
    if root is None:
        raise BadExercise(f"{name} is empty; `ideas exercises --example` prints one to begin with")
    found = _Template(name).exercise(root, hashlib.sha256(text.encode()).hexdigest())
    try:
        check_exercise(found)
    except BadExercise as error:
        raise BadExercise(f"{name}: {error}") from None
    return found


class _Template:
    """Reads nodes of YAML, which know their lines."""

    def __init__(self, name: str) -> None:
        self.name = name

    def fail(self, node: yaml.Node, what: object) -> NoReturn:
        raise BadExercise(f"{self.name}:{node.start_mark.line + 1}: {what}") from None

    # Kinds of nodes.

    def mapping(self, node: yaml.Node, what: str, known: Collection[str]) -> dict[str, yaml.Node]:
        """Return a mapping's nodes by key; with no `known` keys, any may be there."""
        if not isinstance(node, yaml.MappingNode):
            self.fail(node, f"{what} is a mapping, with {', '.join(known) or 'names'} for keys")
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = self.text(key_node, "a key")
            if known and key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else f"; keys are {', '.join(known)}"
                self.fail(key_node, f"unknown key {key!r}{hint}")
            if key in found:
                self.fail(key_node, f"key {key!r} is there twice")
            found[key] = value
        return found

    def text(self, node: yaml.Node, what: str) -> str:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        kind = "a mapping" if isinstance(node, yaml.MappingNode) else "a list"
        self.fail(node, f"{what} is {kind} and should be a text: put it in quotes")

    def texts(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if len(nodes) > LONGEST:
            self.fail(node, f"{what} has {len(nodes)} entries: {LONGEST} at most")
        return tuple(self.text(each, what) for each in nodes)

    def number(self, node: yaml.Node, what: str) -> Decimal:
        text = self.text(node, what)
        try:
            found = Decimal(text)
        except InvalidOperation:
            self.fail(node, f"{what} is {text!r:.40} and should be a number")
        _, digits, exponent = found.as_tuple()
        if not isinstance(exponent, int) or len(digits) > DIGITS or not -DIGITS <= exponent <= 3:
            self.fail(node, f"{what} is {text!r:.40}: a number of at most {DIGITS} digits")
        return found

    # Parts of a template.

    def exercise(self, root: yaml.Node, sha256: str) -> Exercise:
        if not isinstance(root, yaml.MappingNode):
            self.fail(root, "this is no template; `ideas exercises --example` prints one")
        found = self.mapping(root, "a template", (*COMMON, *OF["program"], *OF["answer"]))
        for key in ("title", "prompt"):
            if key not in found or not self.text(found[key], key).strip():
                self.fail(root, f"the template lacks its {key}")
        subject = self.text(found["subject"], "subject") if "subject" in found else "program"
        if subject not in SUBJECTS:
            self.fail(found["subject"], f"subject is {subject!r:.40}: {' or '.join(SUBJECTS)}")
        for other in set(SUBJECTS) - {subject}:
            for key in OF[other]:
                if key in found:
                    self.fail(found[key], f"{key!r} is for subject: {other}, and this is {subject}")
        for key in NEEDED[subject]:
            if key not in found or not self.text(found[key], key).strip():
                self.fail(root, f"the template lacks its {key}")

        def text(key: str) -> str:
            return self.text(found[key], key) if key in found else ""

        def texts(key: str) -> tuple[str, ...]:
            return self.texts(found[key], key) if key in found else ()

        def number(key: str, default: str, low: int, high: int) -> Decimal:
            value = self.number(found[key], key) if key in found else Decimal(default)
            if not low <= value <= high:
                self.fail(found[key], f"{key} is {value}: from {low} to {high}")
            return value

        vary = texts("vary") or ("numbers",)
        for kind in vary:
            if kind not in KINDS:
                self.fail(found["vary"], f"vary has {kind!r:.40}; kinds are {', '.join(KINDS)}")
        return Exercise(
            title=" ".join(text("title").split()),
            subject=subject,
            prompt=text("prompt").strip() + "\n",
            parameters=self.parameters(found.get("parameters")),
            derived=self.derived(found.get("derived")),
            constraints=texts("constraints"),
            solution=text("solution"),
            starter=text("starter"),
            calls=texts("calls"),
            hidden_calls=texts("hidden_calls"),
            tests=text("tests"),
            answer=text("answer"),
            unit=text("unit"),
            symbols=texts("symbols"),
            tolerance=number("tolerance", "0", 0, 1),
            working=text("working"),
            wrong=self.wrong(found.get("wrong"), subject, text("solution")),
            keep=texts("keep"),
            vary=vary,
            points=number("points", "1", 0, 1000),
            sha256=sha256,
        )

    def derived(self, node: yaml.Node | None) -> Mapping[str, str]:
        if node is None:
            return {}
        found = self.mapping(node, "derived", ())
        return {key: self.text(value, key) for key, value in found.items()}

    def parameters(self, node: yaml.Node | None) -> Mapping[str, Parameter]:
        if node is None:
            return {}
        found = self.mapping(node, "parameters", ())
        return {key: self.parameter(key, value) for key, value in found.items()}

    def parameter(self, name: str, node: yaml.Node) -> Parameter:
        found = self.mapping(node, f"parameter {name!r}", PARAMETER)
        kind = self.text(found["type"], "type") if "type" in found else "int"
        unit = self.text(found["unit"], "unit") if "unit" in found else ""
        if kind == "choice":
            return self.choice(name, node, found)
        if kind not in ("int", "decimal", "list"):
            self.fail(found["type"], f"type {kind!r:.40}: int, decimal, choice or list")
        for key in ("from", "to"):
            if key not in found:
                self.fail(node, f"parameter {name!r} lacks its {key!r}")
        if "of" in found:
            self.fail(found["of"], f"parameter {name!r} has 'of', which is for type: choice")
        low, high = (self.number(found[key], f"{name}: {key}") for key in ("from", "to"))
        step = self.number(found["step"], f"{name}: step") if "step" in found else Decimal(1)
        length = self.number(found["length"], "length") if "length" in found else Decimal(1)
        places = max(0, *(-int(each.as_tuple().exponent) for each in (low, step)))
        if low > high:
            self.fail(node, f"parameter {name!r} is empty: from {low} to {high}")
        if step <= 0:
            self.fail(node, f"parameter {name!r} has step {step}, which has to be above 0")
        if kind == "int" and places:
            self.fail(node, f"parameter {name!r} has decimals: make it type: decimal")
        if ("length" in found) != (kind == "list") or length % 1 or not 1 <= length <= LONGEST:
            self.fail(node, f"parameter {name!r}: a list, and only a list, has a length from 1")
        if (high - low) / step > MANY:
            self.fail(node, f"parameter {name!r} has more than {MANY:,} values")
        return Parameter(*(name, kind, low, high, step, places), length=int(length), unit=unit)

    def choice(self, name: str, node: yaml.Node, found: Mapping[str, yaml.Node]) -> Parameter:
        for key in found:
            if key not in ("type", "of"):
                self.fail(found[key], f"parameter {name!r} is a choice, and has no {key!r}")
        if "of" not in found or not isinstance(found["of"], yaml.SequenceNode):
            self.fail(node, f"parameter {name!r} is a choice and lacks its list 'of'")
        nodes: Sequence[yaml.ScalarNode] = found["of"].value
        texts = self.texts(found["of"], f"a choice of {name!r}")
        if not texts or len(set(texts)) < len(texts):
            self.fail(found["of"], f"parameter {name!r} has no choices, or one of them twice")
        for text in texts:
            if not text.strip() or not text.isprintable():
                self.fail(found["of"], f"parameter {name!r} has the choice {text!r:.40}")
        whole = all(each.tag.endswith(":int") and each.style is None for each in nodes)
        change: Callable[[str], int | str] = int if whole else str
        try:
            return Parameter(name, "choice", choices=tuple(map(change, texts)))
        except ValueError:
            self.fail(found["of"], f"parameter {name!r} has numbers that are not decimal")

    def wrong(self, node: yaml.Node | None, subject: str, solution: str) -> tuple[Wrong, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.fail(node, "wrong is a list, of mappings with 'why'")
        return tuple(self.mistake(each, subject, solution) for each in node.value)

    def mistake(self, node: yaml.Node, subject: str, solution: str) -> Wrong:
        keys = ("why", "solution", "replace", "by") if subject == "program" else ("why", "answer")
        found = {
            key: self.text(value, key) for key, value in self.mapping(node, "wrong", keys).items()
        }
        why = " ".join(found.pop("why", "").split())
        if not why:
            self.fail(node, "a wrong one lacks its 'why'")
        if set(found) == {"replace", "by"}:
            times = solution.count(found["replace"])
            if times != 1 or not found["replace"]:
                self.fail(
                    node, f"{found['replace']!r:.60} stands {times} times in the solution, not once"
                )
            return Wrong(why, solution.replace(found["replace"], found["by"]))
        if len(found) == 1 and set(found) & {"solution", "answer"}:
            return Wrong(why, next(iter(found.values())))
        self.fail(node, f"{why!r:.60} needs {' or '.join(keys[1:2])}, or 'replace' and 'by'")
