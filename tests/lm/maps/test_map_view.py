"""The maps in a real browser, from file://: what they draw, find, list and give away."""

import base64
import csv
import io
import json
import re
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ideas_lib.lm.maps import MapView, show_maps
from ideas_lib.lm.maps.chart import usual_methods, usual_reruns
from ideas_lib.lm.maps.map_view import render_maps
from ideas_lib.lm.maps.projection import METHODS

TRAPS = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"quoted", with a comma',
    "<!-- \u2028 ]]> ${alert(1)} {title}",
    "=1+1\nsecond line",
    "שלום 你好 \U0001f600 \ud800",
]
LOCAL = ("file:", "data:", "blob:")
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FIGURE = "document.querySelector('[data-ideas-figure]').figure"
POINTS = 80


@pytest.fixture(scope="module")
def shown() -> MapView:
    draw_ = np.random.default_rng(0)
    kind = np.arange(POINTS) % 3
    vectors = 5 * np.eye(9)[kind] + draw_.standard_normal((POINTS, 9))
    texts = [TRAPS[n] if n < len(TRAPS) else f"Sentence {n}" for n in range(POINTS)]
    numbers = draw_.random(POINTS)
    numbers[3] = np.nan
    return show_maps(
        vectors,
        [["red </b>", "green", "blue"][each] for each in kind],
        texts=texts,
        metadata={"number <i>": numbers, "stars": kind + 1, "id": [f"id-{n}" for n in range(80)]},
        methods=["t-sne", "pca"],
        reruns=1,
        title="A <b>map</b> & more",
    )


@pytest.fixture
def opened(browser, shown, tmp_path) -> Iterator[Callable]:
    """Open the saved page; what its scripts complain of, and what it asks for, are errors."""
    found: list[str] = []

    def open_(width: int = 1280, theme: str = "light", view: MapView = shown, **how):
        size = {"width": width, "height": 900}
        page = browser.new_context(viewport=size, color_scheme=theme, **how).new_page()
        page.on("pageerror", lambda error: found.append(str(error)))
        page.on("console", lambda m: found.append(m.text) if m.type == "error" else None)
        page.on("dialog", lambda dialog: (found.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda r: None if r.url.startswith(LOCAL) else found.append(r.url))
        page.goto(view.save(tmp_path / "map.html").as_uri())
        page.wait_for_selector("[data-drawn]")
        return page

    yield open_
    for context in browser.contexts:
        context.close()
    assert found == []


def until(page, true: Callable[[], bool]) -> None:
    """Wait for something, which the page's own rules keep Playwright from doing inside it."""
    for _ in range(200):
        if true():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it did not happen")


def saved(page, name: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save as {name}").click()
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        return file.read()


def at(page, i: int) -> tuple[float, float]:
    """Where a point is on the screen."""
    page.evaluate(f"{FIGURE}.draw()")
    x, y = page.evaluate(f"[0, 1].map((c) => {FIGURE}.places[2 * {i} + c])")
    box = page.locator(".maps-over").bounding_box()
    return box["x"] + x, box["y"] + y


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_loads_fits_and_can_be_used_by_all(opened, serious, width, theme):
    page = opened(width, theme)
    assert page.title() == "A <b>map</b> & more"
    assert page.evaluate(TOO_WIDE) <= 0
    if (width, theme) in ((1280, "light"), (390, "dark")):
        assert serious(page) == []
    page.evaluate(f"{FIGURE}.pick(1)")
    assert page.evaluate(TOO_WIDE) <= 0
    assert serious(page) == []
    assert page.locator(".maps-panel h3").inner_text() == TRAPS[1]
    # Dots are drawn on the ground of the theme.
    pixels = page.evaluate(
        "(() => { const c = document.querySelector('.maps-points'); const d = c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 0; i < d.length;"
        " i += 4) n += d[i] !== d[0] || d[i + 1] !== d[1]; return [d[0], n]; })()"
    )
    assert pixels[0] == (255 if theme == "light" else 20)
    assert pixels[1] > 10 * POINTS
    taken = page.locator(".maps-taken")
    assert taken.is_visible() == (width < 1000), "where its panel is not beside the map"
    if width > 1000:
        return
    assert re.fullmatch(r"<img src=x.* · \d+ of 10 kept", taken.inner_text())
    box, view = taken.bounding_box(), page.evaluate("[scrollY, scrollY + innerHeight]")
    assert view[0] <= box["y"] + view[0] <= box["y"] + box["height"] + view[0] <= view[1]


def test_the_script_reads_what_python_measured(opened, shown):
    page = opened()
    for number, (method, chart) in enumerate(shown.maps.items()):
        page.evaluate(f"{FIGURE}.switchTo({FIGURE}.points.charts[{number}])")
        read = f"{FIGURE}.points.charts[{number}]"
        for name in ("kept", "trustworthiness", "continuity"):
            values = page.evaluate(f"[...{read}.scores.{name}]")
            np.testing.assert_allclose(values, getattr(chart.trust, name), atol=1e-6)
        assert page.evaluate(f"[...{read}.shown]") == chart.trust.shown.ravel().tolist()
        places = np.reshape(page.evaluate(f"[...{read}.unit]"), (-1, 2)) * [1, -1]
        apart = [np.linalg.norm(p[:, None] - p, axis=2).ravel() for p in (places, chart.places)]
        shown_, known = (each / each.max() for each in apart)
        np.testing.assert_allclose(shown_, known, atol=1e-4)
        assert page.locator(".ideas-said").inner_text() == chart.sentence
        stable = page.evaluate(f"{read}.scores.stability ? [...{read}.scores.stability] : null")
        if method == "pca":
            assert stable is None
        else:
            np.testing.assert_allclose(stable, chart.trust.stability, atol=0.002)
    assert page.evaluate(f"[...{FIGURE}.points.true]") == chart.trust.true.ravel().tolist()


def test_a_click_shows_true_beside_shown_neighbours(opened, shown):
    page = opened()
    page.mouse.click(*at(page, 10))
    chart = shown.maps["t-sne"]
    said = page.locator(".maps-panel h3").inner_text()
    i = shown.table["text"].tolist().index(said)
    assert np.allclose(at(page, i), at(page, 10), atol=15)
    true, near = (page.locator(".maps-table").nth(n).locator("tbody tr") for n in (0, 1))
    names = [" ".join(t.split()) for t in shown.table["text"]]
    for rows, others, ranks in (
        (true, chart.trust.true[i], chart.trust.shown_ranks[i]),
        (near, chart.trust.shown[i], chart.trust.true_ranks[i]),
    ):
        assert rows.count() == chart.trust.k
        for n, (other, rank) in enumerate(zip(others, ranks, strict=True)):
            cells = rows.nth(n).locator("td").all_inner_texts()
            assert cells[0].strip() == names[other]
            assert re.fullmatch(rf"{'✓' if rank <= 10 else '✗'} {rank}(st|nd|rd|th)", cells[-1])
    kept = round(10 * chart.trust.kept[i])
    assert f"{kept} of the 10 nearest here" in page.locator(".maps-verdict").inner_text()
    true.nth(0).get_by_role("button").click()  # and on to the nearest
    assert (
        page.locator(".maps-panel h3").inner_text() == shown.table["text"][chart.trust.true[i, 0]]
    )


def test_hovering_tells_and_search_finds(opened, shown):
    page = opened()
    page.mouse.move(*at(page, 20))
    tip = page.locator(".maps-tip")
    assert "of 10 kept" in tip.inner_text()
    # It does not outlive what it points at: the map scrolls away, or another is drawn.
    for away in ("document.dispatchEvent(new Event('scroll'))", f"{FIGURE}.colourBy('')"):
        page.mouse.move(*at(page, 20))
        tip.wait_for(state="visible")
        page.evaluate(away)
        assert tip.is_hidden()
        page.mouse.move(*at(page, 30))
    search = page.get_by_role("searchbox")
    search.fill("SENTENCE 7")
    hits = [n for n, text in enumerate(shown.table["text"]) if "Sentence 7" in text]
    page.get_by_text(f"{len(hits)} found", exact=True).wait_for()
    assert page.locator(".maps-list li").count() == len(hits)
    search.press("Enter")
    assert page.locator(".maps-panel h3").inner_text() == f"Sentence {hits[0]}"
    search.press("Enter")
    assert page.locator(".maps-panel h3").inner_text() == f"Sentence {hits[1]}"
    search.fill("<img")
    page.get_by_text("1 found", exact=True).wait_for()
    search.fill("red </b>")  # in a column
    page.get_by_text("27 found", exact=True).wait_for()


@pytest.mark.parametrize("touch", [False, True])
def test_a_lasso_gives_its_points_away(opened, shown, touch):
    page = opened(has_touch=touch)
    page.get_by_role("button", name="Lasso").click()
    box = page.locator(".maps-over").bounding_box()
    corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)]
    path = [(box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in corners]
    if touch:
        session = page.context.new_cdp_session(page)
        for kind, points in (
            *(("touchStart" if n == 0 else "touchMove", [p]) for n, p in enumerate(path)),
            ("touchEnd", []),
        ):
            given = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
            session.send("Input.dispatchTouchEvent", given)
    else:
        page.mouse.move(*path[0])
        page.mouse.down()
        for place in path[1:]:
            page.mouse.move(*place)
        page.mouse.up()
    page.get_by_text(f"{POINTS} points in the lasso").wait_for()
    frame = shown.frame()
    rows = json.loads(saved(page, "JSON"))
    assert [row["text"] for row in rows] == frame["text"].tolist()
    np.testing.assert_allclose([row["t-sne_kept"] for row in rows], frame["kept"], atol=1e-4)
    span = np.ptp(shown.maps["t-sne"].places, axis=0).max()
    np.testing.assert_allclose([r["t-sne_x"] for r in rows], frame["x"], atol=1e-4 * span)
    np.testing.assert_allclose([r["t-sne_y"] for r in rows], frame["y"], atol=1e-4 * span)
    assert [row["label"] for row in rows] == frame["label"].tolist()
    assert rows[3]["number <i>"] is None
    table = list(csv.DictReader(io.StringIO(saved(page, "CSV"), newline="")))
    assert [row["text"] for row in table] == frame["text"].tolist()
    assert list(table[0]) == list(rows[0])
    page.get_by_role("button", name="Clear").click()
    assert page.get_by_text("in the lasso").count() == 0


def test_kinds_can_be_switched_off_and_numbers_have_a_scale(opened):
    page = opened()
    legend = page.locator(".maps-legend")
    names = [" ".join(t.split()) for t in legend.get_by_role("button").all_inner_texts()]
    assert names == ["blue 26", "green 27", "red </b> 27", "All", "None"]
    lit = f"[...{FIGURE}.state.hidden]"
    legend.get_by_role("button", name="green").click()
    assert page.evaluate(lit) == [1]
    # What is switched off is found neither by a click nor by the lasso.
    page.mouse.click(*at(page, 1))
    assert page.evaluate(f"{FIGURE}.state.picked % 3") != 1
    legend.get_by_role("button", name="None").click()
    assert page.evaluate(lit) == [0, 1, 2]
    legend.get_by_role("button", name="All").click()
    assert page.evaluate(lit) == []
    options = page.get_by_role("combobox").nth(1).locator("option").all_inner_texts()
    assert options[:3] == ["label", "number <i>", "stars"]
    assert "id" not in options
    page.get_by_role("combobox").nth(1).select_option(label="error: kept")
    assert legend.inner_text().split() == ["0", "%", "100", "%"]
    page.get_by_role("combobox").nth(1).select_option(label="stars")
    assert legend.get_by_role("button").count() == 5


def test_the_keyboard_reaches_all_of_it(opened):
    page = opened()
    page.locator(".maps-over").focus()
    zoom = f"{FIGURE}.camera.zoom"
    page.keyboard.press("+")
    assert page.evaluate(zoom) == pytest.approx(1.4)
    before = page.evaluate(f"{FIGURE}.camera.x")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(f"{FIGURE}.camera.x") > before
    page.keyboard.press("Enter")
    assert page.locator(".maps-table").count() == 2
    page.keyboard.press("0")
    assert page.evaluate(zoom) == 1


def test_switching_maps_moves_the_points_there(opened):
    # How far the points are from where the second map has them, in pixels.
    off = (
        f"(() => {{ const f = {FIGURE}, c = f.camera, s = c.scale, u = f.points.charts[1].unit;"
        " const left = c.width / 2 - c.x * s, top = c.height / 2 - c.y * s;"
        " return Math.max(...u.map((v, i) => "
        " Math.abs(f.places[i] - v * s - (i % 2 ? top : left))));"
        " })()"
    )
    calm = opened(reduced_motion="reduce")
    calm.get_by_role("combobox").nth(0).select_option(index=1)
    assert calm.evaluate(off) < 0.01
    page = opened(reduced_motion="no-preference")
    page.get_by_role("combobox").nth(0).select_option(index=1)
    way = [page.evaluate(off)]
    until(page, lambda: way.append(page.evaluate(off)) or way[-1] < 0.01)
    assert way == sorted(way, reverse=True)
    assert page.evaluate(f"{FIGURE}.state.chart.method") == "pca"


def test_the_wheel_zooms_where_it_points(opened):
    page = opened()
    x, y = at(page, 5)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -600)
    until(page, lambda: page.evaluate(f"{FIGURE}.camera.zoom > 2"))
    assert np.allclose(at(page, 5), (x, y), atol=3), "a wheel's place is a whole pixel"


def test_fifty_thousand_points_are_drawn_in_time(opened):
    """A frame's time is the machine's; what must not grow is the work that hovering takes."""
    points, draw_ = 50_000, np.random.default_rng(0)
    rows = draw_.standard_normal((60, 4))
    small = show_maps(rows, methods=["pca"], k=3)
    chart = small.maps["pca"]
    trust = chart.trust
    tiled = {
        name: np.resize(getattr(trust, name), (points, 3))
        for name in ("true", "shown", "true_ranks", "shown_ranks")
    }
    big = type(chart)(
        "pca", draw_.random((points, 2)), type(trust)(**tiled, triplets=0.5, spearman=0)
    )
    texts = pd.DataFrame({"text": [f"text {n}" for n in range(points)]})
    page = opened(view=render_maps(np.resize(rows, (points, 4)), {"pca": big}, texts))
    assert page.evaluate(f"{FIGURE}.points.n") == points
    looked = page.evaluate(
        f"(() => {{ const f = {FIGURE}; let n = 0; const g = new f.Grid(f.state.chart.unit);"
        " for (let i = 0; i < 100; i++) g.nearest(i / 100, 0.5, 0.02, () => (n++, true));"
        " return n / 100; })()"
    )
    assert 0 < looked < 1000
    page.mouse.move(*at(page, 4321))
    page.locator(".maps-tip").get_by_text("text ").wait_for()


# Outside the browser.


def test_a_notebook_gets_html_a_picture_and_words(shown):
    data, about = shown._repr_mimebundle_()
    assert list(data) == ["text/html", "image/png", "text/plain"]
    assert data["text/plain"] == repr(shown) == about["image/png"]["alt"]
    assert shown.maps["t-sne"].sentence in repr(shown)
    assert shown._repr_html_() == data["text/html"]
    for trap in TRAPS[:2]:
        assert trap not in data["text/html"]
    assert "http" not in re.sub(r"http://www\.w3\.org/\d+/svg", "", data["text/html"])


@pytest.mark.parametrize("names", ["ab", ["$x^$", "_b"], ["你", "b"], [None, "b"], [1.5, 2]])
def test_the_picture_takes_any_labels(names):
    rows = np.random.default_rng(0).standard_normal((40, 4))
    found = show_maps(rows, [names[n % 2] for n in range(40)], methods=["pca"])
    picture = Image.open(io.BytesIO(base64.b64decode(found._repr_mimebundle_()[0]["image/png"])))
    assert picture.size[0] == 1120
    assert len(picture.getcolors()) > 8


def test_frames_have_a_row_a_point(shown):
    frame = shown.frame("pca")
    assert list(frame) == [
        "text",
        "label",
        "number <i>",
        "stars",
        "id",
        "x",
        "y",
        "kept",
        "trustworthiness",
        "continuity",
    ]
    np.testing.assert_array_equal(frame[["x", "y"]], shown.maps["pca"].places)
    assert "stability" in shown.frame("t-sne")


def test_the_sentence_says_what_was_measured(shown):
    chart = shown.maps["t-sne"]
    said = chart.sentence.replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith(f"Near: {100 * chart.trust.kept.mean():.0f} % of the 10 nearest")
    assert "chance is 13 %" in said
    assert f"rightly in {100 * chart.trust.triplets:.0f} % of random cases" in said
    assert "not measured" not in said
    assert "of the variance" in shown.maps["pca"].sentence


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"labels": ["a"]}, "label has 1 values for 20 vectors"),
        ({"texts": ["a"] * 21}, "text has 21 values for 20 vectors"),
        ({"metadata": {"x": [1]}}, "x has 1 values for 20 vectors"),
        ({"labels": [1] * 20, "metadata": {"label": [1] * 20}}, "column 'label', which is a name"),
        ({"methods": []}, "no method is named"),
        ({"methods": ["mds"]}, "method 'mds' is none of"),
        ({"reruns": -1}, "reruns is -1"),
        ({"k": 10}, r"k=10 neighbours of 20 points: it has to be in 1\.\.9"),
    ],
)
def test_what_does_not_fit_is_named(how, message):
    vectors = np.random.default_rng(0).standard_normal((20, 3))
    with pytest.raises(ValueError, match=message):
        show_maps(vectors, **{"methods": ["pca"], **how})


def test_four_points_are_enough_and_say_that_they_prove_nothing():
    found = show_maps(np.eye(4) + 0.1 * np.arange(4), methods=["pca"])
    assert "even that could be chance: read none of it" in found.maps["pca"].sentence


def test_what_is_drawn_unasked_goes_by_the_number_of_points(monkeypatch):
    assert usual_methods(20) == ("pca", "t-sne", "umap")
    assert usual_methods(500) == ("pca", "t-sne", "umap", "pacmap")
    assert usual_methods(50_000) == ("pca", "umap", "pacmap")
    assert [usual_reruns(n) for n in (500, 2_001)] == [2, 0]
    monkeypatch.setattr(
        "ideas_lib.lm.maps.chart.NEEDS",
        dict.fromkeys(METHODS[2:], "no_such") | dict.fromkeys(METHODS[:2], "sklearn"),
    )
    assert usual_methods(500) == usual_methods(50_000) == ("pca", "t-sne")
