/* Twelve derivations to look into: a line that is touched or has the focus shows what solves it, on
   a number line, beside what solved the line before. */

function figure(stage, { all }) {
  const state = { which: 0, variant: 0, line: 0 };
  const chosen = element("select", { "aria-label": "Derivation" });
  all.forEach((each, k) => chosen.append(element("option", { value: k }, `${k + 1}. ${each.name}`)));
  chosen.addEventListener("change", () => update({ which: Number(chosen.value), variant: 0, line: 0 }));
  const other = element("button", { type: "button" }, "Give me other numbers");
  other.addEventListener("click", () => {
    update({ variant: (state.variant + 1) % all[state.which].variants.length });
  });
  const lines = element("div", { role: "group", "aria-label": "Lines" });
  const sheet = drawn("svg", { width: "100%", height: 96, role: "img" });
  const plate = element("div", { class: "ideas-plate" }, sheet);
  stage.append(element("div", { class: "ideas-row" }, chosen, other), lines, plate);
  stage.append(note("Full dots solve the line. A ring is a solution that the line before had and " +
    "this one has lost; a square is one that came in."));
  const say = sentence(stage);
  let shown = "";

  function now() {
    return all[state.which].variants[state.variant];
  }

  /** Makes a button for each line, once for each derivation and set of numbers. */
  function list() {
    const key = `${state.which} ${state.variant}`;
    if (key === shown) return;
    shown = key;
    lines.replaceChildren(...now().lines.map((line, k) => {
      const broken = k === now().broken;
      const button = element("button", { type: "button", style: style(broken) },
        `${k}.\u2002${line.text}${broken ? "\u2002\u2717" : ""}`);
      for (const event of ["click", "focus", "pointerenter"]) {
        button.addEventListener(event, () => update({ line: k }));
      }
      return button;
    }));
  }

  function style(broken) {
    return "display: block; width: 100%; min-height: 2rem; text-align: left; border: 0; font: inherit; " +
      `background: transparent; color: inherit; ${broken ? "font-weight: bold;" : ""}`;
  }

  const draw = soon(() => {
    const width = Math.max(plate.clientWidth, 260);
    sheet.setAttribute("viewBox", `0 0 ${width} 96`);
    sheet.replaceChildren();
    const put = (name, attributes, ...children) =>
      sheet.append(drawn(name, attributes, ...children));
    const every = now().lines.flatMap((line) => [...line.values, ...line.lost]);
    const low = Math.min(0, ...every) - 1;
    const high = Math.max(0, ...every) + 1;
    const x = (value) => 14 + ((width - 28) * (value - low)) / (high - low);
    put("line", { x1: 6, x2: width - 6, y1: 50, y2: 50, stroke: FAINT });
    for (const value of ticks(low, high, 8).found) {
      put("line", { x1: x(value), x2: x(value), y1: 46, y2: 54, stroke: FAINT });
      put("text", { x: x(value), y: 74, "text-anchor": "middle", fill: FAINT,
        style: `font: ${FONT}` }, number(value, Number.isInteger(value) ? 0 : 1));
    }
    const line = now().lines[state.line];
    if (line.solved.endsWith("every number")) {
      put("line", { x1: 6, x2: width - 6, y1: 50, y2: 50, stroke: COLOURS[0], "stroke-width": 8 });
    }
    for (const value of line.values) {
      const fresh = line.gained.includes(value);
      if (fresh) {
        put("rect", { x: x(value) - 7, y: 43, width: 14, height: 14, fill: COLOURS[1] });
      } else {
        put("circle", { cx: x(value), cy: 50, r: 7, fill: COLOURS[0] });
      }
    }
    for (const value of line.lost) {
      put("circle", { cx: x(value), cy: 50, r: 7, fill: "white", stroke: COLOURS[1],
        "stroke-width": 3 });
    }
    put("text", { x: 6, y: 20, fill: INK, style: `font: ${FONT}` }, `Line ${state.line}: ${line.text}`);
  });

  function words() {
    const { lines: rows, broken, cause } = now();
    const line = rows[state.line];
    const parts = [`Line ${state.line} is ${line.solved}: ${line.verdict}.`];
    if (state.line === broken) {
      parts.push(`It is the first broken line${cause ? `: ${cause}` : ""}.`);
    }
    if (line.luck) parts.push(`Right by luck. With other numbers: ${line.luck}.`);
    if (broken === null && !rows.some((row) => row.luck)) parts.push("No line is broken.");
    return parts.join(" ");
  }

  function update(change) {
    Object.assign(state, change);
    state.line = Math.min(state.line, now().lines.length - 1);
    chosen.value = String(state.which);
    list();
    [...lines.children].forEach((button, k) => {
      button.setAttribute("aria-pressed", String(k === state.line));
      button.style.boxShadow = k === state.line ? "inset 4px 0 0 #0072B2" : "none";
    });
    draw();
    const text = words();
    sheet.setAttribute("aria-label", text);
    say(text);
  }

  new ResizeObserver(draw).observe(plate);
  update({});
  return { update, state };
}
