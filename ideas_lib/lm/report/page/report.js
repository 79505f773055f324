"use strict";

// Every text goes into the page by textContent, so none of it is ever read as HTML.
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function draw(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function number(value, digits, sign = false) {
  if (value === null || value === undefined) return "–";
  const text = value.toFixed(digits);
  const plus = sign && Number(text) > 0 ? "+" : "";
  return (Number(text) === 0 ? text.replace("-", "") : plus + text).replace("-", "−");
}

function brief(text) {
  return text.length <= 120 ? text : `${text.slice(0, 40)} … ${text.slice(-80)}`;
}

// What a contrast is in each context.

function byContext(line) {
  const rows = data.lines[line];
  const known = rows.flatMap((row) => row.slice(1)).filter((value) => value !== null);
  const low = Math.min(0, ...known);
  const high = Math.max(0, ...known);
  const open = rows.some((row) => row[2] === null || row[3] === null);
  const room = open ? 15 : 2;  // per cent at each end
  const at = (value) => `${(room + ((100 - 2 * room) * (value - low)) / (high - low || 1)).toFixed(2)}%`;
  const strip = ([, difference, from, to]) => {
    const parts = [draw("line", { class: "zero", x1: at(0), x2: at(0), y1: 0, y2: 22 })];
    if (from !== null || to !== null)
      parts.push(draw("line", { class: from === null || to === null ? "bar open" : "bar",
        x1: from === null ? "0%" : at(from), x2: to === null ? "100%" : at(to), y1: 11, y2: 11 }));
    const end = from === null ? to : from;
    if ((from === null) !== (to === null))
      parts.push(draw("line", { class: "end", x1: at(end), x2: at(end), y1: 5, y2: 17 }));
    if (difference !== null) parts.push(draw("circle", { cx: at(difference), cy: 11, r: 4 }));
    return draw("svg", { width: "100%", height: 22, "aria-hidden": "true" }, ...parts);
  };
  const ends = ([, difference, from, to]) => {
    if (difference !== null) return number(difference, 2, true);
    if (from !== null) return `at least ${number(from, 2, true)}`;
    return to === null ? "not known" : `at most ${number(to, 2, true)}`;
  };
  const body = make("tbody", {}, ...rows.map((row) => make("tr", {},
    make("th", { scope: "row" }, make("bdi", {}, brief(data.contexts[row[0]]))),
    make("td", { class: "n" }, ends(row)), make("td", { class: "plot" }, strip(row)))));
  return make("table", { "aria-label": "Difference in each context, with the floor" }, body);
}

function unfold(button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const row = button.closest("tr");
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) {
      row.nextElementSibling.remove();
      return;
    }
    const cell = make("td", { class: "each", colspan: row.cells.length },
      byContext(Number(button.dataset.line)));
    row.after(make("tr", { class: row.className.replace("sub", "") }, cell));
  });
}

document.querySelectorAll(".open[data-line]").forEach(unfold);
