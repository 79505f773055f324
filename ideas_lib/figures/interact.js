/* What the interactive figures share. It stands inside one function, before a figure's own
   `figure(stage, data)`, and ends with a call of `start`: nothing of it is global. */

/** Draws the figure in place of its picture. Where that fails, the picture stays. */
function start(key, data) {
  const root = document.querySelector(`[data-ideas-figure="${key}"]:not([data-drawn])`);
  if (!root) return;
  const stage = element("div", { class: "ideas-stage" });
  root.append(stage);
  try {
    // For those who want more of it than the page shows, and for the tests.
    root.figure = figure(stage, data);
    root.dataset.drawn = "";
  } catch (error) {
    stage.remove();
    throw error;
  }
}

function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A number as the book writes it: with a true minus sign. */
function number(value, digits) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
}

/** A number with four digits, as Python's format ".4g" writes it, with a true minus sign. */
function general(value) {
  const [digits, power] = value.toExponential(3).split("e");
  const short = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  const e = Number(power);
  const text =
    e < -4 || e >= 4
      ? `${short(digits)}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`
      : short(value.toFixed(Math.max(3 - e, 0)));
  return text.replace(/^-0$/, "0").replaceAll("-", "\u2212");
}

/** A range input with its label and value; `words(value)` is what it says of its value. */
function slider(label, { min, max, step, value, words }, change) {
  const input = element("input", { type: "range", min, max, step, value });
  const said = element("output");
  const show = () => {
    const text = words(Number(input.value));
    said.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", () => {
    show();
    change(Number(input.value));
  });
  show();
  const row = element("label", { class: "ideas-slider" });
  row.append(element("span", {}, label), input, said);
  return {
    row,
    set(position) {
      input.value = position;
      show();
    },
  };
}

/** A sentence that is read aloud when it has changed and rested for a moment. */
function sentence(stage) {
  const seen = element("p", { class: "ideas-said", "aria-hidden": "true" });
  const heard = element("p", { class: "ideas-heard", role: "status", "aria-live": "polite" });
  stage.append(seen, heard);
  let waiting = 0;
  return (text) => {
    seen.textContent = text;
    clearTimeout(waiting);
    waiting = setTimeout(() => (heard.textContent = text), heard.textContent ? 400 : 0);
  };
}

/** Calls `draw` at most once a frame, however often it is asked for. */
function soon(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

/** Ticks at round numbers, about `wanted` of them, and how many decimals they need. */
function ticks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high + 1e-9 * step; i++) found.push(i * step);
  return { found, digits };
}

const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#1a1a1a", "#6b4600"];
const INK = "#1a1a1a";
const FAINT = "#595959";
const FONT = "12px system-ui, sans-serif";

/** A class's colour and shape, 12 pixels wide. */
function mark(kind) {
  const marks = [
    () => drawn("circle", { cx: 6, cy: 6, r: 5 }),
    () => drawn("rect", { x: 1, y: 1, width: 10, height: 10 }),
    () => drawn("path", { d: "M6 0L12 11L0 11Z" }),
  ];
  const shape = marks[kind % 3]();
  shape.setAttribute("fill", COLOURS[kind % COLOURS.length]);
  return shape;
}

/** What colours and shapes mean, and `more` in words. */
function key(classes, more) {
  const names = classes.map((name, kind) => {
    const shape = drawn("svg", { width: 12, height: 12, "aria-hidden": "true" }, mark(kind));
    return element("span", {}, element("span", { class: "ideas-plate" }, shape), ` ${name}; `);
  });
  return element("p", { class: "ideas-note" }, ...names, more);
}

function note(text) {
  return element("p", { class: "ideas-note" }, text);
}
