"""`ideas logprobs`: what it is asked in YAML or by flags, and its table, CSV and JSON."""

import csv
import io
import json
import math
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from ideas_lib.cli import main
from ideas_lib.lm.noise import FAMILIES
from ideas_lib.lm.report.answer import Answer
from ideas_lib.lm.report.query import BadSpec, Query
from ideas_lib.lm.report.spec import EXAMPLE, KEYS, read_spec
from ideas_lib.lm.report.table import as_csv, as_json, as_table
from ideas_lib.lm.scoring.logprobs import COLUMNS, compare

CONTEXTS = ("the cat sat", "a dog. it", "so far so")
PHRASES = (" on", " away.", " up the hill")
PAIR = "contexts: [a]\nphrases: [' b', ' c']\n"


def ideas(*words, **more):
    return CliRunner().invoke(main, ("logprobs", *words), prog_name="ideas", **more)


# The spec.


def test_contexts_phrases_and_the_rest(tmp_path):
    (tmp_path / "more.txt").write_bytes(b"\xef\xbb\xbf is\r\n\n are \n")
    text = """
contexts:
  - no
  - 1984
  - "yes: it"
  - ""
phrases: {file: more.txt}
contrasts: [[" are ", " is"]]
endpoint: [gemma-3-270m, {url: "http://127.0.0.1:1/v1", model: m}]
domain: so
cap: 1_000
noise: {families: [typos, order], copies: 2, seed: 7}
"""
    found = read_spec(text, "spec.yaml", tmp_path)
    assert found.contexts == ("no", "1984", "yes: it", "")
    assert found.phrases == (" is", " are ")
    assert found.contrasts == ((" are ", " is"),)
    assert found.endpoints == (("gemma-3-270m", None), ("http://127.0.0.1:1/v1", "m"))
    assert (found.domain, found.cap) == ("so", 1000)
    assert (found.noise.families, found.noise.copies, found.noise.seed) == (
        ("typos", "order"),
        2,
        7,
    )


def test_templates_are_a_product_and_contexts_know_their_variables():
    found = read_spec("""
templates: ["The {noun} near the {place}", "{{A}} {noun}"]
variables: {noun: [key, keys], place: [sea, house]}
phrases: " is"
by: place
""")
    assert found.contexts == (
        *("The key near the sea", "The key near the house"),
        *("The keys near the sea", "The keys near the house", "{A} key", "{A} keys"),
    )
    assert found.variables["The keys near the sea"] == {"noun": "keys", "place": "sea"}
    assert found.variables["{A} key"] == {"noun": "key"}


def test_the_example_can_be_read_and_names_every_key():
    found = read_spec(EXAMPLE)
    assert len(found.contexts) == 16
    assert all(re.search(rf"\b{key}:", EXAMPLE) for key in KEYS)
    assert read_spec(re.sub(r"^# (domain|noise|cap)", r"\1", EXAMPLE, flags=re.M)).cap == 200_000
    assert ideas("--example").output == EXAMPLE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "s.yaml is empty; `ideas logprobs --example`"),
        ("- a", "s.yaml:1: a spec is a mapping"),
        ("a: [", "s.yaml:1: .*wants quotes"),
        (PAIR + "phrase: c", "s.yaml:3: unknown key 'phrase': did you mean 'phrases'"),
        (PAIR + "zzz: c", "s.yaml:3: unknown key 'zzz'; known are 'contexts', "),
        (PAIR + "cap: 1\ncap: 2", "s.yaml:4: key 'cap' is there twice"),
        (PAIR + "cap: -1", "s.yaml:3: cap is '-1' and should be a whole number"),
        ("contexts: [a]", "s.yaml:1: there are no phrases"),
        ("phrases: [a]", "s.yaml:1: give either contexts, or templates"),
        ("contexts: []\nphrases: [a]", "s.yaml:1: there is no context"),
        ("contexts:\n- a\n-\nphrases: [a]", "s.yaml:3: context 2 is empty"),
        ("contexts: [a]\nphrases: ['']", "s.yaml:2: phrase 1 is empty"),
        ("contexts:\n- a\n- b: c\nphrases: [a]", "s.yaml:3: context is a mapping.*in quotes"),
        ("contexts: [a, a]\nphrases: [a]", "s.yaml:1: context 'a' is there twice"),
        (PAIR + "contrasts: [[' b', ' d']]", "s.yaml:3: contrast with ' d', which is no phrase"),
        (PAIR + "contrasts: [[' b', ' b']]", "s.yaml:3: contrast of ' b' with itself"),
        (PAIR + "contrasts:\n- [' b']", "s.yaml:4: contrasts is a list of pairs"),
        (PAIR + "by: noun", "s.yaml:3: by 'noun', which is no variable"),
        (PAIR + "variables: {a: [b]}", "s.yaml:3: variables are for templates"),
        ("templates: 'a {b}'\nphrases: [c]", "s.yaml:1: template 'a {b}' has {b}, no variable"),
        ("templates: 'a {b.c}'\nvariables: {b: x}\nphrases: [c]", "s.yaml:1: .* has {b.c}, no"),
        ("templates: 'a {b'\nphrases: [c]", "s.yaml:1: template 'a {b': .*brace"),
        ("templates: 'a'\nvariables:\n  b: [c]\nphrases: [c]", "s.yaml:3: .*'b' stands in no"),
        ("templates: 'a {kind}'\nvariables: {kind: x}\nphrases: [c]", "1|2: variable 'kind' needs"),
        (PAIR + "endpoint: {model: a}", "s.yaml:3: this endpoint has no url"),
        (PAIR + "endpoint: [a, a]", "s.yaml:3: endpoint .*the same one twice"),
        (PAIR + "noise: {families: [typo]}", "s.yaml:3: unknown noise 'typo': did you mean 'typos"),
        (PAIR + "noise: {copies: 0}", "s.yaml:3: "),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text, message):
    with pytest.raises(BadSpec, match=message):
        read_spec(text, "s.yaml")


def test_a_key_in_a_spec_is_refused_and_not_shown():
    with pytest.raises(BadSpec, match="a key comes from OPENAI_API_KEY") as caught:
        read_spec(PAIR + "api_key: sk-secret")
    assert "sk-secret" not in str(caught.value)


def test_a_product_that_is_too_large_is_never_made():
    values = "\n".join(f"  v{k}: [{', '.join(f'x{n}' for n in range(100))}]" for k in range(9))
    names = "".join(f"{{v{k}}}" for k in range(9))
    with pytest.raises(BadSpec, match="more than 100,000 contexts"):
        read_spec(f"templates: '{names}'\nvariables:\n{values}\nphrases: [c]")


def test_a_file_that_is_given_as_text_is_noted(tmp_path):
    file = tmp_path / "contexts.txt"
    file.touch()
    (*_, note) = Query((str(file),), (" Rome", "x" * 9_999, "\0")).notes()
    assert f"{str(file)!r} is a file here" in note
    assert "--contexts-file" in note


def test_what_is_seldom_meant_is_noted():
    notes = Query(("The capital is", "so "), ("Paris", " Rome")).notes()
    assert len(notes) == 2
    assert "'Paris' begins with no space, so it runs on: 'e capital isParis'" in notes[0]
    assert "'so ' ends in white space" in notes[1]
    assert Query(("東京は日本の",), ("首都",)).notes() == []


# What comes out.


@pytest.fixture
def asked(serve_fake):
    """An answer by one endpoint that is exact and one that has bounds."""
    variables = {each: {"kind of": each[0]} for each in CONTEXTS}
    ends = [(serve_fake(can, k=9)[1], None) for can in ("forced", "top")]
    question = Query(CONTEXTS, PHRASES, endpoints=tuple(ends), variables=variables)
    return question.ask()


def test_csv_has_every_digit_the_models_and_the_variables(asked):
    rows = list(csv.DictReader(io.StringIO(as_csv(asked))))
    assert list(rows[0]) == ["model", "kind of", *COLUMNS]
    assert len(rows) == 18
    for row, logprob in zip(rows, asked.frame()["logprob"], strict=True):
        assert float(row["logprob"]) == logprob
    assert rows[0]["kind of"] == "t"
    assert len({row["model"] for row in rows}) == 2, "one name, two places"


def test_json_is_strict_and_holds_tokens_contrasts_and_where_it_came_from(asked):
    def refuse(name):
        raise AssertionError(name)

    found = json.loads(as_json(asked), parse_constant=refuse)
    assert {each["method"] for each in found["provenance"]["models"]} == {"forced", "top-k"}
    assert found["provenance"]["models"][0]["checks"]
    assert re.match(r"\d{4}-\d\d-\d\dT", found["provenance"]["date"])
    row = found["scores"][0]
    assert "".join(text for text, _ in row["token_logprobs"]) == row["phrase"]
    assert sum(logprob for _, logprob in row["token_logprobs"]) == pytest.approx(row["logprob"])
    one, other = found["contrasts"][:2]
    assert (one["a"], one["b"], one["contexts"]) == (PHRASES[0], PHRASES[1], 3)
    assert one["mean"] == pytest.approx(sum(each["difference"] for each in one["by_context"]) / 3)
    bounds = asked.found[1].contrast(*PHRASES[:2])
    assert other["mean"] is (None if math.isnan(bounds.mean) else pytest.approx(bounds.mean))


def test_the_table_shows_bounds_as_bounds(serve_fake):
    _, url = serve_fake("top", k=6)
    found = compare(["the cat sat"], [" ", ".", "x"], endpoint=url)
    lines = as_table(Answer((found,))).splitlines()
    for row in found.frame.to_dict("records"):
        line = next(each for each in lines if f" {row['phrase']!r} " in each)
        assert ("censored" in line) == (f"<= {row['logprob']:.2f}" in line)
        assert ("censored" in line) == (row["kind"] == "censored")
    assert {"exact", "censored"} == set(found.frame["kind"])
    last = as_table(Answer((found,), pairs=((" ", "."),))).splitlines()[-1]
    one = found.contrast(" ", ".").frame.iloc[0]
    assert ("at least" in last) == math.isinf(one["high"])
    assert ("at most" in last) == math.isinf(one["low"])


def test_the_table_fits_a_terminal_and_hides_nothing_elsewhere(serve_fake):
    _, url = serve_fake("forced")
    long = ["the " * 20 + "cat", "the " * 20 + "dog"]
    answer = Answer((compare(long, [" on", " up"], endpoint=url),))
    for width in (80, 100):
        table = as_table(answer, width)
        assert max(map(len, table.splitlines()[1:])) <= width
        assert "the cat'" in table
        assert "the dog'" in table
    assert long[0] in as_table(answer)
    sizes = {line.index("logprob") + 7 for line in as_table(answer).splitlines()[2:3]}
    sizes |= {len(line[: line.index(".") + 3]) for line in as_table(answer).splitlines()[3:7]}
    assert len(sizes) == 1, "numbers stand under each other"


def test_contrasts_by_a_variable_are_of_its_contexts(serve_fake):
    _, url = serve_fake("forced")
    question = read_spec(f"""
templates: "the {{noun}} {{verb}}"
variables: {{noun: [cat, dog], verb: [sat, ran, went]}}
phrases: [" on", " up"]
by: noun
endpoint: {url}
""")
    lines = question.ask().lines()
    assert [line.group for line in lines] == ["", "noun: cat", "noun: dog"]
    cats = [f"the cat {verb}" for verb in ("sat", "ran", "went")]
    alone = compare(cats, [" on", " up"], endpoint=url).contrast(" on", " up")
    assert lines[1].contrast.frame.equals(alone.frame)
    assert (lines[1].contrast.low, lines[1].contrast.high) == (alone.low, alone.high)


def test_nothing_in_a_text_reaches_the_terminal_as_a_command(asked):
    trap = "a\x1b[2Jb\u202ec\nd"
    found = asked.found[0]
    frame = found.frame.assign(context=[trap] * 9)
    table = as_table(Answer((replace(found, frame=frame, model=trap),), pairs=()))
    assert "\x1b" not in table
    assert "\u202e" not in table
    assert r"a\x1b[2Jb\u202ec\nd" in table


# The command.


def test_flags_do_without_a_file(serve_fake):
    _, url = serve_fake("forced")
    done = ideas(
        *("--contexts", "the cat sat", "--contexts", "so", "--phrases", " on", "--phrases", " up"),
        *("--endpoint", url, "--contrast", " up", " on", "--domain", "well"),
    )
    assert done.exit_code == 0, done.output
    assert "' up' - ' on'" in done.stdout
    assert "the cat sat" in done.stdout


def test_flags_win_over_the_spec_and_files_lie_beside_it(serve_fake, tmp_path):
    _, url = serve_fake("forced")
    (tmp_path / "spec.yaml").write_text(
        "contexts: {file: c.txt}\nphrases: [' on']\nendpoint: http://127.0.0.1:9/v1\n"
    )
    (tmp_path / "c.txt").write_text("the cat\nthe dog\n")
    done = ideas(str(tmp_path / "spec.yaml"), "--base-url", url, "--csv")
    assert done.exit_code == 0, done.output
    assert done.stdout.count("\n") == 3
    done = ideas("-", "--endpoint", url, "--json", input="contexts: [a]\nphrases: [' on']")
    assert len(json.loads(done.stdout)["scores"]) == 1
    words = ("--contexts-file", "-", "--phrases", " on", "--endpoint", url, "--csv")
    assert ideas(*words, input="the cat\nthe dog\n").stdout.count("\n") == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "give a spec, or --contexts and --phrases"),
        (("--contexts", "a"), "there are no phrases"),
        (("--phrases", "a", "spec.yaml"), "and not both"),
        (("--contexts", "a", "--phrases", "b", "c"), "and not both"),
        (("Paris",), "there is no file 'Paris'; texts go one by one"),
        (("absent.yaml",), "absent.yaml"),
        (("--contexts", "a", "--phrases", " b", "--noise", "typo"), "unknown noise 'typo'"),
        (("--contexts", "a", "--phrases", " b", "--html", "no/such.html"), "no is no folder"),
        (("--contexts", "a", "--phrases", " b", "--endpoint", "gemma"), "no model's name"),
    ],
)
def test_a_question_that_cannot_be_asked_is_2(words, message):
    done = ideas(*words)
    assert done.exit_code == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_endpoint_that_fails_is_1_and_is_named(serve_fake):
    fake, url = serve_fake("forced")
    fake.faults = [401] * 100
    done = ideas("--contexts", "a", "--phrases", " b", "--endpoint", url)
    assert done.exit_code == 1
    assert f"{url} answered 401" in done.stderr
    assert done.stdout == ""
    _, refusing = serve_fake()
    done = ideas("--contexts", "a", "--phrases", " b", "--endpoint", refusing)
    assert done.exit_code == 1
    assert "can score no phrase" in done.stderr


def test_all_families_of_noise_have_a_name_here():
    assert read_spec(PAIR + "noise: all").noise.families == FAMILIES
    assert read_spec(PAIR + "noise: typos, order").noise.families == ("typos", "order")
