/* A map of four boxes. Its reader places tools on it, by hand or by sliders, and then sees where
   they were measured to be; what was not measured stays where she put it, and hollow. */

function figure(stage, { tools, tasks, ceiling }) {
  const names = [...tools.map((tool) => tool.name), ...tasks];
  const guesses = names.map((_, k) => ({ x: 0.5, y: 1 - (k + 1) / (names.length + 1) }));
  const state = { chosen: 0, open: false, example: 0 };
  const sheet = drawn("svg", { width: "100%", role: "img" });
  const below = drawn("g");
  const handles = names.map((_, k) => handle(k));
  const above = drawn("g", { "pointer-events": "none" });
  sheet.append(below, ...handles, above);
  let dragged = null; // the pointer that drags what is chosen
  sheet.addEventListener("pointermove", (event) => {
    if (event.pointerId !== dragged) return;
    const box = sheet.getBoundingClientRect();
    place({
      x: (event.clientX - box.left - size.left) / (size.right - size.left),
      y: (size.bottom - (event.clientY - box.top)) / (size.bottom - size.top),
    });
  });
  sheet.addEventListener("lostpointercapture", () => (dragged = null));
  const plate = element("div", { class: "ideas-plate" }, sheet);
  stage.append(plate);
  const percent = (value) => `${Math.round(100 * value)}\u00a0%`;
  const bits = (value) => number(value, 1);

  const pick = element("select", { style: "min-width: 0; max-width: 100%" });
  names.forEach((name, k) => pick.append(element("option", { value: k }, `${k + 1} ${name}`)));
  pick.addEventListener("change", () => {
    sheet.insertBefore(handles[Number(pick.value)], above); // on top, where some lie together
    choose(Number(pick.value));
  });
  const row = element("div", { class: "ideas-row" });
  row.append(element("label", { style: "max-width: 100%" }, "You place", pick));
  const range = { min: 0, max: 1, step: 0.01 };
  const across = slider("Decisions left to her", { ...range, value: 0.5, words: percent },
    (x) => place({ x }));
  const up = slider("What arrives", { ...range, value: guesses[0].y,
    words: (v) => `${bits(v * ceiling)} of ${ceiling} bits` }, (y) => place({ y }));
  const show = element("button", { type: "button", "aria-pressed": "false" },
    "Show what was measured");
  show.addEventListener("click", () => {
    state.open = !state.open;
    show.setAttribute("aria-pressed", String(state.open));
    update();
  });
  const next = element("button", { type: "button" }, "Another sentence");
  next.addEventListener("click", () => {
    state.example += 1;
    update();
  });
  const buttons = element("div", { class: "ideas-row" });
  buttons.append(show, next);
  stage.append(row, across.row, up.row, buttons, note("Hollow, with a number: where you put it. " +
    "Then, solid: measured with the tool; small ring: the same decisions without it."));
  const say = sentence(stage);
  const example = note("");
  stage.append(example);
  let size = { left: 34, right: 300, top: 10, bottom: 260 };
  const toX = (share) => size.left + (size.right - size.left) * share;
  const toY = (share) => size.bottom - (size.bottom - size.top) * share;

  function handle(k) {
    const hit = drawn("circle", { r: 20, fill: "transparent" });
    const ring = drawn("circle", { r: 9, fill: "white", stroke: INK, "stroke-width": 1.5 });
    const label = drawn("text", { y: 4, "text-anchor": "middle", style: `font: ${FONT}` },
      `${k + 1}`);
    const group = drawn("g", { "data-place": k, style: "cursor: grab; touch-action: none" },
      hit, ring, label);
    group.addEventListener("pointerdown", (event) => {
      sheet.setPointerCapture(event.pointerId);
      dragged = event.pointerId;
      choose(k);
    });
    return group;
  }

  function choose(k) {
    state.chosen = k;
    pick.value = String(k);
    across.set(guesses[k].x);
    up.set(guesses[k].y);
    update();
  }

  function place(to) {
    const guess = guesses[state.chosen];
    for (const [name, value] of Object.entries(to)) guess[name] = Math.min(1, Math.max(0, value));
    across.set(guess.x);
    up.set(guess.y);
    update();
  }

  const draw = soon(() => {
    const width = Math.max(plate.clientWidth, 260);
    const height = Math.min(360, Math.round(width * 0.75));
    size = { left: 30, right: width - 12, top: 10, bottom: height - 34 };
    sheet.setAttribute("viewBox", `0 0 ${width} ${height}`);
    sheet.setAttribute("height", height);
    below.replaceChildren();
    above.replaceChildren();
    const put = (layer, name, attributes, ...children) =>
      layer.append(drawn(name, attributes, ...children));
    const words = (layer, x, y, text, anchor = "start", fill = FAINT) =>
      put(layer, "text", { x, y, "text-anchor": anchor, fill, style: `font: ${FONT}` }, text);
    const line = (layer, x1, y1, x2, y2, more = {}) =>
      put(layer, "line", { x1, y1, x2, y2, stroke: "#d0d0d0", ...more });
    line(below, toX(0.5), size.top, toX(0.5), size.bottom);
    line(below, size.left, toY(0.5), size.right, toY(0.5));
    line(below, size.left, size.top, size.left, size.bottom, { stroke: FAINT });
    line(below, size.left, size.bottom, size.right, size.bottom, { stroke: FAINT });
    for (const value of ticks(0, ceiling, 3).found) {
      words(below, size.left - 5, toY(value / ceiling) + 4, String(value), "end");
    }
    words(below, size.left, size.bottom + 15, "0\u00a0%");
    words(below, size.right, size.bottom + 15, "100\u00a0%", "end");
    words(below, toX(0.5), size.bottom + 29, "decisions that are left to the person", "middle");
    words(below, size.left + 5, size.top + 10, "bits that arrive");
    handles.forEach((group, k) => {
      const { x, y } = guesses[k];
      group.setAttribute("transform", `translate(${toX(x)} ${toY(y)})`);
      group.children[1].setAttribute("stroke-width", k === state.chosen ? 3 : 1.5);
      const shown = state.open && k < tools.length && k !== state.chosen;
      group.setAttribute("opacity", shown ? 0.25 : 1);
    });
    if (state.open) tools.forEach((tool, k) => measured(line, put, words, tool, k));
    else named(words);
  });

  function named(words) {
    const { x, y } = guesses[state.chosen];
    const end = x > 0.55;
    words(above, toX(x) + (end ? -14 : 14), toY(y) + 4, names[state.chosen], end ? "end" : "start",
      INK);
  }

  function measured(line, put, words, tool, k) {
    const chosen = k === state.chosen;
    const [x, y] = [toX(tool.decisions), toY(tool.bits / ceiling)];
    const [x0, y0] = [toX(tool.alone[0]), toY(tool.alone[1] / ceiling)];
    const look = chosen ? {} : { opacity: 0.5 };
    line(above, x0, y0, x, y, { stroke: COLOURS[1], "stroke-width": 2.5, ...look });
    put(above, "circle", { cx: x0, cy: y0, r: 4, fill: "white", stroke: INK, ...look });
    put(above, "circle", { cx: x, cy: y, r: 9, fill: COLOURS[1], ...look });
    put(above, "text", { x, y: y + 4, "text-anchor": "middle", fill: "white",
      style: `font: ${FONT}` }, `${k + 1}`);
    if (!chosen) return;
    const guess = guesses[k];
    line(above, toX(guess.x), toY(guess.y), x, y, { stroke: INK, "stroke-dasharray": "4 4" });
    const end = tool.decisions > 0.55;
    words(above, x + (end ? -14 : 14), y + 4, tool.name, end ? "end" : "start", INK);
  }

  function update() {
    draw();
    const k = state.chosen;
    const { x, y } = guesses[k];
    const yours = `${percent(x)} of the decisions, ${bits(y * ceiling)} bits`;
    let text = `${names[k]}: you say ${yours}.`;
    const tool = state.open ? tools[k] : null;
    if (tool) {
      text += ` Measured: ${percent(tool.decisions)} and ${bits(tool.bits)} bits; the same ` +
        `decisions without it, ${bits(tool.alone[1])}.`;
    } else if (state.open) {
      text += " Nobody has measured it here: it stays hollow.";
    }
    const pair = tool && tool.said.length ? tool.said[state.example % tool.said.length] : null;
    example.textContent = pair ? `She meant: \u201c${pair[0]}\u201d What arrived: ` +
      `\u201c${pair[1]}\u201d` : "";
    next.hidden = !pair;
    sheet.setAttribute("aria-label", text);
    say(text);
  }

  new ResizeObserver(draw).observe(plate);
  update();
  return { state, guesses, choose, place, update };
}
