/* The points, their columns and their neighbours, read out of the figure's data. */

const MOST = 23; // categories with a colour and a shape of their own; the others share one
const PERCENT = ["kept", "stability"];

function bytes(text) {
  const raw = atob(text), found = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) found[i] = raw.charCodeAt(i);
  return found.buffer;
}

class Points {
  constructor(data) {
    const wide = data.count > 65535 ? Uint32Array : Uint16Array;
    const indices = (text) => new wide(bytes(text));
    Object.assign(this, { n: data.count, k: data.k, texts: data.texts, metric: data.metric });
    this.true = indices(data.true);
    this.near = new Uint16Array(bytes(data.near));
    this.farthest = data.farthest;
    this.columns = data.columns.map((column) => this.readColumn(column));
    this.charts = data.charts.map((chart) => this.readChart(chart, indices));
  }

  readColumn({ name, names, codes, values }) {
    if (values) return { name, kind: "number", values: new Float32Array(bytes(values)) };
    const each = new (names.length > 255 ? Uint32Array : Uint8Array)(bytes(codes));
    const count = new Uint32Array(names.length);
    for (const code of each) count[code]++;
    const order = [...names.keys()].sort((a, b) => count[b] - count[a]);
    const shown = order.length > MOST + 1 ? order.slice(0, MOST) : order;
    // In the order of their names, and the rest as one.
    const kinds = [...shown].sort((a, b) => a - b).map((code) => ({
      name: names[code] === "" ? "(none)" : names[code],
      count: count[code],
    }));
    const kind = new Uint8Array(names.length).fill(kinds.length);
    [...shown].sort((a, b) => a - b).forEach((code, place) => (kind[code] = place));
    if (shown.length < names.length) {
      const rest = order.slice(MOST).reduce((sum, code) => sum + count[code], 0);
      kinds.push({ name: `${names.length - MOST} others`, count: rest, other: true });
    }
    return { name, kind: "category", names, codes: each, kinds, kindOf: kind };
  }

  readChart(chart, indices) {
    const { n, k } = this, raw = new Uint16Array(bytes(chart.places));
    const unit = Float32Array.from(raw, (place) => place / 65535);
    const shown = indices(chart.shown), trueRanks = indices(chart.trueRanks);
    const shownRanks = indices(chart.shownRanks), worst = (k * (2 * n - 3 * k - 1)) / 2;
    const scores = { kept: new Float32Array(n), trustworthiness: null, continuity: null };
    for (let i = 0; i < n; i++) {
      for (let r = 0; r < k; r++) scores.kept[i] += (trueRanks[k * i + r] <= k) / k;
    }
    const spared = (ranks) => {
      const found = new Float32Array(n);
      for (let i = 0; i < n; i++) {
        let lost = 0;
        for (let r = 0; r < k; r++) lost += Math.max(ranks[k * i + r] - k, 0);
        found[i] = 1 - lost / worst;
      }
      return found;
    };
    scores.trustworthiness = spared(trueRanks);
    scores.continuity = spared(shownRanks);
    if (chart.stability) {
      scores.stability = Float32Array.from(new Uint8Array(bytes(chart.stability)), (v) => v / 255);
    }
    return { ...chart, unit, shown, trueRanks, shownRanks, scores };
  }

  row(values, i) {
    return values.subarray(this.k * i, this.k * (i + 1));
  }

  value({ kind, values, names, codes }, i) {
    if (kind === "category") return names[codes[i]];
    return Number.isNaN(values[i]) ? "" : general(values[i]);
  }

  /** How near a point's r-th true neighbour is, in words. */
  nearness(i, r) {
    const far = (this.near[this.k * i + r] / 65535) * this.farthest;
    return this.metric === "cosine" ? number(1 - (far * far) / 2, 2) : general(far);
  }

  /** The points in whose text or columns the letters occur. */
  search(letters) {
    const wanted = letters.toLowerCase(), found = [];
    const texts = this.columns.filter((c) => c.kind === "category");
    const hits = texts.map((c) => c.names.map((name) => name.toLowerCase().includes(wanted)));
    this.lower ||= this.texts.map((text) => text.toLowerCase());
    for (let i = 0; i < this.n; i++) {
      if (this.lower[i].includes(wanted) || texts.some((c, n) => hits[n][c.codes[i]])) found.push(i);
    }
    return found;
  }

  /** One object a point, as it is exported. */
  record(chart, i) {
    const found = { row: i, text: this.texts[i] };
    for (const column of this.columns) {
      const { kind, values, names, codes, name } = column;
      const value = kind === "category" ? names[codes[i]] : Number.isNaN(values[i]) ? null : values[i];
      found[name in found ? `${name} (2)` : name] = value;
    }
    const [left, top, span] = chart.frame;
    found[`${chart.method}_x`] = left + chart.unit[2 * i] * span;
    found[`${chart.method}_y`] = top - chart.unit[2 * i + 1] * span;
    for (const [name, values] of Object.entries(chart.scores)) {
      found[`${chart.method}_${name}`] = Math.round(1e4 * values[i]) / 1e4;
    }
    return found;
  }
}

function asCsv(records) {
  const quoted = (value) => {
    const text = value === null ? "" : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const names = Object.keys(records[0]);
  const lines = [names, ...records.map((record) => names.map((name) => record[name]))];
  return lines.map((line) => line.map(quoted).join(",")).join("\r\n") + "\r\n";
}

function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = element("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
