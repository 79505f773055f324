/* What a meta-tree decides, and why, as `MetaTreeClassifier` says it. */

/** What the setter sets for a sample, in units, and where its path leads. */
function decided(tree, x) {
  let inner = tree.context.map((k) => onScale(tree, k, x[k]));
  for (const { kind, weight, bias } of tree.setter) {
    if (kind === "Linear") {
      inner = bias.map((start, j) => {
        let sum = start;
        for (let k = 0; k < inner.length; k++) sum += weight[j][k] * inner[k];
        return sum;
      });
    } else inner = inner.map(kind === "ReLU" ? (v) => Math.max(v, 0) : Math.tanh);
  }
  const thresholds = tree.base.map((base, i) => {
    const k = tree.feature[i];
    return inUnits(tree, k, base + tree.reach * Math.tanh(inner[i]));
  });
  return { thresholds, ...followed(tree, x, thresholds) };
}

function followed({ feature, leaves }, x, thresholds) {
  const path = [];
  let node = 0;
  while (node < thresholds.length) {
    path.push(node);
    node = 2 * node + (x[feature[node]] > thresholds[node] ? 2 : 1);
  }
  const leaf = node - thresholds.length;
  return { path, leaf, shares: leaves[leaf] };
}

/** The classes that the leaves under a node name: where there is one, nothing is left to decide. */
function undecided({ base, leaves }, node) {
  if (node >= base.length) return new Set([likeliest(leaves[node - base.length])]);
  const sides = [2 * node + 1, 2 * node + 2].map((side) => [...undecided({ base, leaves }, side)]);
  return new Set(sides.flat());
}

/** The classes that some thresholds within reach would give. */
function reachable(tree, x, node = 0) {
  if (node >= tree.base.length) return [likeliest(tree.leaves[node - tree.base.length])];
  const k = tree.feature[node];
  const over = onScale(tree, k, x[k]) - tree.base[node];
  return [
    ...(over <= tree.reach ? reachable(tree, x, 2 * node + 1) : []),
    ...(over > -tree.reach ? reachable(tree, x, 2 * node + 2) : []),
  ];
}

function explained(tree, features, classes, x) {
  const { thresholds, path, shares } = decided(tree, x);
  const said = classes[likeliest(shares)];
  const asked = path.filter((node) => undecided(tree, node).size > 1).map((node) => {
    const sign = x[tree.feature[node]] > thresholds[node] ? ">" : "<=";
    return (
      `${features[tree.feature[node]]} ${sign} ${general(thresholds[node])} ` +
      `(threshold for cases like this; ${general(tree.average[node])} on average)`
    );
  });
  const same = classes[likeliest(followed(tree, x, tree.average).shares)];
  let remark = "no threshold within reach would change that";
  if (new Set(reachable(tree, x)).size > 1) {
    remark = said === same ? "so say the average thresholds"
      : `by the average thresholds it would be ${same}`;
  }
  return `${said}, because ${asked.join(" and ")}; ${remark}.`;
}
