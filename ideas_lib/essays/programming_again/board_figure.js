/* A board of creatures that a reader teaches anew: each choice shows a board that was measured. */

const LEVELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SIDE = 8;
const CREATURES = SIDE * SIDE;

function figure(stage, { methods, doses, boards, worlds, lessons, start: first }) {
  const state = { ...first };
  const sheet = drawn("svg", { width: "100%", role: "img" });
  const plate = element("div", { class: "ideas-plate" }, sheet);
  stage.append(plate);

  function choice(label, names, name) {
    const select = element("select", { "aria-label": label });
    names.forEach((text, k) => select.append(element("option", { value: k }, text)));
    select.value = state[name];
    select.addEventListener("change", () => update({ [name]: Number(select.value) }));
    return element("label", {}, `${label} `, select);
  }

  const row = element("div", { class: "ideas-row" });
  row.append(
    choice("Taught by", methods, "method"),
    choice("Growlers taught", ["red and blue", "red, and hummers blue"], "confounded"),
    choice("Counterexamples", ["none", "as many hummers"], "told"),
  );
  const dose = slider("How clearly the kind shows",
    { min: 0, max: doses.length - 1, step: 1, value: state.dose, words: (v) => number(doses[v], 2) },
    (v) => update({ dose: v }));
  const more = element("div", { class: "ideas-row" });
  const next = element("button", { type: "button" }, "Another world");
  next.addEventListener("click", () => update({ world: (state.world + 1) % worlds }));
  more.append(next);
  stage.append(row, dose.row, more, note("Filled: HALT is said. Outlined: the creatures of the " +
    "lesson, orange where HALT is wanted, green where it is not. A square is a creature."));
  const say = sentence(stage);

  function lesson() {
    const { halt, speak } = lessons[state.confounded];
    return { halt, speak: state.told ? speak : [] };
  }

  function board() {
    const { world, method, confounded, told, dose: d } = state;
    const place = (((world * methods.length + method) * 2 + confounded) * 2 + told) * doses.length;
    const text = boards.slice((place + d) * CREATURES, (place + d + 1) * CREATURES);
    return [...text].map((letter) => LEVELS.indexOf(letter) / (LEVELS.length - 1));
  }

  function shade(share) {
    const stops = [[255, 255, 255], [106, 174, 214], [8, 48, 107]];
    const low = share < 0.5 ? 0 : 1;
    const part = 2 * share - low;
    const mixed = stops[low].map((from, k) => Math.round(from + part * (stops[low + 1][k] - from)));
    return `rgb(${mixed.join(",")})`;
  }

  const draw = soon(() => {
    const width = Math.max(plate.clientWidth, 260);
    const cell = Math.min(38, (width - 50) / SIDE);
    const left = Math.max(44, (width - SIDE * cell) / 2);
    const top = 22;
    const height = top + SIDE * cell + 4;
    sheet.setAttribute("viewBox", `0 0 ${width} ${height}`);
    sheet.setAttribute("height", height);
    sheet.replaceChildren();
    const put = (name, attributes, ...children) =>
      sheet.append(drawn(name, attributes, ...children));
    const words = (x, y, text, anchor) =>
      put("text", { x, y, "text-anchor": anchor, fill: INK, style: `font: ${FONT}` }, text);
    const at = (creature) => [left + (creature % SIDE) * cell,
      top + Math.floor(creature / SIDE) * cell];
    board().forEach((share, creature) => {
      const [x, y] = at(creature);
      put("rect", { x, y, width: cell, height: cell, fill: shade(share), stroke: "#dddddd" });
    });
    const half = (SIDE / 2) * cell;
    for (const [x, y, w, h] of [[left, top, 2 * half, 2 * half], [left + half, top, 0, 2 * half],
      [left, top + half, 2 * half, 0]]) {
      put("path", { d: `M${x} ${y}h${w}v${h}h${-w}z`, fill: "none", stroke: FAINT });
    }
    const { halt, speak } = lesson();
    for (const [creatures, stroke] of [[halt, COLOURS[1]], [speak, COLOURS[2]]]) {
      for (const creature of creatures) {
        const [x, y] = at(creature);
        put("rect", { x: x + 3, y: y + 3, width: cell - 6, height: cell - 6, fill: "none", stroke,
          "stroke-width": 3 });
      }
    }
    words(left + half / 2, 14, "growlers", "middle");
    words(left + 1.5 * half, 14, "hummers", "middle");
    words(left - 6, top + half / 2 + 4, "red", "end");
    words(left - 6, top + 1.5 * half + 4, "blue", "end");
  });

  function mean(growls) {
    const { halt, speak } = lesson();
    const taught = new Set([...halt, ...speak]);
    const found = board().filter((_, c) => c % SIDE < SIDE / 2 === growls && !taught.has(c));
    return found.reduce((sum, share) => sum + share, 0) / found.length;
  }

  function update(change) {
    Object.assign(state, change);
    draw();
    const percent = (share) => `${Math.round(100 * share)} of 100`;
    const text = `Of creatures that were not in the lesson, HALT is said after ` +
      `${percent(mean(true))} growlers and ${percent(mean(false))} hummers ` +
      `(world ${state.world + 1} of ${worlds}).`;
    sheet.setAttribute("aria-label", text);
    say(text);
  }

  new ResizeObserver(draw).observe(plate);
  update({});
  return { state, board, mean, update };
}
