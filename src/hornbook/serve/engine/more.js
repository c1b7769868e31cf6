"use strict";
// The operators of ONNX that are recurrences, trees or margins; they join those of operators.js.

/** Margins around a tensor: of one value, of its edge, or what a mirror at its edge shows. */
function pad(x, pads, value, { mode = "constant" }) {
  if (!["constant", "edge", "reflect"].includes(mode)) throw new Error(`margins of the mode ${mode} are not computed here`);
  if (pads.data.some((side) => side < 0)) throw new Error("margins below zero are not computed here");
  const rank = x.dims.length, dims = x.dims.map((side, i) => side + pads.data[i] + pads.data[i + rank]), from = strides(x.dims);
  const within = (i, side) => (mode === "edge" ? Math.min(Math.max(i, 0), side - 1) : i < 0 ? -i : i >= side ? 2 * side - 2 - i : i);
  const out = tensor(dims, null, x.type), places = new Int32Array(out.data.length), margin = new Uint8Array(out.data.length);
  let size = 1;
  for (let axis = rank - 1; axis >= 0; axis--) {
    for (let k = dims[axis] - 1; k >= 0; k--) {
      const i = k - pads.data[axis], outside = i < 0 || i >= x.dims[axis], step = within(i, x.dims[axis]) * from[axis];
      for (let j = 0; j < size; j++) { places[k * size + j] = places[j] + step; margin[k * size + j] = margin[j] | outside; }
    }
    size *= dims[axis];
  }
  const fill = value ? value.data[0] : 0;
  for (let i = 0; i < places.length; i++) out.data[i] = margin[i] && mode === "constant" ? fill : x.data[places[i]];
  return out;
}

/** A picture of another size whose pixels are those that lie nearest, counted from the corner. */
function resize(x, scales, sizes, o) {
  const way = o.coordinate_transformation_mode ?? "half_pixel", round = o.nearest_mode ?? "round_prefer_floor";
  if ((o.mode ?? "nearest") !== "nearest" || way !== "asymmetric" || round !== "floor") throw new Error(`resizing of the mode ${o.mode}, ${way}, ${round} is not computed here`);
  const dims = x.dims.map((side, i) => (sizes ? Number(sizes.data[i]) : Math.floor(side * scales.data[i]))), from = strides(x.dims);
  let places = new Int32Array(1);
  for (let axis = 0; axis < dims.length; axis++) {
    const step = sizes ? x.dims[axis] / dims[axis] : 1 / scales.data[axis], next = new Int32Array(places.length * dims[axis]);
    for (let j = 0; j < places.length; j++) for (let k = 0; k < dims[axis]; k++) next[j * dims[axis] + k] = places[j] + Math.min(Math.floor(k * step), x.dims[axis] - 1) * from[axis];
    places = next;
  }
  return pick(x, dims, places);
}

const gate = (z) => 1 / (1 + Math.exp(-z));

/** A step of each recurrent layer: from sums of what comes in and of what was, `z` and `u`, to what is, `h` (and `c`), for unit k of n. */
const STEPS = {
  LSTM: (z, u, n, k, h, c) => { // the gates stand in the order input, output, forget, cell
    c[k] = gate(z[2 * n + k] + u[2 * n + k]) * c[k] + gate(z[k] + u[k]) * Math.tanh(z[3 * n + k] + u[3 * n + k]);
    h[k] = gate(z[n + k] + u[n + k]) * Math.tanh(c[k]);
  },
  GRU: (z, u, n, k, h) => { // update, reset, hidden
    const keep = gate(z[k] + u[k]), reset = gate(z[n + k] + u[n + k]);
    h[k] = (1 - keep) * Math.tanh(z[2 * n + k] + reset * u[2 * n + k]) + keep * h[k];
  },
  RNN: (z, u, n, k, h) => { h[k] = Math.tanh(z[k] + u[k]); },
};

/** A recurrent layer that reads forwards, backwards or both ways. */
function recurrent(kind, gates, [x, w, r, b, lengths, h0, c0, peepholes], o) {
  const { hidden_size: n, direction = "forward" } = o, ways = w.dims[0], [steps, rows, wide] = x.dims, g = gates * n;
  if (lengths || peepholes || o.layout || o.clip || (kind === "GRU" && !o.linear_before_reset)) throw new Error(`${kind} layers of this form are not computed here`);
  if ((o.activations ?? []).some((name) => name !== "Tanh" && name !== "Sigmoid")) throw new Error(`${kind} layers of this form are not computed here`);
  const out = tensor([steps, ways, rows, n]), hs = tensor([ways, rows, n]), cs = tensor([ways, rows, n]), step = STEPS[kind];
  for (let way = 0; way < ways; way++) {
    const wt = transpose(tensor([g, wide], w.data.slice(way * g * wide, (way + 1) * g * wide))).data, rt = transpose(tensor([g, n], r.data.slice(way * g * n, (way + 1) * g * n))).data;
    const z = new Float32Array(steps * rows * g), u = new Float32Array(g), back = direction === "reverse" || way === 1;
    const bias = (i, at) => (b ? b.data[way * 2 * g + at * g + i] : 0);
    for (let i = 0; i < z.length; i++) z[i] = bias(i % g, 0);
    multiply(x.data, wt, z, steps * rows, wide, g);
    for (let row = 0; row < rows; row++) {
      const at = (way * rows + row) * n, h = hs.data.subarray(at, at + n), c = cs.data.subarray(at, at + n);
      if (h0) h.set(h0.data.subarray(at, at + n));
      if (c0) c.set(c0.data.subarray(at, at + n));
      for (let t = 0; t < steps; t++) {
        const now = back ? steps - 1 - t : t, from = (now * rows + row) * g;
        for (let i = 0; i < g; i++) u[i] = bias(i, 1);
        multiply(h, rt, u, 1, n, g);
        const sums = z.subarray(from, from + g);
        for (let k = 0; k < n; k++) step(sums, u, n, k, h, c);
        out.data.set(h, ((now * ways + way) * rows + row) * n);
      }
    }
  }
  return [out, hs, cs];
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

/** The error function, from its series for small numbers and its continued fraction for others (Abramowitz and Stegun, 7.1.5 and 7.1.14). */
function erf(x) {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    let term = x, all = x;
    for (let n = 1; Math.abs(term) > 1e-12 * Math.abs(all); n++) { term *= -x * x / n; all += term / (2 * n + 1); }
    return 2 / Math.sqrt(Math.PI) * all;
  }
  let rest = 0;
  for (let n = 30; n > 0; n--) rest = n / 2 / (z + rest);
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + rest));
}

function cumsum(a, axis, { exclusive = 0, reverse = 0 }) {
  if (exclusive || reverse) throw new Error("sums of this form are not computed here");
  const at = place(axis.data[0], a.dims.length), inner = product(a.dims.slice(at + 1)), side = a.dims[at], out = tensor(a.dims, a.data.slice(), a.type);
  for (let i = 0; i < out.data.length; i++) if (Math.floor(i / inner) % side) out.data[i] += out.data[i - inner];
  return out;
}

/** Put updates where indices say, in a copy. */
function scatterND(a, index, updates) {
  const depth = index.dims.at(-1), steps = strides(a.dims), size = product(a.dims.slice(depth)), out = tensor(a.dims, a.data.slice(), a.type);
  for (let i = 0; i < index.data.length / depth; i++) {
    let at = 0;
    for (let d = 0; d < depth; d++) { const k = index.data[i * depth + d]; at += (k < 0 ? k + a.dims[d] : k) * steps[d]; }
    out.data.set(updates.data.subarray(i * size, (i + 1) * size), at);
  }
  return out;
}

function avgpool(x, options) {
  const found = sides(x.dims, options.kernel_shape, options), [h, v] = found.length === 1 ? [flat, found[0]] : found;
  const out = tensor([x.dims[0], x.dims[1], ...found.map((side) => side.output)]), plane = h.input * v.input;
  let at = 0;
  for (let p = 0; p < x.dims[0] * x.dims[1]; p++) for (let oy = 0; oy < h.output; oy++) for (let ox = 0; ox < v.output; ox++) {
    let all = 0, many = 0;
    for (let ky = 0; ky < h.size; ky++) for (let kx = 0; kx < v.size; kx++) {
      const y = oy * h.by - h.before + ky * h.wide, to = ox * v.by - v.before + kx * v.wide;
      if (y >= 0 && y < h.input && to >= 0 && to < v.input) { all += x.data[p * plane + y * v.input + to]; many++; }
      else if (options.count_include_pad) many++;
    }
    out.data[at++] = all / many;
  }
  return out;
}

function split(a, sizes, { axis = 0, num_outputs: many }) {
  const at = place(axis, a.dims.length), side = a.dims[at], each_ = Math.ceil(side / many);
  const parts = sizes ? [...sizes.data] : Array.from({ length: many }, (_, i) => Math.min(each_, side - i * each_));
  let start = 0;
  return parts.map((size) => { const places = Array.from({ length: size }, (_, i) => start + i); start += size; return gather(a, tensor([size], places, 7), at); });
}

function tile(a, repeats) {
  const places = repeats.data.length === a.dims.length ? a : unsqueeze(a, [0]);
  return [...repeats.data].reduce((out, times, axis) => (times === 1 ? out : concat(Array(times).fill(out), axis)), places);
}

/** The place of the largest (or of the smallest) along an axis; of equal ones the first. */
function argmost(a, { axis = 0, keepdims = 1, select_last_index: last }, sign) {
  if (last) throw new Error("the last of the largest is not computed here");
  const at = place(axis, a.dims.length), inner = product(a.dims.slice(at + 1)), side = a.dims[at], out = tensor(a.dims.map((n, i) => (i === at ? 1 : n)), null, 7);
  for (let i = 0; i < out.data.length; i++) {
    const from = Math.floor(i / inner) * side * inner + i % inner;
    for (let k = 1; k < side; k++) if (sign * a.data[from + k * inner] > sign * a.data[from + out.data[i] * inner]) out.data[i] = k;
  }
  return keepdims ? out : squeeze(out, [at]);
}

/** The largest (or smallest) of an axis in their order, and their places; of equal ones the first. */
function topk(a, count, { axis = -1, largest = 1 }) {
  const at = place(axis, a.dims.length), inner = product(a.dims.slice(at + 1)), side = a.dims[at], k = Number(count.data[0]);
  const dims = a.dims.map((n, i) => (i === at ? k : n)), values = tensor(dims, null, a.type), places = tensor(dims, null, 7);
  const order = new Int32Array(side), sign = largest ? -1 : 1;
  for (let row = 0; row < product(a.dims) / side; row++) {
    const outer = Math.floor(row / inner), from = outer * side * inner + row % inner, to = outer * k * inner + row % inner;
    for (let i = 0; i < side; i++) order[i] = i;
    order.sort((x, y) => sign * (a.data[from + x * inner] - a.data[from + y * inner]) || x - y);
    for (let i = 0; i < k; i++) { values.data[to + i * inner] = a.data[from + order[i] * inner]; places.data[to + i * inner] = order[i]; }
  }
  return [values, places];
}

function gatherElements(a, index, axis = 0) {
  const at = place(axis, a.dims.length), from = strides(a.dims), to = strides(index.dims), out = tensor(index.dims, null, a.type);
  for (let i = 0; i < out.data.length; i++) {
    const k = index.data[i];
    let where = (k < 0 ? k + a.dims[at] : k) * from[at];
    for (let d = 0; d < a.dims.length; d++) if (d !== at) where += Math.floor(i / to[d]) % index.dims[d] * from[d];
    out.data[i] = a.data[where];
  }
  return out;
}

const fold = (what) => (list) => list.reduce((a, b) => both(a, b, what));
const softplus = (x) => (x > 30 ? x : Math.log1p(Math.exp(x)));
const square = (s, x) => s + x * x;

Object.assign(OPERATORS, {
  TreeEnsembleRegressor: trees, Pad: ([x, pads, value], options) => pad(x, pads, value, options),
  Resize: ([x, , scales, sizes], o) => resize(x, scales, sizes, o),
  LSTM: (list, o) => recurrent("LSTM", 4, list, o), GRU: (list, o) => recurrent("GRU", 3, list, o).slice(0, 2), RNN: (list, o) => recurrent("RNN", 1, list, o).slice(0, 2),
  Erf: one(erf), CumSum: ([a, axis], options) => cumsum(a, axis, options), GatherElements: ([a, index], { axis }) => gatherElements(a, index, axis),
  ScatterND: (list) => scatterND(...list), Split: ([a, sizes], options) => split(a, sizes, options), Tile: (list) => tile(...list),
  AveragePool: ([x], options) => avgpool(x, options), GlobalMaxPool: ([x]) => reduce(x, x.dims.slice(2).map((_, i) => i + 2), 1, -Infinity, Math.max),
  LogSoftmax: ([a], { axis = -1 }) => {
    const at = [place(axis, a.dims.length)], low = both(a, reduce(a, at, 1, -Infinity, Math.max), (x, m) => x - m);
    return both(low, reduce(each(low, Math.exp), at, 1, 0, sum), (x, s) => x - Math.log(s));
  },
  TopK: ([a, count], o) => topk(a, count, o), ArgMax: ([a], o) => argmost(a, o, 1), ArgMin: ([a], o) => argmost(a, o, -1),
  Min: fold(Math.min), Max: fold(Math.max), Sum: fold((x, y) => x + y), Reciprocal: one((x) => 1 / x), Sign: one(Math.sign), Ceil: one(Math.ceil), Round: one(even),
  GreaterOrEqual: bool((x, y) => x >= y), LessOrEqual: bool((x, y) => x <= y), Softplus: one(softplus), HardSwish: one((x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1)),
  HardSigmoid: ([a], { alpha = 0.2, beta = 0.5 }) => each(a, (x) => Math.min(Math.max(alpha * x + beta, 0), 1)), Mish: one((x) => x * Math.tanh(softplus(x))),
  LeakyRelu: ([a], { alpha = 0.01 }) => each(a, (x) => (x < 0 ? alpha * x : x)), Elu: ([a], { alpha = 1 }) => each(a, (x) => (x < 0 ? alpha * Math.expm1(x) : x)),
  Selu: ([a], { alpha = 1.6732632, gamma = 1.050701 }) => each(a, (x) => gamma * (x > 0 ? x : alpha * Math.expm1(x))),
  ReduceMin: (list, o) => reduce(list[0], axesOf(list, o), o.keepdims, Infinity, Math.min), ReduceProd: (list, o) => reduce(list[0], axesOf(list, o), o.keepdims, 1, (s, x) => s * x),
  ReduceSumSquare: (list, o) => reduce(list[0], axesOf(list, o), o.keepdims, 0, square), ReduceL2: (list, o) => each(reduce(list[0], axesOf(list, o), o.keepdims, 0, square), Math.sqrt),
});
