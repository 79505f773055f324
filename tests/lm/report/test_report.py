"""The report in a real browser: one file, nothing fetched, nothing run, usable by all."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ideas_lib.files import NotOurs
from ideas_lib.lm.noise import Noise
from ideas_lib.lm.report.answer import Answer
from ideas_lib.lm.report.picture import Axis, colour_scale, rounded, seen
from ideas_lib.lm.report.report import SCORES, page, write_report
from ideas_lib.lm.scoring.logprobs import COLUMNS, Comparison, compare
from ideas_lib.lm.scoring.probing import Capabilities
from ideas_lib.lm.scoring.scores import Score, Token

CONTEXTS = ("the cat sat", "a dog. it", "so far so", "it is")
PHRASES = (" on", " away.", " up the hill")
HOSTILE = [
    "<script>window.bad = 1</script>",
    '"><img src=x onerror="window.bad = 1">',
    "</script><script>window.bad = 1</script><!--",
    "'; window.bad = 1; //{{ 7 * 7 }}{% raw %}",
    "line\u2028line\u2029end",
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "\ud800 alone \x00\x1b[2J",
    "</td></table></style></title><svg onload=window.bad=1>",
    "x" * 5000,
    "word " * 2000,
]
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def hand(contexts, phrases, model="toy", bounds=False, method="forced", noisy=None, domain=None):
    """A comparison made up by rule, so that any text can be in it."""
    scores, rows = {}, []
    for i, context in enumerate(contexts):
        for j, phrase in enumerate(phrases):
            tokens = (Token(phrase[:9], -1.5 - i % 7 - j), Token(phrase[9:] or "s", -0.25 * j))
            bound = -9.5 - i if bounds and (i + j) % 3 == 1 else None
            tail = -1.0 if (i + j) % 5 == 4 else None
            score = scores[context, phrase] = Score(tokens[: 1 if bound else 2], tail, bound)
            flags = "censored" if bound else "exact", "merged" if tail else "clean"
            lp = score.logprob
            known = math.nan if bound else lp / 2
            numbers = (lp, known, lp / 9, lp + 6.0, math.nan if bounds else lp + 1)
            rows.append((context, phrase, *numbers, len(score.tokens), *flags))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    can = Capabilities(method, 0.0 if bounds else 0.15, k=20 * bounds, checks={"a check": 0.01})
    for row in () if noisy is None else noisy.to_dict("records"):
        token = Token(row["phrase"], row["logprob"])
        scores.setdefault((row["variant"], row["phrase"]), Score((token,)))
    none = pd.DataFrame()
    return Comparison(frame, none, scores, can, model, domain=domain, noisy=noisy)


@pytest.fixture
def shown(browser, tmp_path):
    """Open an answer's report, as a file; what it asks for, says or breaks is collected."""

    def show(answer, width=1280, theme="light", **options):
        path = write_report(answer, tmp_path / "report.html")
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, color_scheme=theme, **options)
        opened = context.new_page()
        opened.wrong = []
        opened.on("console", lambda message: opened.wrong.append(message.text))
        opened.on("pageerror", lambda error: opened.wrong.append(str(error)))
        opened.on(
            "request",
            lambda asked: asked.url == path.as_uri() or opened.wrong.append(asked.url),
        )
        opened.goto(path.as_uri())
        return opened

    yield show
    for context in browser.contexts:
        context.close()


@pytest.fixture
def two():
    found = hand(CONTEXTS, PHRASES), hand(CONTEXTS, PHRASES, "other", bounds=True, method="top-k")
    variables = {each: {"first": each[0]} for each in CONTEXTS}
    return Answer(found, variables=variables, by="first")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_it_fits_asks_for_nothing_and_can_be_used_by_all(shown, serious, two, width, theme):
    opened = shown(two, width, theme)
    assert opened.evaluate(WIDE) <= 0
    for score in SCORES:
        opened.check(f"input[value={score}]")
        assert serious(opened) == []
    opened.locator(".open").first.click()
    opened.locator(".heat td").nth(4).click()
    assert serious(opened) == []
    for pixels in (width, 1670 - width):  # as it is, and as the other was
        opened.set_viewport_size({"width": pixels, "height": 900})
        assert opened.evaluate(WIDE) <= 0
    assert serious(opened) == []
    assert opened.wrong == []


def test_every_score_stands_in_its_cell(shown, two):
    opened = shown(two)
    for place, found in enumerate(two.found):
        texts = opened.locator(f".heat >> nth={place} >> td").all_inner_texts()
        for text, row in zip(texts, found.frame.to_dict("records"), strict=True):
            value = rounded(row["logprob"], 1)
            mark = "†" * (row["boundary"] == "merged")
            assert text == "≤\u2009" * (row["kind"] == "censored") + value + mark
        opened.check("input[value=pmi]")
        texts = opened.locator(f".heat >> nth={place} >> td").all_inner_texts()
        for text, row in zip(texts, found.frame.to_dict("records"), strict=True):
            assert rounded(row["pmi"], 1) in text
        opened.check("input[value=logprob]")
    static = re.findall(r'<td class="([sd]\d[^"]*)">', page(two))
    painted = opened.locator(".heat td").evaluate_all("all => all.map(each => each.className)")
    assert painted == static, "the script paints what stood there before"


def test_tokens_show_on_hover_on_focus_and_by_keys(shown, two):
    opened = shown(two)
    detail = opened.locator("#detail")
    cells = opened.locator(".heat >> nth=0 >> td")
    assert not detail.is_visible()
    cells.nth(2).hover()
    assert detail.locator("h3").inner_text() == "␣up the hill"
    assert detail.locator(".tokens tbody tr").count() == 2
    assert "−0.50" in detail.locator(".tokens").inner_text()
    opened.keyboard.press("Escape")
    assert not detail.is_visible()
    cells.nth(0).focus()
    assert "the cat sat" in detail.inner_text()
    for key, row, column in [
        ("ArrowRight", 0, 1),
        ("ArrowDown", 1, 1),
        ("End", 1, 2),
        ("ArrowRight", 1, 2),
        ("PageDown", 3, 2),
        ("Control+Home", 0, 0),
    ]:
        opened.keyboard.press(key)
        assert CONTEXTS[row] in detail.locator(".said").inner_text()
        assert detail.locator("h3").inner_text() == seen(PHRASES[column])
        assert opened.locator(".heat >> nth=0 >> [tabindex='0']").count() == 1
    assert opened.locator("#heard").inner_text().startswith("Tokens: ␣on −1.50")
    opened.keyboard.press("Enter")  # kept: the mouse may cross others on its way to it
    cells.nth(5).hover()
    assert detail.locator("h3").inner_text() == "␣on"
    opened.keyboard.press("Escape")
    cells.nth(4).hover()
    cells.nth(5).hover()
    assert detail.locator("h3").inner_text() == "␣up the hill"


def test_a_bound_is_said_to_be_one_everywhere(shown):
    found = hand(CONTEXTS, PHRASES, bounds=True, method="top-k")
    answer = Answer((found,), pairs=((PHRASES[0], PHRASES[1]), (PHRASES[1], PHRASES[0])))
    opened = shown(answer)
    for row, (a, b) in zip(opened.locator(".forest tbody tr").all(), answer.pairs, strict=True):
        one = found.contrast(a, b)
        assert math.isnan(one.mean)
        assert "not known" in row.inner_text() or "at " in row.inner_text()
        assert row.locator("circle").count() == 0
    opened.locator(".open").first.click()
    said = opened.locator(".each tr").all_inner_texts()
    frame = found.contrast(*answer.pairs[0]).frame.to_dict("records")
    assert len(said) == len(frame)
    for text, row in zip(said, frame, strict=True):
        assert ("at least" in text) == (math.isinf(row["high"]) and math.isfinite(row["low"]))
        assert ("at most" in text) == (math.isinf(row["low"]) and math.isfinite(row["high"]))
    opened.locator(".heat td.bound").first.hover()
    assert "An upper bound" in opened.locator("#detail").inner_text()


def test_the_forest_has_the_contrasts_numbers_at_their_places(shown, two):
    opened = shown(two)
    lines = two.lines()
    rows = opened.locator(".forest tbody tr")
    assert rows.count() == len(lines) == 2 * 2 * 5
    one = lines[0].contrast
    text = rows.nth(0).inner_text()
    assert f"{one.mean:+.2f}" in text
    assert f"[{one.low:+.2f}, {one.high:+.2f}]".replace("-", "−") in text
    box = rows.nth(0).locator(".plot svg").bounding_box()
    middle = {}
    for name in ("circle", ".zero"):
        where = rows.nth(0).locator(f".plot {name}").bounding_box()
        middle[name] = where["x"] + where["width"] / 2 - box["x"]
    ends = rows.nth(0).locator(".bar").evaluate("bar => [bar.x1, bar.x2].map(x => x.baseVal.value)")
    scale_ = (ends[1] - ends[0]) / (one.high - one.low)
    assert middle["circle"] - middle[".zero"] == pytest.approx(one.mean * scale_, abs=1.5)


@pytest.mark.parametrize("guarded", [True, False])
def test_hostile_texts_are_shown_and_never_run(shown, guarded):
    """With the page's own policy, and without it: escaping alone must hold."""
    noisy = pd.DataFrame(
        [(c, t, t, 0, t, p, -1.0) for c in HOSTILE for t in HOSTILE[:4] for p in HOSTILE],
        columns=["context", "variant", "family", "seed", "edit", "phrase", "logprob"],
    )
    models = (
        hand(HOSTILE, HOSTILE, HOSTILE[0], noisy=noisy, domain=HOSTILE[2]),
        hand(HOSTILE, HOSTILE, HOSTILE[1]),
    )
    variables = {each: {HOSTILE[1]: HOSTILE[2]} for each in HOSTILE}
    answer = Answer(models, variables=variables, by=HOSTILE[1])
    opened = shown(answer, 390, bypass_csp=not guarded)
    for place in range(0, 100, 11):
        opened.locator(".heat >> nth=0 >> td").nth(place).hover(force=True)
    opened.locator(".open").first.click()
    assert opened.evaluate("window.bad") is None
    assert opened.evaluate("document.images.length + document.scripts.length") == 2
    assert opened.evaluate(WIDE) <= 0
    assert opened.wrong == []
    assert opened.locator(".heat >> nth=0 >> tr").count() == 11
    headings = opened.locator(".heat >> nth=0 >> tbody th").all_inner_texts()
    assert headings[0] == HOSTILE[0]
    assert headings[1] == HOSTILE[1]
    assert headings[4] == "line⟨U+2028⟩line⟨U+2029⟩end"
    assert headings[5] == "⟨U+202E⟩right to left⟨U+202C⟩ שלום"
    assert headings[6] == "⟨U+D800⟩ alone ⟨U+0000⟩⟨U+001B⟩[2J"


def test_the_policy_lets_no_other_script_run(shown, two):
    opened = shown(two)
    opened.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.bad = 1";
        document.body.append(script);
        new Image().src = "https://example.org/x.png";
    }""")
    assert opened.evaluate("window.bad") is None
    refused = [each for each in opened.wrong if "Content Security Policy" in each]
    assert [kind in one for kind, one in zip(("inline script", "image"), refused, strict=True)]


def test_without_its_script_the_numbers_stand(shown, two):
    opened = shown(two, java_script_enabled=False)
    assert "−1.5" in opened.locator(".heat >> nth=0").inner_text()
    assert not opened.locator("#choice").is_visible()
    assert not opened.locator(".open").first.is_visible()
    assert "of 4" in opened.locator(".forest tbody tr").first.inner_text()


def test_two_hundred_contexts_and_fifty_phrases_stay_responsive(shown):
    contexts = [
        f"Context {k} of a long list, near the {k % 7}th house by the sea, is" for k in range(200)
    ]
    found = hand(contexts, [f" phrase {k} here" for k in range(50)])
    opened = shown([found])
    assert len(page(Answer((found,))).encode()) < 3_000_000
    took = opened.evaluate("""() => {
        const start = performance.now();
        document.querySelector("input[value=pmi]").click();
        document.body.getBoundingClientRect();
        const cells = document.querySelectorAll(".heat td");
        for (let k = 0; k < 100; k += 1) cells[k * 37].focus();
        return performance.now() - start;
    }""")
    assert opened.locator(".heat td").count() == 10_000
    assert took < 5000, "of ms, for a repaint and a hundred cells"


def test_noise_shows_its_variants_and_what_a_new_family_would_give(shown):
    rows = [
        (
            context,
            f"{context} {family} {k}",
            family,
            k,
            "edited",
            phrase,
            -k - place / 10 - len(context) * place / 50,
        )
        for context in CONTEXTS
        for size in [len(context)]
        for family in ("typos", "format")
        for k in range(2)
        for place, phrase in enumerate(PHRASES)
    ]
    columns = ["context", "variant", "family", "seed", "edit", "phrase", "logprob"]
    found = hand(CONTEXTS, PHRASES, noisy=pd.DataFrame(rows, columns=columns))
    opened = shown([found])
    robust = found.contrast(*PHRASES[:2]).robust
    ends = robust.new_family.low, robust.new_family.high
    said = f"[{rounded(ends[0], 2, True)}, {rounded(ends[1], 2, True)}]; sign in "
    said += f"{robust.stability.variants.share:.0%} of 16 variants"
    assert said in opened.locator(".forest").inner_text()
    assert opened.locator(".thin").count() == 2
    opened.locator(".heat td").nth(4).click()
    opened.locator(".noise summary").click()
    items = opened.locator(".noise li").all_inner_texts()
    assert items[0] == "−0.28 typos (edited): a dog. it typos 0"
    assert len(items) == 4


# The file.


def test_a_report_replaces_reports_and_nothing_else(tmp_path, two):
    path = tmp_path / "out.html"
    write_report(two, path)
    write_report(list(two.found), path)
    assert [each.name for each in tmp_path.iterdir()] == ["out.html"]
    path.write_text("<!doctype html><p>a page of mine")
    with pytest.raises(NotOurs, match="is there, and not as this tool wrote it"):
        write_report(two, path)
    assert path.read_text().endswith("mine")
    write_report(two, path, force=True)
    assert not path.read_text().endswith("mine")
    with pytest.raises(FileNotFoundError, match="no folder"):
        write_report(two, tmp_path / "no" / "out.html")


def test_one_comparison_is_enough_and_strangers_are_refused(tmp_path):
    one, other = hand(CONTEXTS, PHRASES), hand(CONTEXTS[:2], PHRASES)
    text = write_report(one, tmp_path / "out.html").read_text()
    assert text.count('class="heat"') == 1
    with pytest.raises(ValueError, match="different contexts or phrases"):
        write_report([one, other], tmp_path / "out.html")


def test_equal_answers_give_equal_bytes(two):
    assert page(two) == page(two)


def test_nothing_is_fetched(two):
    text = page(two)
    assert set(re.findall(r"\w+://[^\"\s]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.findall(r"@import|url\(|\ssrc=|<link|\bfetch\(|import\(", text)


def test_the_page_is_strict_json_inside(two):
    found = json.loads(re.search(r'id="data">(.*?)</script>', page(two))[1])
    assert len(found["models"]) == 2
    assert found["models"][0]["values"]["logprob"] == two.found[0].frame["logprob"].tolist()


def test_a_scale_has_its_edges_where_the_values_are():
    some = colour_scale(range(-100, 1), 1)
    assert [some.step(value) for value in (-200, -96, -50, 0, 5)] == ["s0", "s0", "s4", "s7", "s7"]
    both = colour_scale([-3.0, 1.0, 2.0, math.nan], 1, diverging=True)
    assert both.step(0.0) == "d4"
    assert {both.step(-9.0), both.step(9.0)} == {"d0", "d8"}
    assert [-edge for edge in both.edges[::-1]] == list(both.edges)
    assert colour_scale([], 1).step(-5.0) == "s0"
    axis = Axis.of([-1.0, 3.0, math.inf])
    assert axis.at(math.inf) == 100
    assert axis.at(-math.inf) == 0
    assert axis.low < -1 < 0 < 3 < axis.high


def test_numbers_have_a_true_minus_and_one_way_to_be_rounded():
    assert [rounded(x, 1) for x in (-1.25, 1.25, -0.04, 3.0)] == ["−1.3", "1.3", "0.0", "3.0"]
    assert [rounded(x, 2) for x in (math.nan, -math.inf)] == ["–", "−∞"]
    assert [rounded(x, 1, sign=True) for x in (2.0, -2.0, 0.01)] == ["+2.0", "−2.0", "0.0"]


def test_what_hides_in_a_text_is_seen():
    assert seen("  a b ") == "␣␣a b␣"
    assert seen(" ") == "␣"
    assert seen("a\nb\tc\x1b\u200b") == "a↵b⟨U+0009⟩c⟨U+001B⟩⟨U+200B⟩"
    assert seen("👩\u200d🔬 می\u200cخواهم") == "👩\u200d🔬 می\u200cخواهم"


def test_a_real_comparison_is_a_report(serve_fake, shown):
    found = compare(CONTEXTS, PHRASES, endpoint=serve_fake("forced")[1], domain="so")
    opened = shown(found)
    assert opened.locator(".heat td").count() == 12
    assert "toy" in opened.locator("footer").inner_text()
    assert "“so”" in opened.locator("main").inner_text()


def test_real_noise_is_in_it(serve_fake, shown):
    url = serve_fake("echo")[1]
    found = compare(CONTEXTS[:3], PHRASES[:2], endpoint=url, noise=Noise(("order",), copies=1))
    assert found.noisy is not None
    text = page(Answer((found,)))
    assert "Not every kind of noise fits every context." in text
    alone = compare(CONTEXTS[:1], PHRASES[:2], endpoint=url, noise=Noise(("order",), copies=1))
    assert "in this one" in page(Answer((alone,)))
    for some in (found, alone):
        (line,) = Answer((some,)).lines()
        assert line.note.startswith("no bounds under noise: ")
        assert line.contrast.frame.equals(replace(some, noisy=None).contrast(*PHRASES[:2]).frame)


def test_its_files_go_with_the_package():
    import ideas_lib.lm.report.report as module

    there = {each.name for each in (Path(module.__file__).parent / "page").iterdir()}
    assert {name for names in module.PARTS for name in names} | {"report.html"} == there
