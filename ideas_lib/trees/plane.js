/* A map of two features, drawn on a canvas. */

const GRID = 3; // CSS pixels between the points where a plane is evaluated

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
      else {
        pen.moveTo(x, y - 1.3 * r);
        pen.lineTo(x + 1.2 * r, y + r);
        pen.lineTo(x - 1.2 * r, y + r);
      }
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

/** Where a value lies on a feature's scale: in standard deviations, or by its rank's score. */
function onScale({ mean, scale, ranks }, k, value) {
  const { values, scores } = ranks[k] || {};
  return values ? between(values, scores, value) : (value - mean[k]) / scale[k];
}

/** The value, in the user's units, that lies there. */
function inUnits({ mean, scale, ranks }, k, place) {
  const { values, scores } = ranks[k] || {};
  return values ? between(scores, values, place) : mean[k] + scale[k] * place;
}

/** `to` at a place among `from`, both rising: a line between two, on average as steep beyond. */
function between(from, to, place) {
  const last = from.length - 1;
  const rise = (to[last] - to[0]) / (from[last] - from[0]);
  if (place <= from[0]) return to[0] + rise * (place - from[0]);
  if (place >= from[last]) return to[last] + rise * (place - from[last]);
  const i = from.findIndex((edge) => edge > place) - 1;
  return to[i] + ((to[i + 1] - to[i]) * (place - from[i])) / (from[i + 1] - from[i]);
}
