/* A meta-tree and one sample that can be moved: its thresholds, its path, its sentence. */

function figure(stage, { tree, samples, labels, features, classes, axes, ranges, first }) {
  const state = { picked: first, x: [...samples[first]], moved: false };
  const at = ([a, b]) => {
    const x = [...state.x];
    x[axes[0]] = a;
    x[axes[1]] = b;
    return x;
  };
  const here = () => axes.map((k) => state.x[k]);

  const plane = new Plane(stage, {
    ranges,
    names: axes.map((k) => features[k]),
    label: "Map of what the meta-tree answers, all else as in the sample; lines are its splits.",
    redraw: () => drawMap(),
  });
  const handle = element("button", {
    type: "button",
    class: "ideas-handle",
    "aria-label": "The sample: drag it, or move it with the arrow keys",
  });
  plane.box.append(handle);
  const sliders = axes.map((k, n) => {
    const [low, high] = ranges[n];
    const range = { min: low, max: high, step: "any", value: state.x[k] };
    const made = slider(features[k], { ...range, words: general }, (value) => move({ [k]: value }));
    stage.append(made.row);
    return made;
  });
  const row = element("div", { class: "ideas-row" });
  const which = element("span");
  for (const [text, step] of [["Previous sample", -1], ["Next sample", 1]]) {
    const button = element("button", { type: "button" }, text);
    button.addEventListener("click", () => {
      pick((state.picked + step + samples.length) % samples.length);
    });
    row.append(button);
  }
  row.append(which);
  const sketch = element("div", { class: "ideas-plate" });
  stage.append(
    row,
    key(classes, "line: where the answer changes, all else as in this sample; dashed: the splits" +
      " of this sample; dotted: the same on average"),
    sketch,
    note("Under each threshold: the blue bar is where it is now, the tick its average, the grey" +
      " what is within reach, and the ring the sample."),
  );
  const say = sentence(stage);

  function pick(n) {
    const others = samples[n].some((value, k) => !axes.includes(k) && value !== state.x[k]);
    Object.assign(state, { picked: n, x: [...samples[n]], moved: false });
    show(others);
  }

  function move(values) {
    for (const [k, value] of Object.entries(values)) {
      const [low, high] = ranges[axes.indexOf(Number(k))];
      state.x[k] = Math.min(Math.max(value, low), high);
    }
    state.moved = true;
    show(false);
  }

  function show(afresh) {
    if (afresh) drawMap();
    else drawSample();
    axes.forEach((k, n) => sliders[n].set(state.x[k]));
    const truth = `in the data it is ${classes[labels[state.picked]]}`;
    which.textContent =
      `sample ${state.picked + 1} of ${samples.length}` + (state.moved ? ", moved" : `: ${truth}`);
    say(explained(tree, features, classes, state.x));
  }

  let back = () => {};
  const drawMap = soon(() => {
    plane.fit();
    const grid = plane.grid((place) => decided(tree, at(place)).shares);
    plane.shade(grid);
    samples.forEach((x, n) => plane.point(axes.map((k) => x[k]), labels[n]));
    plane.boundary(grid);
    plane.axes();
    back = plane.kept();
    paintSample();
  });
  const drawSample = soon(paintSample);
  function paintSample() {
    back();
    drawSplits(plane, tree, axes, state.x);
    const [x, y] = plane.place(here());
    handle.style.translate = `${x}px ${y}px`;
    sketch.replaceChildren(sketched(tree, features, classes, state.x, sketch.clientWidth));
  }

  handle.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
    if (!(event.key in way)) return;
    event.preventDefault();
    const steps = ranges.map(([low, high], n) => (way[event.key][n] * (high - low)) / 50);
    move({ [axes[0]]: state.x[axes[0]] + steps[0], [axes[1]]: state.x[axes[1]] + steps[1] });
  });
  const pointed = (event) => {
    const box = plane.box.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const [a, b] = plane.values(pointed(event));
    move({ [axes[0]]: a, [axes[1]]: b });
  });
  plane.canvas.addEventListener("click", (event) => {
    const [px, py] = pointed(event);
    const far = samples.map((x) => {
      const [u, v] = plane.place(axes.map((k) => x[k]));
      return Math.hypot(u - px, v - py);
    });
    const nearest = far.indexOf(Math.min(...far));
    if (far[nearest] < 10) return pick(nearest);
    const [a, b] = plane.values([px, py]);
    move({ [axes[0]]: a, [axes[1]]: b });
  });

  show(true);
  return { decide: (x) => decided(tree, x), explain: (x) => explained(tree, features, classes, x) };
}

/** The splits on the sample's path that the plane can show, each within those before it. */
function drawSplits(plane, tree, axes, x) {
  const { thresholds, path } = decided(tree, x);
  const { pen, ranges } = plane;
  const room = ranges.map((range) => [...range]);
  pen.save();
  const line = (n, value, dashes, width) => {
    const ends = [0, 1].map((end) => {
      const place = [0, 0];
      place[n] = value;
      place[1 - n] = room[1 - n][end];
      return plane.place(place);
    });
    pen.setLineDash(dashes);
    Object.assign(pen, { lineWidth: width, strokeStyle: INK });
    pen.beginPath();
    ends.forEach(([u, v]) => pen.lineTo(u, v));
    pen.stroke();
  };
  for (const node of path) {
    const n = axes.indexOf(tree.feature[node]);
    if (n < 0 || undecided(tree, node).size < 2) continue;
    const inside = (value) => value > room[n][0] && value < room[n][1];
    if (inside(tree.average[node])) line(n, tree.average[node], [1, 4], 1.2);
    const value = thresholds[node];
    if (inside(value)) line(n, value, [8, 4], 2.4);
    room[n][x[tree.feature[node]] > value ? 0 : 1] = value;
  }
  pen.restore();
}

/** The small tree: at each split the thresholds that may be, is on average, and is now. */
function sketched(tree, features, classes, x, width) {
  const { thresholds, path, leaf } = decided(tree, x);
  const on = new Set([...path, leaf + tree.base.length]);
  const open = (node) => undecided(tree, node).size > 1;
  const ends = [];
  const levels = [];
  const visit = (node, level) => {
    levels[node] = level;
    if (open(node)) visit(2 * node + 1, level + 1), visit(2 * node + 2, level + 1);
    else ends.push(node);
  };
  visit(0, 0);
  const step = width / ends.length;
  const across = (node) => {
    const under = ends.map((end, n) => (end === node || below(end, node) ? n : -1));
    const found = under.filter((n) => n >= 0);
    return (step * (found[0] + found[found.length - 1] + 1)) / 2;
  };
  const [high, boxHigh] = [88, 58];
  const deepest = Math.max(...ends.map((node) => levels[node]));
  const picture = drawn("svg", {
    width, height: high * deepest + 46, class: "ideas-tree", role: "img",
    "aria-label": "The tree, and the path of the sample through it.",
  });
  const top = (node) => high * levels[node] + 2;
  const texts = (x, y, text, more = {}) => {
    const node = drawn("text", { x, y, "text-anchor": "middle", fill: INK, ...more }, text);
    picture.append(node);
  };
  const visible = Object.keys(levels).map(Number);
  for (const node of visible.filter((n) => n > 0)) {
    const parent = Math.floor((node - 1) / 2);
    const [u, v] = [across(parent), top(parent) + boxHigh];
    const taken = on.has(node) && on.has(parent);
    picture.append(drawn("path", {
      d: `M${u} ${v}L${across(node)} ${top(node)}`, fill: "none",
      stroke: taken ? COLOURS[0] : "#8a8a8a", "stroke-width": taken ? 5 : 1.2,
    }));
    const word = node === 2 * parent + 2 ? "yes" : "no";
    texts((u + across(node)) / 2, (v + top(node)) / 2 + 4, word, {
      stroke: "white", "stroke-width": 5, "paint-order": "stroke",
    });
  }
  for (const node of visible) {
    const [u, v] = [across(node), top(node)];
    if (open(node)) {
      const under = ends.filter((end) => below(end, node)).length;
      box(node, u, v, Math.min(step * under - 6, 190));
      continue;
    }
    const kind = [...undecided(tree, node)][0];
    const taken = [...on].some((n) => n === node || below(n, node));
    const place = `translate(${u - 8} ${v + 2}) scale(1.35)`;
    picture.append(drawn("g", { transform: place }, mark(kind)));
    const bold = { "font-weight": taken ? 700 : 400 };
    texts(u, v + 34, fitting(classes[kind], step - 2), bold);
  }
  return picture;

  function below(node, ancestor) {
    for (let n = node; n > ancestor; ) if ((n = Math.floor((n - 1) / 2)) === ancestor) return true;
    return false;
  }

  function box(node, u, v, wide) {
    const k = tree.feature[node];
    const taken = on.has(node);
    picture.append(drawn("rect", {
      x: u - wide / 2, y: v, width: wide, height: boxHigh, rx: 5, fill: "white",
      stroke: taken ? COLOURS[0] : "#8a8a8a", "stroke-width": taken ? 2.5 : 1,
    }));
    texts(u, v + 16, fitting(features[k], wide - 6));
    texts(u, v + 32, `> ${general(thresholds[node])}`, { "font-weight": 700 });
    // The strip: all thresholds within reach, their average, the one now; and the sample.
    const far = 1.6 * (tree.reach || 1);
    const place = (value) => {
      const off = (onScale(tree, k, value) - tree.base[node]) / far;
      return u + (Math.min(Math.max(off, -1), 1) * (wide - 12)) / 2;
    };
    const half = ((tree.reach / far) * (wide - 12)) / 2;
    const y = v + 46;
    const bar = (at, high, thick, colour) => picture.append(drawn("path", {
      d: `M${at} ${y - high}V${y + high}`, stroke: colour, "stroke-width": thick,
    }));
    picture.append(drawn("rect", {
      x: u - half, y: y - 3, width: 2 * half, height: 6, fill: "#d4d4d4",
    }));
    bar(place(tree.average[node]), 6, 1.5, FAINT);
    bar(place(thresholds[node]), 8, 4, COLOURS[0]);
    picture.append(drawn("circle", {
      cx: place(x[k]), cy: y, r: 4.5, fill: "white", stroke: INK, "stroke-width": 2,
    }));
  }
}

/** As much of a text as a width has room for, in pixels. */
function fitting(text, width) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = FONT;
  let short = text;
  while (short.length > 1 && pen.measureText(short).width > width) {
    short = `${short.replace(/…$/, "").slice(0, -1)}…`;
  }
  return short;
}
