"use strict";
// The operators of ONNX that are recurrences, trees or margins; they join those of operators.js.

function pad(x, pads, value, { mode = "constant" }) {
  if (mode !== "constant") throw new Error(`margins of the mode ${mode} are not computed here`);
  const rank = x.dims.length, dims = x.dims.map((side, i) => side + pads.data[i] + pads.data[i + rank]), steps = strides(dims);
  if (pads.data.some((side) => side < 0)) throw new Error("margins below zero are not computed here");
  const out = tensor(dims, null, x.type), from = strides(x.dims), start = dims.reduce((at, _, i) => at + pads.data[i] * steps[i], 0);
  out.data.fill(value ? value.data[0] : 0);
  for (let i = 0; i < x.data.length; i++) {
    let at = start;
    for (let axis = 0; axis < rank; axis++) at += (Math.floor(i / from[axis]) % x.dims[axis]) * steps[axis];
    out.data[at] = x.data[i];
  }
  return out;
}

/** An LSTM that reads forwards, as ONNX has it: the gates stand in the order input, output, forget, cell. */
function lstm([x, w, r, b, lengths, h0, c0, peepholes], { hidden_size: n, direction = "forward", layout = 0 }) {
  if (direction !== "forward" || lengths || peepholes || layout) throw new Error("an LSTM of this form is not computed here");
  const [steps, rows, wide] = x.dims, out = tensor([steps, 1, rows, n]), wt = transpose(tensor([4 * n, wide], w.data)).data;
  const rt = transpose(tensor([4 * n, n], r.data)).data, h = Float32Array.from(h0?.data ?? new Float32Array(rows * n)), c = Float32Array.from(c0?.data ?? new Float32Array(rows * n));
  const gate = (z) => 1 / (1 + Math.exp(-z)), z = new Float32Array(rows * 4 * n);
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < z.length; i++) z[i] = b ? b.data[i % (4 * n)] + b.data[4 * n + i % (4 * n)] : 0;
    multiply(x.data, wt, z, rows, wide, 4 * n, t * rows * wide);
    multiply(h, rt, z, rows, n, 4 * n);
    for (let i = 0; i < rows * n; i++) {
      const at = Math.floor(i / n) * 4 * n + i % n;
      c[i] = gate(z[at + 2 * n]) * c[i] + gate(z[at]) * Math.tanh(z[at + 3 * n]);
      h[i] = gate(z[at + n]) * Math.tanh(c[i]);
    }
    out.data.set(h, t * rows * n);
  }
  return [out, tensor([1, rows, n], h), tensor([1, rows, n], c)];
}

/** The sum of the leaves that each row falls into, one for each tree and answer (set ai.onnx.ml). */
function trees([x], o) {
  const another = o.nodes_modes.find((mode) => !["BRANCH_LEQ", "BRANCH_LT", "LEAF"].includes(mode));
  if (another || (o.aggregate_function ?? "SUM") !== "SUM" || (o.post_transform ?? "NONE") !== "NONE") throw new Error("trees of this form are not computed here");
  const rows = x.dims[0], wide = x.dims[1], many = o.n_targets, key = (tree, node) => `${tree} ${node}`, sums = new Float64Array(rows * many);
  const index = new Map(o.nodes_nodeids.map((node, i) => [key(o.nodes_treeids[i], node), i])), leaves = new Map(), roots = new Map();
  o.target_ids.forEach((id, i) => {
    const leaf = index.get(key(o.target_treeids[i], o.target_nodeids[i]));
    leaves.set(leaf, [...(leaves.get(leaf) ?? []), [id, o.target_weights[i]]]);
  });
  o.nodes_treeids.forEach((tree, i) => { if (!roots.has(tree)) roots.set(tree, i); });
  const yes = o.nodes_truenodeids.map((node, i) => index.get(key(o.nodes_treeids[i], node))), no = o.nodes_falsenodeids.map((node, i) => index.get(key(o.nodes_treeids[i], node)));
  for (let row = 0; row < rows; row++) for (const root of roots.values()) {
    let at = root;
    while (o.nodes_modes[at] !== "LEAF") {
      const value = x.data[row * wide + o.nodes_featureids[at]], edge = o.nodes_values[at];
      const true_ = value !== value ? o.nodes_missing_value_tracks_true?.[at] : o.nodes_modes[at] === "BRANCH_LT" ? value < edge : value <= edge;
      at = true_ ? yes[at] : no[at];
    }
    for (const [id, weight] of leaves.get(at) ?? []) sums[row * many + id] += weight;
  }
  for (let i = 0; i < sums.length; i++) sums[i] += o.base_values?.[i % many] ?? 0;
  return tensor([rows, many], sums);
}

Object.assign(OPERATORS, { TreeEnsembleRegressor: trees, Pad: ([x, pads, value], options) => pad(x, pads, value, options), LSTM: lstm });
