/* A place whose rival city a reader makes bigger or smaller: its log-odds move along the lines that
   were fitted to all places, one for each question. */

const WIDEST = 3; // powers of ten, of the capital's size against its rival's

function figure(stage, { places, ratios, questions, odds, lines, start: first, widest }) {
  const state = { place: first, power: 0 };
  const sheet = drawn("svg", { width: "100%", role: "img" });
  const plate = element("div", { class: "ideas-plate" }, sheet);
  stage.append(plate);
  const real = () => -ratios[state.place] / Math.LN10; // the rival's size, as a power of ten
  const times = (power) => {
    const value = 10 ** Math.abs(power);
    const text = number(value, value < 10 ? 1 : 0);
    return power >= 0 ? `${text} times bigger` : `${text} times smaller`;
  };
  const which = slider("The place",
    { min: 0, max: places.length - 1, step: 1, value: first, words: (v) => places[v][0] },
    (v) => pick(v));
  const size = slider("The other city is",
    { min: -WIDEST, max: WIDEST, step: "any", value: real(), words: times },
    (v) => update({ power: v }));
  const row = element("div", { class: "ideas-row" });
  const buttons = [
    ["As it is", () => real()],
    ["Ten times bigger", () => 1],
    ["Of one size", () => 0],
    ["Even, asked for the capital", () => even(0)],
  ];
  for (const [text, power] of buttons) {
    const button = element("button", { type: "button" }, text);
    button.addEventListener("click", () => {
      const to = Math.max(-WIDEST, Math.min(WIDEST, power()));
      size.set(to);
      update({ power: to });
    });
    row.append(button);
  }
  stage.append(which.row, size.row, row, note("Blue, to the right: the model would sooner say the " +
    "capital; orange, to the left: the other city. Nats: 0.7 is twice as probable, 2.3 ten times. " +
    "Only at the other city\u2019s true size was it measured; elsewhere a place follows the line of " +
    "all places."));
  const say = sentence(stage);

  /** The log-odds of the capital in one question, were the rival of that size. */
  function at(question, place, power) {
    const moved = -power * Math.LN10 - ratios[place];
    return odds[question][place] + lines[question][1] * moved;
  }

  /** How big the rival is, as a power of ten, where this place is even. */
  function even(question) {
    return real() + odds[question][state.place] / (lines[question][1] * Math.LN10);
  }

  const draw = soon(() => {
    const width = Math.max(plate.clientWidth, 260);
    const height = 62 * questions.length + 6;
    sheet.setAttribute("viewBox", `0 0 ${width} ${height}`);
    sheet.setAttribute("height", height);
    sheet.replaceChildren();
    const put = (name, attributes, ...children) =>
      sheet.append(drawn(name, attributes, ...children));
    questions.forEach((question, k) => {
      const value = at(k, state.place, state.power);
      const top = 62 * k + 22;
      const end = Math.max(-1, Math.min(1, value / widest)) * (width / 2);
      put("text", { x: 0, y: top - 6, fill: INK, style: `font: ${FONT}` },
        `${question}: ${nats(value)}`);
      put("rect", { x: 0, y: top, width, height: 24, fill: "#e9e9e9" });
      put("rect", { x: width / 2 + Math.min(end, 0), y: top, width: Math.abs(end), height: 24,
        fill: COLOURS[value > 0 ? 0 : 1] });
      put("line", { x1: width / 2, x2: width / 2, y1: top - 3, y2: top + 27, stroke: INK });
    });
  });

  function nats(value) {
    return `${value > 0 ? "+" : ""}${number(value, 1)} nats`;
  }

  function pick(place) {
    state.place = place;
    size.set(real());
    update({ power: real() });
  }

  function update(change) {
    Object.assign(state, change);
    draw();
    const [name, capital, other] = places[state.place];
    const said = questions.map((question, k) => `${question}, ` +
      nats(at(k, state.place, state.power)));
    const wins = at(0, state.place, state.power) > 0 ? capital : other;
    const text = `${name}: ${other} is ${times(state.power)} than ${capital}. For ${capital}: ` +
      `${said.join("; ")}. So, ${questions[0]}, the model says ${wins}.`;
    sheet.setAttribute("aria-label", text);
    say(text);
  }

  new ResizeObserver(draw).observe(plate);
  pick(first);
  return { state, at, even, pick, update };
}
