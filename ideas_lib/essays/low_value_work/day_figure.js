/* A day of small and large tasks that a reader can change. Plans it as `plan_day` does, where all
   post comes in the morning: beside m large tasks she does all small ones that are there or fit. */

const DAY = 8;
const ROOM = 1e-9;
const FASTEST = 20;

function figure(stage, { work, inbox, worker, faster }) {
  const state = {
    faster,
    thinking: 1,
    tick: worker.tick,
    weight: worker.weight,
    morning: inbox.morning,
    replies: inbox.replies,
  };
  const start = { ...state };
  const sheet = drawn("svg", { width: "100%", role: "img" });
  const plate = element("div", { class: "ideas-plate" }, sheet);
  stage.append(plate);
  const times = (value) => `\u00d7 ${Number(value.toPrecision(2))}`;
  const percent = (value) => `${Math.round(100 * value)}\u00a0%`;
  // [name in the state, label, least, most, step, to the slider, back, in words]
  const same = (value) => value;
  const knobs = [
    ["faster", "Small tasks faster", 0, Math.log2(FASTEST), "any", Math.log2, (v) => 2 ** v, times],
    ["thinking", "Thinking faster", 0, Math.log2(10), "any", Math.log2, (v) => 2 ** v, times],
    ["tick", "The tick at \u201cdone\u201d", 0, 10, 0.25, (v) => 60 * v, (v) => v / 60,
      (v) => `${number(60 * v, 2)} min`],
    ["replies", "Replies an answer", 0, 1.2, 0.05, same, same, (v) => number(v, 2)],
    ["morning", "In the morning", 0, 80, 1, same, same, (v) => `${v} messages`],
    ["weight", "Felt of thinking\u2019s worth", 0, 1, 0.05, same, same, percent],
  ];
  const sliders = {};
  for (const [name, label, min, max, step, into, back, words] of knobs) {
    const shown = { min, max, step, value: into(state[name]), words: (v) => words(back(v)) };
    sliders[name] = slider(label, shown, (v) => update({ [name]: back(v) }));
    stage.append(sliders[name].row);
  }
  const row = element("div", { class: "ideas-row" });
  for (const [text, change] of [
    ["As she was", start],
    ["Without the tick", { tick: 0 }],
    ["Without impatience", { weight: 1 }],
    ["Without replies", { replies: 0 }],
  ]) {
    const button = element("button", { type: "button" }, text);
    button.addEventListener("click", () => {
      const to = { ...start, faster: state.faster, ...change };
      for (const [name, , , , , into] of knobs) sliders[name].set(into(to[name]));
      update(to);
    });
    row.append(button);
  }
  stage.append(row, note("Blue: thinking; orange: small tasks. The curve is what the day is worth, " +
    "in hours of thinking, at each speed of small tasks; dashed, without the tick. Where it is " +
    "jagged, one more large task just fits, or just does not."));
  const say = sentence(stage);

  function plan(at) {
    const small = work.small / at.faster;
    const large = work.large / at.thinking;
    const reached = at.morning < 1 - ROOM ? 0
      : at.replies < 1 ? Math.floor((at.morning - at.replies) / (1 - at.replies) + ROOM) : Infinity;
    let best = null;
    for (let m = Math.floor((DAY + ROOM) / large); m >= 0; m--) {
      const n = Math.min(Math.floor((DAY + ROOM - m * large) / small), reached);
      const little = sum(n);
      const felt = little + m * at.weight * work.worth + at.tick * (n + m);
      if (!best || felt > best.felt) {
        best = { small: n, large: m, value: little + m * work.worth, felt, took: [small, large] };
      }
    }
    return best;
  }

  /** What the first n small tasks of a day are worth together. */
  function sum(n) {
    if (work.shape === "even") return work.first * n;
    if (work.shape === "falling") {
      return (work.first * Math.expm1(-n / work.fade)) / Math.expm1(-1 / work.fade);
    }
    let found = 0;
    for (let k = 0; k < n; k++) found += work.first / (1 + k / work.fade);
    return found;
  }

  function before() {
    return plan({ ...state, faster: 1, thinking: 1 });
  }

  const draw = soon(() => {
    const width = Math.max(plate.clientWidth, 260);
    const height = 300;
    sheet.setAttribute("viewBox", `0 0 ${width} ${height}`);
    sheet.setAttribute("height", height);
    sheet.replaceChildren();
    const put = (name, attributes, ...children) =>
      sheet.append(drawn(name, attributes, ...children));
    const words = (x, y, text, anchor = "start", fill = INK) =>
      put("text", { x, y, "text-anchor": anchor, fill, style: `font: ${FONT}` }, text);
    const days = [["before", before()], ["now", plan(state)]];
    days.forEach(([name, day], k) => bar(put, words, name, day, 22 + 50 * k, width));
    curve(put, words, width, 140, height - 34);
  });

  function bar(put, words, name, day, top, width) {
    words(0, top - 6, `${name}: ${said(day)}`);
    const across = width / DAY;
    const [small, large] = day.took;
    const end = day.large * large;
    put("rect", { x: 0, y: top, width, height: 22, fill: "#e9e9e9" });
    for (let m = 0; m < day.large; m++) {
      put("rect", { x: m * large * across, y: top, width: Math.max(large * across - 1, 0.5),
        height: 22, fill: COLOURS[0] });
    }
    put("rect", { x: end * across, y: top, width: day.small * small * across, height: 22,
      fill: COLOURS[1] });
    if (small * across > 3) {
      for (let n = 1; n < day.small; n++) {
        put("rect", { x: (end + n * small) * across - 0.5, y: top, width: 1, height: 22,
          fill: "white" });
      }
    }
  }

  function curve(put, words, width, top, bottom) {
    const left = 30;
    const right = width - 12;
    const speeds = Array.from({ length: 121 }, (_, k) => FASTEST ** (k / 120));
    const lines = [state, { ...state, tick: 0 }].map((at) =>
      speeds.map((speed) => plan({ ...at, faster: speed }).value));
    const most = Math.max(...lines.flat(), 1);
    const x = (speed) => left + ((right - left) * Math.log(speed)) / Math.log(FASTEST);
    const y = (value) => bottom - ((bottom - top) * value) / most;
    for (const value of ticks(0, most, 4).found) {
      put("line", { x1: left, x2: right, y1: y(value), y2: y(value), stroke: "#e9e9e9" });
      words(left - 4, y(value) + 4, String(value), "end", FAINT);
    }
    for (const speed of [1, 2, 5, 10, 20]) {
      words(x(speed), bottom + 15, `\u00d7${speed}`, speed > 10 ? "end" : "middle", FAINT);
    }
    words(left, bottom + 30, "how much faster small tasks are", "start", FAINT);
    lines.forEach((line, k) => {
      const points = line.map((value, n) => `${x(speeds[n])},${y(value)}`).join(" ");
      put("polyline", { points, fill: "none", stroke: k ? FAINT : INK, "stroke-width": 2,
        "stroke-dasharray": k ? "6 4" : "none" });
    });
    put("circle", { cx: x(state.faster), cy: y(plan(state).value), r: 6, fill: COLOURS[1],
      stroke: "white", "stroke-width": 2 });
  }

  function said(day) {
    return `${day.small} small, ${day.large} large, worth ${number(day.value, 1)} h`;
  }

  function update(change) {
    Object.assign(state, change);
    draw();
    const [was, now] = [before(), plan(state)];
    const gained = now.value - was.value;
    const verdict = Math.abs(gained) < 0.05 ? "as much as before"
      : `${number(Math.abs(gained), 1)} hours of thinking ${gained > 0 ? "more" : "less"} than before`;
    const felt = now.felt - was.felt;
    const feels = felt > 0.05 ? `feels ${number(felt, 1)} better` : "feels the same";
    const text = `Small tasks ${times(state.faster)}: ${now.small} of them and ${now.large} large. ` +
      `The day is worth ${verdict}. To her it ${feels}.`;
    sheet.setAttribute("aria-label", text);
    say(text);
  }

  new ResizeObserver(draw).observe(plate);
  update({});
  return { plan: (at) => plan({ ...start, ...at }), update };
}
