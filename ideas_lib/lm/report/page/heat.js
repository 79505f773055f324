// Heat maps, and the tokens of the cell that is pointed at.

const columns = data.phrases.length;
const tables = [...document.querySelectorAll(".heat")];
const detail = document.getElementById("detail");
let score = "logprob";
let kept = null;

const bound = data.models.map((model) => new Set(model.bound));
const merged = data.models.map((model) => new Set(model.merged));

function words(model, place, name, digits) {
  const value = data.models[model].values[name][place];
  const most = bound[model].has(place) && value !== null ? "≤\u2009" : "";
  return most + number(value, digits) + (merged[model].has(place) ? "†" : "");
}

function colour(model, place) {
  const { kind, edges } = data.scales[score];
  const value = data.models[model].values[score][place];
  const step = value === null ? "" : kind + edges.filter((edge) => edge <= value).length;
  return bound[model].has(place) ? `${step} bound` : step;
}

function paint() {
  const { kind, digits, edges } = data.scales[score];
  tables.forEach((table, model) => {
    let place = 0;
    for (const row of table.tBodies[0].rows)
      for (const cell of [...row.cells].slice(1)) {
        cell.className = colour(model, place);
        cell.textContent = words(model, place, score, digits);
        place += 1;
      }
  });
  if (kept) kept.classList.add("kept");
  const swatches = [...edges, null].map((edge, step) =>
    make("span", { class: `swatch ${kind}${step}` }, edge === null ? "more" : number(edge, digits)));
  document.getElementById("scale").replaceChildren(
    make("span", { class: "edge" }, "less than"), ...swatches);
}

function cellAt(target) {
  const cell = target.closest(".heat td");
  if (!cell) return null;
  const row = cell.parentElement.sectionRowIndex;
  const column = cell.cellIndex - 1;
  const model = Number(cell.closest("table").dataset.model);
  return { cell, row, column, model, place: row * columns + column };
}

// The tokens of the cell that is pointed at.

function tokens(at) {
  const flat = data.models[at.model].tokens[at.place];
  const rows = [];
  for (let k = 0; k < flat.length; k += 2) rows.push([data.texts[flat[k]], flat[k + 1]]);
  const most = Math.max(1, ...rows.map(([, logprob]) => -logprob));
  const body = make("tbody", {}, ...rows.map(([text, logprob]) => make("tr", {},
    make("th", { scope: "row" }, make("bdi", {}, text)),
    make("td", { class: "n" }, number(logprob, 2)),
    make("td", { class: "length" }, draw("svg", { width: "100%", height: 8, "aria-hidden": "true" },
      draw("rect", { width: `${Math.max(0.5, (-logprob / most) * 100)}%`, height: 8, rx: 2 }))))));
  const head = make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "token"),
    make("th", { scope: "col", class: "n" }, "nats"), make("td")));
  return rows.length ? make("table", { class: "tokens" }, head, body) : "";
}

function remarks(at) {
  const found = [];
  if (bound[at.model].has(at.place))
    found.push(make("p", {}, "An upper bound: the tokens are those before one was not shown."));
  if (merged[at.model].has(at.place))
    found.push(make("p", {}, "† The first token holds the end of the context as well."));
  return found;
}

function noise(at) {
  const variants = data.models[at.model].noisy ? data.models[at.model].noisy[at.row] : [];
  if (!variants.length) return "";
  const items = variants.map(([text, family, edit, scores]) => make("li", {},
    make("strong", {}, number(scores[at.column], 2)), " ", make("bdi", {}, data.texts[family]),
    " (", make("bdi", {}, data.texts[edit]), "): ", make("bdi", {}, data.texts[text])));
  return make("details", { class: "noise" },
    make("summary", {}, `after ${variants.length} noisy variants of this context`),
    make("ul", { tabindex: 0, "aria-label": "Variants" }, ...items));
}

function show(at) {
  const close = make("button", { type: "button", class: "close", "aria-label": "Close" }, "×");
  close.addEventListener("click", () => {
    release();
    detail.hidden = true;
  });
  const list = make("dl");
  for (const [name, said] of Object.entries(data.names))
    list.append(make("dt", {}, said), make("dd", {}, words(at.model, at.place, name, 2)));
  const open = detail.querySelector("details")?.open;
  detail.replaceChildren(close,
    make("h3", {}, make("bdi", {}, data.phrases[at.column])),
    make("p", { class: "said" }, "after ", make("bdi", {}, data.contexts[at.row]),
      data.models.length > 1 ? ` (${data.models[at.model].name})` : ""),
    tokens(at), ...remarks(at), list, noise(at));
  if (open && detail.querySelector("details")) detail.querySelector("details").open = true;
  detail.hidden = false;
}

function say(at) {
  const flat = data.models[at.model].tokens[at.place];
  const parts = [];
  for (let k = 0; k < flat.length; k += 2) parts.push(`${data.texts[flat[k]]} ${number(flat[k + 1], 2)}`);
  document.getElementById("heard").textContent = `Tokens: ${parts.join(", ") || "none"}`;
}

function release() {
  kept?.classList.remove("kept");
  kept = null;
}

function keep(at) {
  const same = kept === at.cell;
  release();
  if (!same) {
    kept = at.cell;
    kept.classList.add("kept");
  }
  show(at);
}

function step(key, at, whole) {
  const body = tables[at.model].tBodies[0];
  const last = body.rows.length - 1;
  const page = 10;
  const moves = {
    ArrowLeft: [at.row, at.column - 1], ArrowRight: [at.row, at.column + 1],
    ArrowUp: [at.row - 1, at.column], ArrowDown: [at.row + 1, at.column],
    PageUp: [at.row - page, at.column], PageDown: [at.row + page, at.column],
    Home: [whole ? 0 : at.row, 0], End: [whole ? last : at.row, columns - 1],
  };
  if (!moves[key]) return null;
  const [row, column] = moves[key];
  const within = (value, most) => Math.min(Math.max(value, 0), most);
  return body.rows[within(row, last)].cells[within(column, columns - 1) + 1];
}

function interactive(table) {
  let stop = table.querySelector("tbody td");  // the one cell that Tab reaches
  table.setAttribute("role", "grid");
  table.setAttribute("aria-label", data.models[Number(table.dataset.model)].name);
  stop.tabIndex = 0;
  const here = (event, then) => {
    const at = cellAt(event.target);
    if (at) then(at);
  };
  table.addEventListener("mouseover", (event) => here(event, (at) => kept || show(at)));
  table.addEventListener("click", (event) => here(event, (at) => {
    if (stop !== at.cell) stop.removeAttribute("tabindex");
    stop = at.cell;
    stop.tabIndex = 0;
    stop.focus();
    keep(at);
  }));
  table.addEventListener("focusin", (event) => here(event, (at) => {
    if (kept !== at.cell) release();
    show(at);
    say(at);
  }));
  table.addEventListener("keydown", (event) => here(event, (at) => {
    if (event.key === "Enter" || event.key === " ") keep(at);
    else {
      const next = step(event.key, at, event.ctrlKey || event.metaKey);
      if (!next) return;
      stop.removeAttribute("tabindex");
      stop = next;
      stop.tabIndex = 0;
      stop.focus();
    }
    event.preventDefault();
  }));
}

tables.forEach(interactive);
document.querySelectorAll(".script").forEach((node) => { node.hidden = false; });
const choice = document.getElementById("choice");
choice.hidden = false;
choice.addEventListener("change", (event) => {
  score = event.target.value;
  paint();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  release();
  detail.hidden = true;
});
if (choice.querySelector(":checked").value !== score) choice.querySelector("input").checked = true;
