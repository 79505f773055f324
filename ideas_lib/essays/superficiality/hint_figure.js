/* A digit with a strip of lamps beside it, and what learners answer as a reader moves the lamp. */

const NONE = 10; // the place of the answer with no lamp lit

function figure(stage, { images, truths, reliabilities, who, answers, follows, start: first }) {
  const state = { image: first.image, lamp: first.lamp, dose: first.dose, guess: 10, open: false };
  const sheet = drawn("svg", { width: "100%", role: "img" });
  const plate = element("div", { class: "ideas-plate" }, sheet);
  stage.append(plate);
  const percent = (value) => `${Math.round(100 * value)}\u00a0in\u00a0100`;
  const lamp = slider("The lamp that is lit",
    { min: 0, max: NONE, step: 1, value: state.lamp, words: (v) => (v === NONE ? "none" : `${v}`) },
    (v) => update({ lamp: v }));
  const dose = slider("While learning it was right",
    { min: 0, max: reliabilities.length - 1, step: 1, value: state.dose,
      words: (v) => percent(reliabilities[v]) },
    (v) => update({ dose: v }));
  const guess = slider(`Your guess for the ${who[0]}`,
    { min: 0, max: 100, step: 1, value: state.guess, words: (v) => `${v} of 100 followed` },
    (v) => update({ guess: v }));
  const row = element("div", { class: "ideas-row" });
  const next = element("button", { type: "button" }, "Another digit");
  next.addEventListener("click", () => {
    state.image = (state.image + 1) % images.length;
    state.lamp = (truths[state.image] + 3) % 10;
    lamp.set(state.lamp);
    update({});
  });
  const show = element("button", { type: "button", "aria-pressed": "false" }, "Show what they did");
  show.addEventListener("click", () => {
    show.setAttribute("aria-pressed", String(!state.open));
    update({ open: !state.open });
  });
  row.append(next, show);
  stage.append(lamp.row, dose.row, guess.row, row, note("Blue: the answer is right; orange: it " +
    "is the lamp. The last row weighs the lamp by how far it is to be believed."));
  const say = sentence(stage);

  function answer(k) {
    return Number(answers[k][state.dose][state.image * (NONE + 1) + state.lamp]);
  }

  const draw = soon(() => {
    const width = Math.max(plate.clientWidth, 260);
    const line = 30;
    const side = Math.min(150, width * 0.36);
    const height = Math.max(side + 62, line * who.length + 26);
    sheet.setAttribute("viewBox", `0 0 ${width} ${height}`);
    sheet.setAttribute("height", height);
    sheet.replaceChildren();
    const put = (name, attributes, ...children) =>
      sheet.append(drawn(name, attributes, ...children));
    const words = (x, y, text, anchor = "start", fill = INK, font = FONT) =>
      put("text", { x, y, "text-anchor": anchor, fill, style: `font: ${font}` }, text);
    picture(put, words, side);
    table(put, words, side + 20, width, line);
  });

  function picture(put, words, side) {
    const cell = side / 8;
    images[state.image].forEach((ink, k) => {
      const grey = Math.round(255 * (1 - ink / 16));
      put("rect", { x: (k % 8) * cell, y: Math.floor(k / 8) * cell, width: cell + 0.5,
        height: cell + 0.5, fill: `rgb(${grey},${grey},${grey})` });
    });
    put("rect", { x: 0, y: 0, width: side, height: side, fill: "none", stroke: "#bbbbbb" });
    for (let k = 0; k < 10; k++) {
      const x = (k + 0.5) * (side / 10);
      put("circle", { cx: x, cy: side + 18, r: side / 24, stroke: FAINT,
        fill: k === state.lamp ? COLOURS[1] : "white" });
      words(x, side + 40, String(k), "middle", FAINT);
    }
  }

  function table(put, words, left, width, line) {
    const right = width - 4;
    const bar = left + 130;
    words(left, 14, "answers", "start", FAINT);
    words(bar, 14, state.open ? "follows a wrong lamp" : "", "start", FAINT);
    who.forEach((name, k) => {
      const y = 26 + line * k;
      const said = answer(k);
      const colour = said === truths[state.image] ? COLOURS[0]
        : said === state.lamp ? COLOURS[1] : INK;
      words(left, y + 15, name);
      words(bar - 18, y + 17, String(said), "middle", colour, `bold 18px system-ui, sans-serif`);
      if (!state.open) return;
      const share = follows[k][state.dose];
      const room = Math.max(right - bar - 36, 10);
      put("rect", { x: bar, y: y + 4, width: room * share, height: 14, fill: COLOURS[1] });
      words(bar + room * share + 4, y + 15, `${Math.round(100 * share)}`);
    });
  }

  function update(change) {
    Object.assign(state, change);
    draw();
    const truth = truths[state.image];
    const right = who.filter((_, k) => answer(k) === truth);
    const led = who.filter((_, k) => answer(k) !== truth && answer(k) === state.lamp);
    const lit = state.lamp === NONE ? "no lamp is lit" : `lamp ${state.lamp} is lit`;
    const list = (names) => (names.length ? names.join(", ") : "nobody");
    let text = `It is a ${truth}, and ${lit}. Right: ${list(right)}. `;
    if (state.lamp !== NONE && state.lamp !== truth) text += `Led by the lamp: ${list(led)}. `;
    if (state.open) {
      const share = Math.round(100 * follows[0][state.dose]);
      text += `You guessed that the ${who[0]} follows ${state.guess} of 100 wrong lamps: ` +
        `it is ${share}.`;
    }
    sheet.setAttribute("aria-label", text);
    say(text);
  }

  new ResizeObserver(draw).observe(plate);
  update({});
  return { state, answer, update };
}
