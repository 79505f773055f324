/* Maps of one set of points, each with its errors: which neighbours are true, which are torn off. */

const SLIDE = 600; // milliseconds from one map to the next
const NEAR = { mouse: 14, touch: 26 }; // pixels

function figure(stage, data) {
  const points = new Points(data), camera = new Camera(), { n, k } = points;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const state = {
    chart: points.charts[0], colour: null, hidden: new Set(), fade: true, theme: themeOf(stage),
    found: null, lasso: null, picked: -1, hovered: -1, tracing: false, path: [], step: -1,
  };
  let unit = state.chart.unit.slice(), grid = new Grid(unit);
  const places = new Float32Array(2 * n);
  const look = new Uint8Array(4 * n), form = new Uint8Array(n);
  let order = Uint32Array.from(points.texts, (_, i) => i);

  // What is on the page.
  const root = element("div", { class: "maps" }), eager = Boolean(stage.closest("[data-page]"));
  const canvas = element("canvas", { class: "maps-points" });
  const over = element("canvas", {
    class: "maps-over", tabindex: "0", role: "application",
    "aria-label": "Map of the points. Arrow keys move it, plus and minus zoom, 0 shows all, " +
      "Enter takes the point nearest to the middle.",
  });
  const tip = element("div", { class: "maps-tip", hidden: "" });
  const field = element("div", { class: "maps-field" }, canvas, over, tip);
  const legend = element("div", { class: "maps-legend", role: "group", "aria-label": "Colours" });
  const panel = element("div", { class: "maps-panel", role: "region", "aria-label": "Details" });
  const side = element("div", { class: "maps-side" }, panel);
  const main = element("div", { class: "maps-main" });
  stage.append(element("style", {}, data.style), root);
  const raster = new Raster(canvas), pen = over.getContext("2d");

  // The tools above the map.
  const tools = element("div", { class: "ideas-row maps-tools" });
  const charts = points.charts.map((chart, at) => [at, `${chart.name}: ${percent(chart.kept)} kept`]);
  const map = chooser("Map", charts, (at) => switchTo(points.charts[at]));
  const scores = Object.keys(state.chart.scores);
  const columns = points.columns.filter((c) => c.kind === "number" || c.names.length < 25 ||
    c.names.length < n / 2);
  const colours = [
    ...columns.map((c) => [`c${points.columns.indexOf(c)}`, c.name]),
    ...scores.map((name) => [name, `error: ${name}`]), ["", "nothing"],
  ];
  const colour = chooser("Colour", colours, colourBy);
  const fade = element("input", { type: "checkbox", checked: "" });
  fade.addEventListener("change", () => {
    state.fade = fade.checked;
    paint();
  });
  const search = element("input", { type: "search", placeholder: "Search", "aria-label": "Search" });
  search.addEventListener("input", soon(() => find(search.value)));
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && state.found?.length) {
      state.step = (state.step + 1) % state.found.length;
      pick(state.found[state.step], true);
    }
  });
  const hits = element("output", { class: "maps-hits" });
  const lasso = button("Lasso", () => trace(!state.tracing), { "aria-pressed": "false" });
  tools.append(map.row, colour.row, element("label", {}, fade, " Fade what not to believe"),
    search, hits, lasso, button("Show all", () => {
      camera.reset();
      draw();
    }));
  const taken = element("p", { class: "maps-taken", hidden: "" });
  main.append(field, taken, legend);
  root.append(tools, main, side);
  const say = sentence(main);

  // What a point looks like.
  const style = {
    kind: (at, kind) => kindColour(state.theme, at, kind),
    ramp: (place) => shade(state.theme.ramp, place),
  };
  const visible = (i) => seen(state, i);

  function paint() {
    away();
    order = painted(points, state, look, form);
    draw();
  }

  const radius = () => {
    const plain = Math.min(Math.max(90 / Math.sqrt(n), 1.1), 5.5) * Math.max(Math.sqrt(camera.width / 800), 0.8);
    return Math.min(Math.max(plain, 1) * Math.min(camera.zoom, 40) ** 0.35, 9);
  };

  function drawNow() {
    camera.width = over.clientWidth;
    camera.height = over.clientHeight;
    if (!camera.width || !camera.height) return;
    if (raster.fit()) Object.assign(over, { width: canvas.width, height: canvas.height });
    if (!raster.image) return;
    camera.toScreen(unit, places);
    raster.draw(places, look, form, order, radius(), state.theme.back);
    drawOver();
  }
  const draw = soon(drawNow);

  function drawOver() {
    const ratio = raster.ratio || 1;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, camera.width, camera.height);
    overlay(pen, points, state, places, radius());
  }

  // What hands do.
  const at = (x, y, reach) => grid.nearest(...camera.toUnit(x, y), reach / camera.scale, visible);
  hands(over, camera, {
    eager,
    tracing: () => state.tracing,
    moved() {
      hover(-1e9, -1e9);
      draw();
    },
    hover,
    tap(x, y, touch, middle) {
      over.focus({ preventScroll: true });
      pick(at(x, y, middle ? 1e5 : touch ? NEAR.touch : NEAR.mouse));
    },
    traced(path, done) {
      state.path = done ? [] : path;
      if (done) {
        const inside = within(path, places, visible);
        trace(false);
        select(inside.length ? inside : null);
      } else drawOver();
    },
  });

  function hover(x, y) {
    const i = x < 0 ? -1 : at(x, y, NEAR.mouse);
    tip.hidden = i < 0;
    over.style.cursor = state.tracing ? "crosshair" : i < 0 ? "grab" : "pointer";
    if (i >= 0) {
      tip.textContent = told(i);
      const left = Math.min(x + 14, Math.max(camera.width - tip.offsetWidth - 6, 4));
      const low = y + 18 + tip.offsetHeight > camera.height;
      tip.style.left = `${left}px`;
      tip.style.top = `${low ? y - tip.offsetHeight - 12 : y + 16}px`;
    }
    if (i === state.hovered) return;
    state.hovered = i;
    drawOver();
  }

  /** A point in one line. */
  function told(i) {
    const kept = Math.round(k * state.chart.scores.kept[i]);
    const name = state.colour && !state.colour.share ? ` · ${points.value(state.colour, i)}` : "";
    return `${short(points.texts[i], 160)}${name} · ${kept} of ${k} kept`;
  }

  /** Takes the tooltip away: what it was about has moved, or is drawn anew. */
  function away() {
    tip.hidden = true;
    state.hovered = -1;
  }

  function trace(on) {
    state.tracing = on;
    lasso.setAttribute("aria-pressed", String(on));
    over.style.cursor = on ? "crosshair" : "grab";
  }

  // What is chosen.
  function colourBy(name) {
    state.hidden.clear();
    state.colour = null;
    if (name[0] === "c" && /^c\d+$/.test(name)) state.colour = points.columns[Number(name.slice(1))];
    else if (name) {
      const values = state.chart.scores[name];
      state.colour = { name, kind: "number", values, low: 0, high: 1, share: PERCENT.includes(name) };
    }
    const c = state.colour;
    if (c?.kind === "number" && c.low === undefined) {
      const real = c.values.filter((value) => !Number.isNaN(value));
      c.low = real.reduce((a, b) => Math.min(a, b), Infinity);
      c.high = real.reduce((a, b) => Math.max(a, b), -Infinity);
    }
    colour.select.value = name;
    fillLegend(legend, c, style, state.hidden, paint);
    paint();
  }

  function find(letters) {
    state.found = letters.trim() ? points.search(letters.trim()) : null;
    Object.assign(state, { step: -1, lasso: null });
    hits.textContent = state.found ? `${state.found.length.toLocaleString("en")} found` : "";
    show();
    paint();
  }

  function select(chosen) {
    state.lasso = chosen;
    state.picked = -1;
    show();
    paint();
  }

  function pick(i, travel = false) {
    state.picked = i;
    if (travel && i >= 0) [camera.x, camera.y] = [unit[2 * i], unit[2 * i + 1]];
    show();
    draw();
  }

  function show() {
    const { picked, chart, lasso: chosen, found } = state;
    taken.hidden = picked < 0;
    taken.textContent = picked < 0 ? "" : told(picked);
    const common = {
      pick: (i) => pick(i),
      // As on the map, so that a neighbour of another kind is seen at once.
      mark: (i) => swatch(`rgb(${look.subarray(4 * i, 4 * i + 3).join()})`, form[i] >> 1, form[i] & 1),
    };
    if (picked >= 0) {
      fillPoint(panel, points, chart, picked, { ...common, close: () => pick(-1) });
    } else if (chosen || found?.length) {
      const all = chosen || found, many = all.length.toLocaleString("en");
      fillSelection(panel, points, chart, all, `${many} ${all.length === 1 ? "point" : "points"} ` +
        (chosen ? "in the lasso" : "found"), {
        ...common,
        close() {
          search.value = "";
          find("");
        },
      });
    } else panel.replaceChildren(hint());
  }

  function hint() {
    const key = element("div", { class: "maps-hint" });
    const line = (text, ...parts) => key.append(element("p", {}, ...parts, text));
    line("Click a point: lines lead to its true neighbours; dashed ones were torn away.");
    const ink = state.theme.colours[0];
    line(` hollow: fewer than ${state.chart.few} of the ${k} nearest here ` +
      "are true ones, so do not read its place", swatch(ink, 0, true));
    line(" solid: the stronger, the more of them are true", swatch(ink, 0, false));
    line(`Drag to move, pinch or scroll to zoom${eager ? "" : " (once it is clicked)"}.`);
    line("✗ means not among the nearest there; it can be related all the same.");
    return key;
  }

  function switchTo(chart) {
    const from = unit.slice(), begin = performance.now();
    state.chart = chart;
    map.select.value = String(points.charts.indexOf(chart));
    camera.reset();
    grid = new Grid(chart.unit);
    say(chart.sentence);
    if (state.colour?.share !== undefined) colourBy(state.colour.name);
    show();
    paint();
    const slide = (now) => {
      if (state.chart !== chart) return;
      const share = calm ? 1 : Math.min(Math.max((now - begin) / SLIDE, 0), 1);
      const eased = share * share * (3 - 2 * share);
      for (let c = 0; c < unit.length; c++) unit[c] = from[c] + (chart.unit[c] - from[c]) * eased;
      drawNow();
      if (share < 1) requestAnimationFrame(slide);
    };
    slide(begin);
  }

  function retheme() {
    const theme = themeOf(stage);
    if (theme === state.theme) return;
    state.theme = theme;
    fillLegend(legend, state.colour, style, state.hidden, paint);
    show();
    paint();
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(retheme));
  const watch = new MutationObserver(() => setTimeout(retheme));
  for (const node of [document.documentElement, document.body]) {
    watch.observe(node, { attributes: true });
  }
  new ResizeObserver(() => {
    away();
    draw();
  }).observe(field);
  // The page, or a box that the map stands in, has scrolled under the hand.
  addEventListener("scroll", (event) => {
    if (!event.target.contains?.(field)) return;
    away();
    draw();
  }, { capture: true, passive: true });

  say(state.chart.sentence);
  show();
  colourBy(columns.length ? colours[0][0] : "kept");
  return { Grid, points, camera, state, places, pick, select, find, switchTo, colourBy, draw: drawNow };
}
