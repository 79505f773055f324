/* A soft tree on a plane, and a slider for its temperature. Evaluates the tree itself. */

function figure(stage, { tree, rival, samples, labels, features, classes, ranges }) {
  const hard = samples.map(softly(tree, 0)).map(likeliest);
  // The slider's positions: 0 is hard, then a fourth of an octave a step, up to 16 times.
  const fitted = 21;
  const factor = (position) => (position === 0 ? 0 : 2 ** ((position - fitted) / 4));
  const short = (position) => String(Number(factor(position).toPrecision(2)));
  const words = (position) => {
    if (position === 0) return "0: hard";
    return position === fitted ? "× 1: as fitted" : `× ${short(position)}`;
  };
  const state = { position: fitted, rival: false };

  const plane = new Plane(stage, {
    ranges,
    names: features,
    label: "Map of what the tree answers: shades are probabilities, the line is its boundary.",
    redraw: () => draw(),
  });
  const temperature = slider(
    "Temperature",
    { min: 0, max: 37, step: 1, value: fitted, words },
    (position) => update({ position }),
  );
  stage.append(temperature.row);
  const row = element("div", { class: "ideas-row" });
  for (const [text, position] of [["As fitted", fitted], ["Hard", 0]]) {
    const button = element("button", { type: "button" }, text);
    button.addEventListener("click", () => {
      temperature.set(position);
      update({ position });
    });
    row.append(button);
  }
  if (rival) {
    const box = element("input", { type: "checkbox" });
    box.addEventListener("change", () => update({ rival: box.checked }));
    row.append(element("label", {}, box, `boundary of ${rival.name} (dashed)`));
  }
  stage.append(row, key(classes, "shades: how sure; line: the boundary; with a rim: wrong"));
  const say = sentence(stage);

  function measure() {
    const shares = samples.map(softly(tree, factor(state.position)));
    const answers = shares.map(likeliest);
    const share = (good) => answers.filter(good).length / answers.length;
    const loss = shares.reduce((sum, p, n) => sum - Math.log(Math.max(p[labels[n]], 1e-12)), 0);
    return {
      answers,
      accuracy: share((answer, n) => answer === labels[n]),
      loss: loss / samples.length,
      agreement: share((answer, n) => answer === hard[n]),
    };
  }

  function update(change) {
    Object.assign(state, change);
    draw();
    const { accuracy, loss, agreement } = measure();
    const where = state.position === 0 ? "Hard, at temperature 0"
      : state.position === fitted ? "At the temperature it was fitted with"
      : `At ${short(state.position)} times the temperature it was fitted with`;
    const against = state.rival ? ` ${rival.name} is right on ${percent(rival.accuracy)}.` : "";
    say(
      `${where}, the tree is right on ${percent(accuracy)} of these ${samples.length} samples ` +
      `(log loss ${number(loss, 3)}) and decides as its hard version does on ` +
      `${percent(agreement)}.${against}`,
    );
  }

  const draw = soon(() => {
    plane.fit();
    const grid = plane.grid(softly(tree, factor(state.position)));
    plane.shade(grid);
    const { answers } = measure();
    samples.forEach((x, n) => plane.point(x, labels[n], answers[n] !== labels[n]));
    plane.boundary(grid);
    if (state.rival) plane.boundary(plane.grid((x) => rivally(rival, x)), [7, 5]);
    plane.axes();
  });

  update({});
  return { probabilities: (x, times) => softly(tree, times)(x), measure, update };
}

/** The tree with all temperatures multiplied by `times`: x -> probabilities of the classes. */
function softly(tree, times) {
  const { weights, bias, temperature, leaves } = tree;
  const nodes = bias.length;
  const slopes = weights.map((row, i) => row.map((w) => w / heat(i)));
  const starts = bias.map((b, i) => b / heat(i));
  const reach = new Float64Array(2 * nodes + 1);
  function heat(i) {
    return times === 0 ? 1 : temperature[i] * times;
  }
  return (x) => {
    const z = x.map((value, k) => onScale(tree, k, value));
    reach[0] = 1;
    for (let i = 0; i < nodes; i++) {
      let logit = starts[i];
      for (let k = 0; k < z.length; k++) logit += slopes[i][k] * z[k];
      const yes = times === 0 ? Number(logit > 0) : 1 / (1 + Math.exp(-logit));
      reach[2 * i + 1] = reach[i] * (1 - yes);
      reach[2 * i + 2] = reach[i] * yes;
    }
    const shares = new Array(leaves[0].length).fill(0);
    for (let l = 0; l < leaves.length; l++) {
      const r = reach[nodes + l];
      if (r > 0) for (let c = 0; c < shares.length; c++) shares[c] += r * leaves[l][c];
    }
    return shares;
  };
}

/** What a scikit-learn tree answers. */
function rivally({ left, right, feature, threshold, value }, x) {
  let i = 0;
  while (left[i] !== -1) i = x[feature[i]] <= threshold[i] ? left[i] : right[i];
  return value[i];
}

function percent(share) {
  return `${number(100 * share, 1)}\u00a0%`;
}
