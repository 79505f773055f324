/* What stands beside the map: the legend, a point with its neighbours, a selection to take away. */

const PAGE = 200; // rows of a selection that are listed

function button(text, act, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}

function chooser(label, options, change) {
  const select = element("select");
  for (const [value, text] of options) select.append(element("option", { value }, text));
  select.addEventListener("change", () => change(select.value));
  return { row: element("label", {}, element("span", {}, label), select), select };
}

function short(text, most = 90) {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line || "(empty)";
}

function percent(share) {
  return `${number(100 * share, 0)}\u00a0%`;
}

/** A shape in its colour, as on the map. */
function swatch(colour, shape, hollow) {
  const shapes = [
    () => drawn("circle", { cx: 7, cy: 7, r: 5 }),
    () => drawn("rect", { x: 2.5, y: 2.5, width: 9, height: 9 }),
    () => drawn("path", { d: "M7 1.5L12.6 11.5L1.4 11.5Z" }),
  ];
  const found = shapes[shape]();
  found.setAttribute("fill", hollow ? "none" : colour);
  if (hollow) found.setAttribute("stroke", colour);
  return drawn("svg", { width: 14, height: 14, "aria-hidden": "true" }, found);
}

/** Fills the legend for a column: kinds to switch off and on, or a scale. */
function fillLegend(place, column, look, hidden, changed) {
  place.replaceChildren();
  if (!column) return;
  if (column.kind === "number") {
    const bar = element("span", { class: "maps-bar", "aria-hidden": "true" });
    const stops = [0, 0.25, 0.5, 0.75, 1].map((at) => `rgb(${look.ramp(at).join()})`);
    bar.style.background = `linear-gradient(90deg, ${stops.join()})`;
    const words = (v) => (column.share ? percent(v) : general(v));
    place.append(element("span", {}, words(column.low)), bar, element("span", {}, words(column.high)));
    return;
  }
  column.kinds.forEach((kind, n) => {
    const made = button(` ${short(kind.name, 32)} `, () => {
      if (!hidden.delete(n)) hidden.add(n);
      made.setAttribute("aria-pressed", String(!hidden.has(n)));
      changed();
    }, { "aria-pressed": String(!hidden.has(n)), class: "maps-kind", title: kind.name });
    made.prepend(swatch(`rgb(${look.kind(n, kind).join()})`, kind.other ? 0 : n % SHAPES, false));
    made.append(element("span", { class: "maps-count" }, String(kind.count)));
    place.append(made);
  });
  if (column.kinds.length > 2) {
    const every = column.kinds.map((_, n) => n);
    const set = (numbers) => {
      hidden.clear();
      numbers.forEach((n) => hidden.add(n));
      fillLegend(place, column, look, hidden, changed);
      changed();
    };
    place.append(button("All", () => set([])), button("None", () => set(every)));
  }
}

/** Fills the panel with a point: what it is, how far to believe its place, its neighbours. */
function fillPoint(place, points, chart, i, { pick, close, mark }) {
  const facts = element("dl", { class: "maps-facts" });
  const fact = (name, value) => facts.append(element("dt", {}, name), element("dd", {}, value));
  for (const column of points.columns) fact(column.name, points.value(column, i) || "(none)");
  for (const [name, values] of Object.entries(chart.scores)) {
    fact(name, PERCENT.includes(name) ? percent(values[i]) : number(values[i], 3));
  }
  const { k } = points, kept = Math.round(k * chart.scores.kept[i]);
  const verdict = kept < chart.few
    ? `Do not read its place: ${kept} of the ${k} nearest here are true neighbours.`
    : `${kept} of the ${k} nearest here are true neighbours.`;
  const head = element("div", { class: "maps-head" });
  head.append(element("h3", {}, short(points.texts[i], 400)), button("Close", close));
  place.replaceChildren(
    head,
    element("p", { class: "maps-verdict" }, verdict),
    neighbours(points, i, "True neighbours", "similarity,on the map".split(","),
      points.row(points.true, i), points.row(chart.shownRanks, i), { pick, mark },
      (r) => points.nearness(i, r), points.metric),
    neighbours(points, i, "Shown neighbours", ["in truth"],
      points.row(chart.shown, i), points.row(chart.trueRanks, i), { pick, mark }),
    facts,
  );
}

function neighbours(points, i, title, names, others, ranks, { pick, mark }, nearness, metric) {
  const table = element("table", { class: "maps-table" });
  const heads = ["", metric === "euclidean" && nearness ? "distance" : names[0], names[1]];
  const head = element("tr", {}, element("th", { scope: "col" }, "neighbour"));
  for (const name of heads.slice(1).filter(Boolean)) head.append(element("th", { scope: "col" }, name));
  table.append(element("caption", {}, title), element("thead", {}, head));
  const body = element("tbody");
  others.forEach((other, r) => {
    const true_ = ranks[r] <= points.k;
    const link = button(short(points.texts[other], 80), () => pick(other), { class: "maps-link" });
    link.prepend(mark(other), " ");
    const name = element("td", {}, link);
    const row = element("tr", { class: true_ ? "maps-true" : "maps-false" }, name);
    if (nearness) row.append(element("td", {}, nearness(r)));
    const place = `${true_ ? "✓" : "✗"} ${ordinal(ranks[r])}`;
    row.append(element("td", { title: true_ ? "in both" : "in one only" }, place));
    body.append(row);
  });
  table.append(body);
  return table;
}

function ordinal(rank) {
  const last = rank % 100 > 10 && rank % 100 < 14 ? 0 : rank % 10;
  return `${rank.toLocaleString("en")}${["th", "st", "nd", "rd"][last] || "th"}`;
}

/** Fills the panel with a selection, to read and to take away. */
function fillSelection(place, points, chart, chosen, title, { pick, close, mark }) {
  const records = () => chosen.map((i) => points.record(chart, i));
  const head = element("div", { class: "maps-head" });
  head.append(element("h3", {}, title), button("Clear", close));
  const kept = chosen.reduce((sum, i) => sum + chart.scores.kept[i], 0) / chosen.length;
  const list = element("ol", { class: "maps-list" });
  for (const i of chosen.slice(0, PAGE)) {
    const link = button(short(points.texts[i]), () => pick(i), { class: "maps-link" });
    link.prepend(mark(i), " ");
    list.append(element("li", {}, link));
  }
  const row = element("div", { class: "ideas-row" });
  row.append(
    button("Save as CSV", () => download("selection.csv", "text/csv", asCsv(records()))),
    button("Save as JSON", () =>
      download("selection.json", "application/json", JSON.stringify(records(), null, 1))),
  );
  const more = chosen.length > PAGE ? `The first ${PAGE} are listed; all of them are saved.` : "";
  place.replaceChildren(head, element("p", { class: "maps-verdict" },
    `They keep ${percent(kept)} of their true neighbours here. ${more}`), row, list);
}
