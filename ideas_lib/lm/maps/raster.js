/* Draws many points into a canvas's pixels: no GPU is needed, and none changes the picture. */

const LIGHT = {
  back: [255, 255, 255],
  ink: "#1a1a1a",
  lost: "#b3400a",
  colours: ["#0072b2", "#d55e00", "#00805e", "#b8568f", "#5b4bc4", "#8a6100", "#1a1a1a", "#2a8fa8"],
  other: "#8c8c8c",
  ramp: ["#dba637", "#d0662f", "#ae2f5d", "#6a1b73", "#1d1147"],
};
const DARK = {
  back: [20, 23, 26],
  ink: "#ececec",
  lost: "#ff9d5c",
  colours: ["#4fb3ee", "#ff8a3d", "#2ecc9b", "#ee9ccb", "#a99bff", "#e0b040", "#f2f2f2", "#7fd6ea"],
  other: "#808488",
  ramp: ["#5a4aa8", "#a8478f", "#e0606a", "#f7a35c", "#ffe89a"],
};
const SHAPES = 3;

/** The theme that the page around gives: its text is light where it is dark. */
function themeOf(node) {
  const [r, g, b] = rgb(getComputedStyle(node).color);
  return 0.3 * r + 0.6 * g + 0.1 * b > 128 ? DARK : LIGHT;
}

function rgb(colour) {
  if (colour[0] === "#") return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return (colour.match(/[\d.]+/g) || [0, 0, 0]).slice(0, 3).map(Number);
}

/** The colour at a place, 0..1, of a theme's ramp. */
function shade(ramp, place) {
  const at = Math.min(Math.max(place, 0), 1) * (ramp.length - 1);
  const low = Math.min(Math.floor(at), ramp.length - 2);
  const [a, b] = [rgb(ramp[low]), rgb(ramp[low + 1])];
  return a.map((from, c) => Math.round(from + (b[c] - from) * (at - low)));
}

/** How far inside a shape a place is, in pixels: 0 is its edge. */
function inside(shape, x, y, r) {
  if (shape === 1) return 0.9 * r - Math.max(Math.abs(x), Math.abs(y));
  if (shape === 2) return Math.min(0.65 * r - y, (y + 1.3 * r) * 0.46 - Math.abs(x) * 0.88);
  return r - Math.hypot(x, y);
}

/** The pixels of a point: where they are, and how much of each it covers. */
function stamp(shape, hollow, r) {
  const reach = Math.ceil(1.4 * r + 1), found = { x: [], y: [], cover: [] };
  const line = Math.max(1, r / 3.2);
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const depth = inside(shape, x, y, r) + 0.5;
      let cover = Math.min(Math.max(depth, 0), 1);
      if (hollow && r > 2) cover -= Math.min(Math.max(depth - line, 0), 1);
      if (cover <= 0.02) continue;
      found.x.push(x);
      found.y.push(y);
      found.cover.push(Math.round(255 * cover));
    }
  }
  return found;
}

class Raster {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.stamps = new Map();
  }

  /** Takes the size it is shown at; says whether that has changed. */
  fit() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.round(this.canvas.clientWidth * ratio);
    const height = Math.round(this.canvas.clientHeight * ratio);
    this.ratio = ratio;
    if (!width || !height) return false;
    if (this.image && width === this.image.width && height === this.image.height) return false;
    Object.assign(this.canvas, { width, height });
    this.image = this.context.createImageData(width, height);
    this.words = new Uint32Array(this.image.data.buffer);
    return true;
  }

  stampsFor(r) {
    const key = Math.round(4 * r);
    if (!this.stamps.has(key)) {
      const made = [];
      for (let shape = 0; shape < SHAPES; shape++) {
        made.push(stamp(shape, false, key / 4), stamp(shape, true, key / 4));
      }
      this.stamps.set(key, made);
    }
    return this.stamps.get(key);
  }

  /**
   * Draws points: `places` are x, y in CSS pixels, `look` their red, green, blue, alpha, `form`
   * twice the shape and 1 for a hollow one, `order` which comes first, `radius` in CSS pixels.
   */
  draw(places, look, form, order, radius, back) {
    const { width, height, data } = this.image;
    const stamps = this.stampsFor(radius * this.ratio), reach = 1.4 * radius * this.ratio + 2;
    this.words.fill((255 << 24) | (back[2] << 16) | (back[1] << 8) | back[0]);
    for (let n = 0; n < order.length; n++) {
      const i = order[n];
      const alpha = look[4 * i + 3];
      if (!alpha) continue;
      const cx = Math.round(places[2 * i] * this.ratio);
      const cy = Math.round(places[2 * i + 1] * this.ratio);
      if (cx < -reach || cy < -reach || cx > width + reach || cy > height + reach) continue;
      const { x, y, cover } = stamps[form[i]];
      const red = look[4 * i], green = look[4 * i + 1], blue = look[4 * i + 2];
      for (let p = 0; p < x.length; p++) {
        const px = cx + x[p], py = cy + y[p];
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        const at = 4 * (py * width + px), share = (alpha * cover[p]) / 65025;
        data[at] += (red - data[at]) * share;
        data[at + 1] += (green - data[at + 1]) * share;
        data[at + 2] += (blue - data[at + 2]) * share;
      }
    }
    this.context.putImageData(this.image, 0, 0);
  }
}

/** Finds the point nearest to a place among many, by a grid over the unit square. */
class Grid {
  constructor(unit) {
    const n = unit.length / 2;
    this.unit = unit;
    this.side = Math.max(1, Math.ceil(Math.sqrt(n / 2)));
    const cells = new Uint32Array(n);
    this.first = new Uint32Array(this.side ** 2 + 1);
    for (let i = 0; i < n; i++) {
      cells[i] = this.cell(unit[2 * i]) + this.side * this.cell(unit[2 * i + 1]);
      this.first[cells[i] + 1]++;
    }
    for (let c = 0; c < this.side ** 2; c++) this.first[c + 1] += this.first[c];
    const next = this.first.slice();
    this.points = new Uint32Array(n);
    for (let i = 0; i < n; i++) this.points[next[cells[i]]++] = i;
  }

  cell(place) {
    return Math.min(Math.max(Math.floor(place * this.side), 0), this.side - 1);
  }

  /** The nearest point within a reach, of those that `wanted` takes; -1 where there is none. */
  nearest(x, y, reach, wanted) {
    let best = -1, least = reach ** 2;
    for (let row = this.cell(y - reach); row <= this.cell(y + reach); row++) {
      for (let column = this.cell(x - reach); column <= this.cell(x + reach); column++) {
        const cell = column + this.side * row;
        for (let at = this.first[cell]; at < this.first[cell + 1]; at++) {
          const i = this.points[at];
          const far = (this.unit[2 * i] - x) ** 2 + (this.unit[2 * i + 1] - y) ** 2;
          if (far <= least && wanted(i)) [best, least] = [i, far];
        }
      }
    }
    return best;
  }
}
