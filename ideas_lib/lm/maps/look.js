/* What the points look like, and what is drawn over them. */

function kindColour(theme, at, kind) {
  return rgb(kind.other ? theme.other : theme.colours[at % theme.colours.length]);
}

/** Whether a point's kind is switched on. */
function seen({ colour, hidden }, i) {
  if (colour?.kind !== "category" || !hidden.size) return true;
  return !hidden.has(colour.kindOf[colour.codes[i]]);
}

/** Whether so few of a point's neighbours are true that its place is not to be read. */
function doubtful({ k }, chart, i) {
  return Math.round(k * chart.scores.kept[i]) < chart.few;
}

/** Fills in what each point looks like; returns the order to draw them in, the faint ones first. */
function painted(points, state, look, form) {
  const { n } = points;
  const { colour: c, chart, fade: fading, theme } = state;
  const focus = state.lasso || state.found, lit = new Uint8Array(n);
  if (focus) for (const i of focus) lit[i] = 1;
  const plain = rgb(theme.colours[0]), other = rgb(theme.other);
  const kinds = c?.kind === "category" ? c.kinds.map((kind, at) => kindColour(theme, at, kind)) : null;
  const steps = Array.from({ length: 65 }, (_, at) => shade(theme.ramp, at / 64));
  for (let i = 0; i < n; i++) {
    let pixel = plain, shape = 0;
    if (kinds) {
      const at = c.kindOf[c.codes[i]];
      pixel = kinds[at];
      shape = c.kinds[at].other ? 0 : at % SHAPES;
    } else if (c) {
      const share = (c.values[i] - c.low) / (c.high - c.low || 1);
      pixel = Number.isNaN(share) ? other : steps[Math.round(64 * Math.min(Math.max(share, 0), 1))];
    }
    const kept = chart.scores.kept[i], doubt = fading && doubtful(points, chart, i);
    let alpha = !fading ? 220 : doubt ? 110 : 150 + 105 * Math.min(1, 1.25 * kept);
    if (!seen(state, i)) alpha = 0;
    else if (focus) alpha = lit[i] ? 255 : 0.13 * alpha;
    look[4 * i] = pixel[0];
    look[4 * i + 1] = pixel[1];
    look[4 * i + 2] = pixel[2];
    look[4 * i + 3] = alpha;
    form[i] = 2 * shape + (doubt ? 1 : 0);
  }
  const bins = new Uint32Array(257);
  for (let i = 0; i < n; i++) bins[look[4 * i + 3] + 1]++;
  for (let a = 0; a < 256; a++) bins[a + 1] += bins[a];
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[bins[look[4 * i + 3]]++] = i;
  return order;
}

/** Draws a point's true and shown neighbours, what is hovered, and the lasso. */
function overlay(pen, points, state, places, r) {
  const { theme, picked, hovered, chart } = state, { k } = points;
  const at = (i) => [places[2 * i], places[2 * i + 1]];
  const ring = (i, size, colour, width, dash = []) => {
    pen.beginPath();
    pen.setLineDash(dash);
    pen.arc(...at(i), size, 0, 2 * Math.PI);
    Object.assign(pen, { strokeStyle: colour, lineWidth: width });
    pen.stroke();
  };
  if (picked >= 0) {
    points.row(points.true, picked).forEach((other, place) => {
      const there = chart.shownRanks[k * picked + place] <= k;
      pen.beginPath();
      pen.setLineDash(there ? [] : [5, 4]);
      Object.assign(pen, { strokeStyle: there ? theme.ink : theme.lost, lineWidth: 1.6 });
      pen.moveTo(...at(picked));
      pen.lineTo(...at(other));
      pen.stroke();
      ring(other, r + 3, there ? theme.ink : theme.lost, 2);
    });
    points.row(chart.shown, picked).forEach((other, place) => {
      if (chart.trueRanks[k * picked + place] > k) ring(other, r + 3, theme.other, 1.5, [2, 2]);
    });
    ring(picked, r + 4, theme.ink, 3);
  }
  if (hovered >= 0) ring(hovered, r + 3, theme.ink, 2);
  if (state.path.length > 1) {
    pen.beginPath();
    pen.setLineDash([4, 3]);
    state.path.forEach((place, step) => (step ? pen.lineTo(...place) : pen.moveTo(...place)));
    Object.assign(pen, { strokeStyle: theme.ink, lineWidth: 1.5 });
    pen.stroke();
  }
  pen.setLineDash([]);
}
