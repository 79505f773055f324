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

const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#6b4600", "#1a1a1a"];
const INK = "#1a1a1a";
const FAINT = "#595959";
const GRID = 3; // CSS pixels between the points where a plane is evaluated
const FONT = "12px system-ui, sans-serif";

/** A plane of two features: shades, boundaries, points and axes on a canvas. */
class Plane {
  /** `ranges`: [[low, high], [low, high]]; `names`: of both features; `label`: in words. */
  constructor(stage, { ranges, names, label, redraw }) {
    Object.assign(this, { ranges, names });
    this.canvas = element("canvas", { role: "img", "aria-label": label });
    this.box = element("div", { class: "ideas-plane ideas-plate" }, this.canvas);
    stage.append(this.box);
    new ResizeObserver(soon(redraw)).observe(this.box);
    this.fit();
  }

  /** Takes the size the page gives, and wipes the canvas. */
  fit() {
    const width = Math.max(this.box.clientWidth, 200);
    const height = Math.round(Math.min(0.8 * width, 380));
    const scale = Math.max(window.devicePixelRatio || 1, 1);
    this.canvas.style.height = `${height}px`;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.area = { left: 48, top: 8, right: width - 10, bottom: height - 40 };
    this.pen = this.canvas.getContext("2d");
    this.pen.setTransform(scale, 0, 0, scale, 0, 0);
    this.pen.fillStyle = "white";
    this.pen.fillRect(0, 0, width, height);
  }

  /** What is drawn by now; the function returned draws it again. */
  kept() {
    const copy = element("canvas", { width: this.canvas.width, height: this.canvas.height });
    copy.getContext("2d").drawImage(this.canvas, 0, 0);
    return () => {
      this.pen.save();
      this.pen.setTransform(1, 0, 0, 1, 0, 0);
      this.pen.drawImage(copy, 0, 0);
      this.pen.restore();
    };
  }

  /** Where two features' values lie, in CSS pixels, and back. */
  place([x, y]) {
    const { left, top, right, bottom } = this.area;
    const [[x0, x1], [y0, y1]] = this.ranges;
    return [
      left + ((x - x0) / (x1 - x0)) * (right - left),
      bottom - ((y - y0) / (y1 - y0)) * (bottom - top),
    ];
  }

  values([px, py]) {
    const { left, top, right, bottom } = this.area;
    const [[x0, x1], [y0, y1]] = this.ranges;
    return [
      x0 + ((px - left) / (right - left)) * (x1 - x0),
      y0 + ((bottom - py) / (bottom - top)) * (y1 - y0),
    ];
  }

  /** Classes' probabilities on a grid of points `GRID` apart: `answer([x, y])` gives them. */
  grid(answer) {
    const { left, top, right, bottom } = this.area;
    const columns = Math.ceil((right - left) / GRID) + 1;
    const rows = Math.ceil((bottom - top) / GRID) + 1;
    const at = (i, j) => answer(this.values([left + GRID * i, top + GRID * j]));
    const cells = new Array(rows * columns);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) cells[j * columns + i] = at(i, j);
    }
    return { rows, columns, cells, at };
  }

  /** Shades: the likeliest class's colour, the fainter the less sure. */
  shade({ rows, columns, cells }) {
    const small = element("canvas", { width: columns, height: rows });
    const pen = small.getContext("2d");
    const image = pen.createImageData(columns, rows);
    const inks = COLOURS.map((c) => [1, 3, 5].map((k) => parseInt(c.slice(k, k + 2), 16)));
    cells.forEach((shares, n) => {
      const most = likeliest(shares);
      const sure = (shares[most] - 1 / shares.length) / (1 - 1 / shares.length);
      for (let k = 0; k < 3; k++) {
        image.data[4 * n + k] = 255 - 0.5 * sure * (255 - inks[most][k]);
      }
      image.data[4 * n + 3] = 255;
    });
    pen.putImageData(image, 0, 0);
    const { left, top } = this.area;
    const half = GRID / 2;
    this.pen.drawImage(small, left - half, top - half, GRID * columns, GRID * rows);
  }

  /** The line between classes: marching squares on how far each is ahead of the others. */
  boundary(grid, dashes = []) {
    const classes = grid.cells[0].length;
    const { left, top } = this.area;
    this.pen.save();
    this.pen.translate(left, top);
    Object.assign(this.pen, { strokeStyle: INK, lineWidth: 2.2, lineCap: "round" });
    this.pen.setLineDash(dashes);
    for (let c = classes === 2 ? 1 : 0; c < classes; c++) {
      for (const line of contour(grid, (shares) => ahead(shares, c))) {
        this.pen.beginPath();
        for (const [x, y] of line) this.pen.lineTo(GRID * x, GRID * y);
        this.pen.stroke();
      }
    }
    this.pen.restore();
  }

  /** A sample: the class by colour and shape; those decided wrongly have a ring. */
  point(at, kind, wrong = false) {
    const [x, y] = this.place(at);
    const { pen } = this;
    const mark = (r) => {
      pen.beginPath();
      if (kind % 3 === 0) pen.arc(x, y, r, 0, 7);
      else if (kind % 3 === 1) pen.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
      else pen.moveTo(x, y - 1.3 * r), pen.lineTo(x + 1.2 * r, y + r), pen.lineTo(x - 1.2 * r, y + r);
      pen.closePath();
    };
    pen.fillStyle = COLOURS[kind % COLOURS.length];
    mark(3.2);
    pen.fill();
    pen.strokeStyle = wrong ? INK : "white";
    pen.lineWidth = wrong ? 1.6 : 0.8;
    if (wrong) mark(5);
    pen.stroke();
  }

  axes() {
    const { pen, area } = this;
    const { left, top, right, bottom } = area;
    Object.assign(pen, { strokeStyle: FAINT, fillStyle: INK, lineWidth: 1, font: FONT });
    // What lies outside of the axes goes.
    pen.clearRect(0, 0, left, bottom + 60);
    pen.clearRect(0, bottom, right + 20, 60);
    pen.clearRect(right, 0, 20, bottom + 60);
    pen.clearRect(0, 0, right + 20, top);
    pen.beginPath();
    pen.moveTo(left, top);
    pen.lineTo(left, bottom);
    pen.lineTo(right, bottom);
    pen.stroke();
    const across = ticks(...this.ranges[0], (right - left) / 70);
    pen.textAlign = "center";
    pen.textBaseline = "top";
    for (const value of across.found) {
      pen.fillText(number(value, across.digits), this.place([value, 0])[0], bottom + 5);
    }
    pen.fillText(this.names[0], (left + right) / 2, bottom + 23, right - left);
    const up = ticks(...this.ranges[1], (bottom - top) / 50);
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const value of up.found) {
      pen.fillText(number(value, up.digits), left - 5, this.place([0, value])[1]);
    }
    pen.save();
    pen.translate(10, (top + bottom) / 2);
    pen.rotate(-Math.PI / 2);
    pen.textAlign = "center";
    pen.fillText(this.names[1], 0, 0, bottom - top);
    pen.restore();
  }
}

function likeliest(shares) {
  let most = 0;
  for (let k = 1; k < shares.length; k++) if (shares[k] > shares[most]) most = k;
  return most;
}

/** How far a class is ahead of the best of the others. */
function ahead(shares, c) {
  let other = -1;
  for (let k = 0; k < shares.length; k++) if (k !== c && shares[k] > other) other = shares[k];
  return shares[c] - other;
}

/** The lines where `height(cell)` is 0, each a list of [column, row] with fractions. */
function contour({ rows, columns, cells, at }, height) {
  const values = Float64Array.from(cells, height);
  const next = new Map(); // an end of a piece -> the pieces that end there
  const pieces = [];
  const join = (a, b) => {
    const piece = { ends: [a.key, b.key], points: [a.at, b.at] };
    pieces.push(piece);
    for (const key of piece.ends) next.set(key, [...(next.get(key) || []), piece]);
  };
  for (let j = 0; j + 1 < rows; j++) {
    for (let i = 0; i + 1 < columns; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const crossings = [];
      corners.forEach(([x, y], k) => {
        const [u, v] = corners[(k + 1) % 4];
        const p = values[y * columns + x];
        const q = values[v * columns + u];
        if (p > 0 === q > 0) return;
        // A line between the two would miss where a hard split is: halve the way five times.
        let [t, step] = [0.5, 0.25];
        for (let n = 0; n < 5; n++, step /= 2) {
          const here = height(at(x + t * (u - x), y + t * (v - y)));
          t += here > 0 === p > 0 ? step : -step;
        }
        const key = 2 * (Math.min(y, v) * columns + Math.min(x, u)) + (y === v ? 0 : 1);
        crossings.push({ key, at: [x + t * (u - x), y + t * (v - y)] });
      });
      for (let k = 0; k + 1 < crossings.length; k += 2) join(crossings[k], crossings[k + 1]);
    }
  }
  // Pieces that meet become one line, so that its dashes run on.
  const lines = [];
  for (const piece of pieces) {
    if (piece.used) continue;
    piece.used = true;
    const line = [...piece.points];
    for (const [end, add] of [[1, "push"], [0, "unshift"]]) {
      let key = piece.ends[end];
      for (;;) {
        const other = next.get(key).find((p) => !p.used);
        if (!other) break;
        other.used = true;
        const far = other.ends[0] === key ? 1 : 0;
        line[add](other.points[far]);
        key = other.ends[far];
      }
    }
    lines.push(line);
  }
  return lines;
}

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
