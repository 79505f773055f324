r"""Questions for Moodle, and the rules that its importer has.

Moodle's XML has no schema, so the rules were read in its source; nothing was tried in a running
Moodle. In github.com/moodle/moodle, by file and commit:

- `question/format/xml/format.php`, 00055ef: the types, the names of formats, that a name is there.
- `question/format.php`, 0101cef, with `question/engine/bank.php`, 0016ed0: a question with a
  fraction that is not in SHARES is left out, a name over 255 characters is cut, and `//` in a
  category stands for `/`.
- `question/type/shortanswer/question.php`, 0497556: `*` stands for anything, `\*` for a star.

In forks of it, `question/type/numerical/questiontype.php` (marinaglancy/moodle, 18b4dad): an answer
has to be a number or `*`, a unit without a name is dropped, and one with the multiplier 1 is the
answer's own; and `question/type/essay/questiontype.php` (lucaboesch/moodle, 294ccde): ESSAYS.
Stricter than these, and our own: every question has a text, one answer is worth all, none is empty
or has an open star, and grades, penalties and tolerances are within bounds.
"""

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from markdown_it import MarkdownIt

from ideas_lib.exercises.drawing import ExerciseVariant
from ideas_lib.exercises.exercise import Exercise
from ideas_lib.exercises.handout import NEAR_ENOUGH, exercise_slug, student_markdown

__all__ = ["check_moodle", "moodle_questions", "safe_html"]

FORMATS = ("moodle_auto_format", "html", "plain_text", "wiki_like", "markdown")
SHARES = (
    *(100, 90, 83.33333, 80, 75, 70, 66.66667, 60, 50, 40, 33.33333, 30, 25, 20, 16.66667),
    *(14.28571, 12.5, 11.11111, 10, 5, 0),
)
ESSAYS = ("editor", "editorfilepicker", "plain", "monospaced", "noinline")
LONGEST = 255  # characters of a question's name


def safe_html(text: str) -> str:
    """Return Markdown as HTML; HTML in it comes out as the text that it is."""
    return MarkdownIt("commonmark", {"html": False}).enable("table").render(text)


def moodle_questions(forms: Sequence[Exercise], variants: Sequence[ExerciseVariant]) -> bytes:
    """Return one question a variant, in a category of the exercise's name.

    Numbers become numerical questions, with known mistakes answered by what they are; other
    answers, short answers; programs, essays with the starter, which a person grades.
    """
    quiz = ET.Element("quiz")
    head = ET.SubElement(quiz, "question", type="category")
    name = forms[0].title.replace("/", "//")  # and apart from the slashes around it
    name = " " * name.startswith("/") + name + " " * name.endswith("/")
    _text(head, "category", f"$course$/top/{name}")
    for variant in variants:
        _question(quiz, forms[variant.form], variant)
    ET.indent(quiz)
    return ET.tostring(quiz, encoding="utf-8", xml_declaration=True) + b"\n"


def _question(quiz: ET.Element, exercise: Exercise, variant: ExerciseVariant) -> None:
    program, number = exercise.subject == "program", variant.decimal is not None
    kind = "essay" if program else "numerical" if number else "shortanswer"
    question = ET.SubElement(quiz, "question", type=kind)
    _text(question, "name", f"{exercise.title[: LONGEST - 8]} {variant.name}")
    markdown = student_markdown(exercise, variant).split("\n", 1)[1]
    if not program:  # where to write it is Moodle's own
        markdown = variant.prompt
    _text(question, "questiontext", safe_html(markdown), "html")
    shown = "" if program else safe_html(variant.working or f"The answer is {variant.answer}.")
    _text(question, "generalfeedback", shown, "html")
    _leaf(question, "defaultgrade", str(exercise.points))
    _leaf(question, "penalty", "0.3333333")
    _leaf(question, "hidden", "0")
    _leaf(question, "idnumber", f"{exercise_slug(exercise.title)}-{variant.name}")
    if program:
        _essay(question, variant)
    elif number:
        _numerical(question, exercise, variant)
    else:
        _leaf(question, "usecase", "1")
        _answer(question, variant.answer.replace("*", r"\*"), 100, "")


def _essay(question: ET.Element, variant: ExerciseVariant) -> None:
    for name, value in (("responseformat", "monospaced"), ("responserequired", "1")):
        _leaf(question, name, value)
    for name in ("attachments", "attachmentsrequired"):
        _leaf(question, name, "0")
    _leaf(question, "responsefieldlines", "20")
    _text(question, "graderinfo", safe_html(f"```python\n{variant.solution}```"), "html")
    _text(question, "responsetemplate", variant.starter, "plain_text")


def _numerical(question: ET.Element, exercise: Exercise, variant: ExerciseVariant) -> None:
    share = float(exercise.tolerance)
    rows = [(variant.decimal or 0.0, 100, "")]
    rows += [(number, 0, why) for why, _, number in variant.mistakes if number is not None]
    for value, fraction, why in rows:
        written = repr(int(value)) if value == int(value) else repr(value)
        answer = _answer(question, written, fraction, why)
        room = max(share, NEAR_ENOUGH if value != int(value) else 0) * abs(value)
        _leaf(answer, "tolerance", f"{room:.12g}")
    if exercise.unit:
        units = ET.SubElement(question, "units")
        unit = ET.SubElement(units, "unit")
        _leaf(unit, "multiplier", "1")
        _leaf(unit, "unit_name", exercise.unit)
    _leaf(question, "unitgradingtype", "0")
    _leaf(question, "unitpenalty", "0.1")
    _leaf(question, "showunits", "0" if exercise.unit else "3")
    _leaf(question, "unitsleft", "0")


def _answer(question: ET.Element, text: str, fraction: int, why: str) -> ET.Element:
    answer = ET.SubElement(question, "answer", fraction=str(fraction), format="moodle_auto_format")
    _leaf(answer, "text", text)
    _text(answer, "feedback", safe_html(why) if why else "", "html")
    return answer


def _leaf(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _text(parent: ET.Element, name: str, text: str, form: str = "") -> None:
    _leaf(ET.SubElement(parent, name, {"format": form} if form else {}), "text", text)


def check_moodle(data: bytes) -> list[str]:
    """Return what breaks a rule above, in words; nothing where all is well."""
    try:
        quiz = ET.fromstring(data)
    except ET.ParseError as error:
        return [f"it is no XML: {error}"]
    if quiz.tag != "quiz" or not len(quiz):
        return ["there is no quiz with questions"]
    found: list[str] = []
    for at, question in enumerate(quiz, start=1):
        kind = question.get("type", "")
        check = {"numerical": _check_numerical, "shortanswer": _check_short, "essay": _check_essay}
        if kind == "category":
            wrong = [] if question.findtext("category/text", "").strip() else ["no category"]
        elif kind in check:
            wrong = _check_head(question) + check[kind](question)
        else:
            wrong = [f"its type is {kind!r}"]
        found += [f"question {at}: {each}" for each in wrong]
    return found


def _check_head(question: ET.Element) -> list[str]:
    wrong = []
    name = question.findtext("name/text", "").strip()
    if not 0 < len(name) <= LONGEST:
        wrong.append(f"its name has {len(name)} characters")
    if not question.findtext("questiontext/text", "").strip():
        wrong.append("it has no text")
    for each in question.iter():
        if "format" in each.attrib and each.get("format") not in FORMATS:
            wrong.append(f"{each.tag} has the format {each.get('format')!r}")
    for key, top in (("defaultgrade", 1e6), ("penalty", 1)):
        if not 0 <= _number(question, key) <= top:
            wrong.append(f"its {key} is {question.findtext(key)!r}")
    return wrong


def _number(element: ET.Element, key: str) -> float:
    """Return a child's number, and -1 where there is none."""
    try:
        return float(element.findtext(key, ""))
    except ValueError:
        return -1.0


def _check_answers(question: ET.Element) -> list[str]:
    shares = [answer.get("fraction", "") for answer in question.findall("answer")]
    wrong = [f"an answer has the fraction {s!r}" for s in shares if not _is_share(s)]
    if "100" not in shares:
        wrong.append("no answer is worth all")
    return wrong


def _is_share(text: str) -> bool:
    try:
        return abs(float(text)) in SHARES
    except ValueError:
        return False


def _check_numerical(question: ET.Element) -> list[str]:
    wrong = _check_answers(question)
    for answer in question.findall("answer"):
        text = answer.findtext("text", "")
        try:
            float(text if text != "*" else 0)
        except ValueError:
            wrong.append(f"the answer {text!r} is no number")
        if _number(answer, "tolerance") < 0:
            wrong.append(f"the tolerance is {answer.findtext('tolerance')!r}")
    units = question.findall("units/unit")
    if units and not any(_number(unit, "multiplier") == 1 for unit in units):
        wrong.append("no unit has the multiplier 1")
    if any(not unit.findtext("unit_name", "").strip() for unit in units):
        wrong.append("a unit has no name")
    return wrong


def _check_short(question: ET.Element) -> list[str]:
    wrong = _check_answers(question)
    for answer in question.findall("answer"):
        text = answer.findtext("text", "")
        if not text.strip():
            wrong.append("an answer is empty")
        if "*" in text.replace(r"\*", ""):
            wrong.append(f"the answer {text!r} has a *, which stands for anything")
    return wrong


def _check_essay(question: ET.Element) -> list[str]:
    form = question.findtext("responseformat", "")
    return [] if form in ESSAYS else [f"its responseformat is {form!r}"]
