"use strict";
// The operators of ONNX that our networks export, each from its inputs and options to its output.

const strides = (dims) => dims.map((_, i) => product(dims.slice(i + 1)));
const place = (axis, rank) => (axis < 0 ? axis + rank : axis);

/** Return the shape that some shapes are broadcast to. */
function common(...shapes) {
  const rank = Math.max(...shapes.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, i) => shapes.reduce((side, dims) => {
    const other = dims[i - rank + dims.length] ?? 1;
    return side === 1 ? other : side;
  }, 1));
}

/** Return for every place of a shape where it lies in a smaller one that is broadcast to it. */
function reach(from, dims) {
  const steps = strides(from), rank = dims.length, out = new Int32Array(product(dims)), lead = rank - from.length;
  let size = 1;
  for (let axis = rank - 1; axis >= 0; axis--) {
    const step = axis < lead || from[axis - lead] === 1 ? 0 : steps[axis - lead];
    for (let k = dims[axis] - 1; k >= 0; k--) for (let i = 0; i < size; i++) out[k * size + i] = out[i] + k * step;
    size *= dims[axis];
  }
  return out;
}

function both(a, b, what, type = a.type) {
  if (b.data.length === 1 && b.dims.length <= a.dims.length) { const y = b.data[0]; return each(a, (x) => what(x, y), type); }
  const dims = common(a.dims, b.dims), out = tensor(dims, null, type), ia = reach(a.dims, dims), ib = reach(b.dims, dims);
  for (let i = 0; i < out.data.length; i++) out.data[i] = what(a.data[ia[i]], b.data[ib[i]]);
  return out;
}

function each(a, what, type = a.type) {
  const out = tensor(a.dims, null, type);
  for (let i = 0; i < out.data.length; i++) out.data[i] = what(a.data[i]);
  return out;
}

/** Gather places into a new shape. */
function pick(a, dims, places) {
  const out = tensor(dims, null, a.type);
  for (let i = 0; i < out.data.length; i++) out.data[i] = a.data[places[i]];
  return out;
}

/** Add to `c` (m x n) the product of `a` (m x k) and `b` (k x n), from offsets; four rows of `b` at once, so that `c` is read a fourth as often. */
function multiply(a, b, c, m, k, n, oa = 0, ob = 0, oc = 0) {
  if (LOOPS && m > 2 && a instanceof Float32Array && b instanceof Float32Array && c instanceof Float32Array) return productByVectors(a, b, c, m, k, n, oa, ob, oc);
  for (let i = 0; i < m; i++) {
    const to = oc + i * n, from = oa + i * k;
    let p = 0;
    for (; p + 3 < k; p += 4) {
      const x = a[from + p], y = a[from + p + 1], z = a[from + p + 2], w = a[from + p + 3];
      if (x === 0 && y === 0 && z === 0 && w === 0) continue;
      const r = ob + p * n, s = r + n, t = s + n, u = t + n;
      for (let j = 0; j < n; j++) c[to + j] += x * b[r + j] + y * b[s + j] + z * b[t + j] + w * b[u + j];
    }
    for (; p < k; p++) {
      const x = a[from + p], r = ob + p * n;
      for (let j = 0; j < n; j++) c[to + j] += x * b[r + j];
    }
  }
}

function transpose(a, perm = a.dims.map((_, i) => a.dims.length - 1 - i)) {
  const dims = perm.map((axis) => a.dims[axis]), steps = strides(a.dims), places = new Int32Array(product(dims));
  let size = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    for (let k = dims[axis] - 1; k >= 0; k--) for (let i = 0; i < size; i++) places[k * size + i] = places[i] + k * steps[perm[axis]];
    size *= dims[axis];
  }
  return pick(a, dims, places);
}

function matmul(a, b) {
  const ra = a.dims.length < 2 ? [1, ...a.dims] : a.dims, rb = b.dims.length < 2 ? [...b.dims, 1] : b.dims;
  const [m, k] = ra.slice(-2), n = rb.at(-1), lead = common(ra.slice(0, -2), rb.slice(0, -2));
  const out = tensor([...lead, m, n]), ia = reach(ra.slice(0, -2), lead), ib = reach(rb.slice(0, -2), lead);
  for (let i = 0; i < ia.length; i++) multiply(a.data, b.data, out.data, m, k, n, ia[i] * m * k, ib[i] * k * n, i * m * n);
  if (a.dims.length < 2) out.dims.splice(-2, 1);
  if (b.dims.length < 2) out.dims.pop();
  return out;
}

/** The places of a window: for each side its input, output, kernel, stride, first place and dilation. */
function sides(dims, kernel, { strides: step, pads = [], dilations = [], ceil_mode: ceil = 0 }) {
  const rank = kernel.length;
  return kernel.map((size, i) => {
    const input = dims[i + 2], before = pads[i] ?? 0, after = pads[i + rank] ?? 0, wide = dilations[i] ?? 1, by = step?.[i] ?? 1;
    const room = (input + before + after - wide * (size - 1) - 1) / by;
    let output = (ceil ? Math.ceil(room) : Math.floor(room)) + 1;
    if (ceil && (output - 1) * by >= input + before) output--;
    return { input, output, size, by, before, wide };
  });
}

const flat = { input: 1, output: 1, size: 1, by: 1, before: 0, wide: 1 };

function conv(x, w, bias, options) {
  if (options.auto_pad && options.auto_pad !== "NOTSET") throw new Error("auto_pad is not computed here");
  const found = sides(x.dims, w.dims.slice(2), options), [h, v] = found.length === 1 ? [flat, found[0]] : found;
  if (found.length > 2) throw new Error("convolutions of three sides are not computed here");
  const groups = options.group ?? 1, rows = x.dims[0], within = w.dims[1], of = w.dims[0] / groups;
  const depth = within * h.size * v.size, area = h.output * v.output, plane = h.input * v.input;
  const out = tensor([rows, w.dims[0], ...found.map((side) => side.output)]), columns = new Float32Array(depth * area);
  for (let row = 0; row < rows; row++) for (let g = 0; g < groups; g++) {
    let at = 0;
    for (let c = 0; c < within; c++) for (let ky = 0; ky < h.size; ky++) for (let kx = 0; kx < v.size; kx++) {
      const left = kx * v.wide - v.before, first = Math.max(0, Math.ceil(-left / v.by)), last = Math.min(v.output, Math.floor((v.input - 1 - left) / v.by) + 1);
      for (let oy = 0; oy < h.output; oy++, at += v.output) {
        const y = oy * h.by - h.before + ky * h.wide, from = (row * x.dims[1] + g * within + c) * plane + y * v.input + left;
        if (y < 0 || y >= h.input || first >= last) continue; // outside is 0, and stays so
        if (v.by === 1 && last - first > 8) columns.set(x.data.subarray(from + first, from + last), at + first);
        else for (let ox = first; ox < last; ox++) columns[at + ox] = x.data[from + ox * v.by];
      }
    }
    const to = (row * w.dims[0] + g * of) * area;
    if (bias) for (let o = 0; o < of; o++) out.data.fill(bias.data[g * of + o], to + o * area, to + (o + 1) * area);
    multiply(w.data, columns, out.data, of, depth, area, g * of * depth, 0, to);
  }
  return out;
}

function maxpool(x, options) {
  const found = sides(x.dims, options.kernel_shape, options), [h, v] = found.length === 1 ? [flat, found[0]] : found;
  const out = tensor([x.dims[0], x.dims[1], ...found.map((side) => side.output)]), plane = h.input * v.input;
  let at = 0;
  for (let p = 0; p < x.dims[0] * x.dims[1]; p++) for (let oy = 0; oy < h.output; oy++) for (let ox = 0; ox < v.output; ox++) {
    let most = -Infinity;
    for (let ky = 0; ky < h.size; ky++) for (let kx = 0; kx < v.size; kx++) {
      const y = oy * h.by - h.before + ky * h.wide, to = ox * v.by - v.before + kx * v.wide;
      if (y >= 0 && y < h.input && to >= 0 && to < v.input) most = Math.max(most, x.data[p * plane + y * v.input + to]);
    }
    out.data[at++] = most;
  }
  return out;
}

/** Fold some axes of a tensor, `what(sum so far, value)`; the sums begin with `first`. */
function reduce(a, axes, keep, first, what) {
  const rank = a.dims.length, gone = new Set((axes?.length ? [...axes] : a.dims.map((_, i) => i)).map((axis) => place(axis, rank)));
  const kept = a.dims.map((side, i) => (gone.has(i) ? 1 : side)), to = reach(kept, a.dims), sums = new Float64Array(product(kept)).fill(first);
  for (let i = 0; i < a.data.length; i++) sums[to[i]] = what(sums[to[i]], a.data[i]);
  return tensor(keep === 0 ? kept.filter((_, i) => !gone.has(i)) : kept, sums, a.type);
}

function softmax(a, axis) {
  const at = [place(axis, a.dims.length)], most = reduce(a, at, 1, -Infinity, Math.max);
  const powers = both(a, most, (x, m) => Math.exp(x - m));
  return both(powers, reduce(powers, at, 1, 0, (s, x) => s + x), (x, s) => x / s);
}

function concat(parts, axis) {
  const at = place(axis, parts[0].dims.length), dims = parts[0].dims.slice();
  dims[at] = parts.reduce((sum, part) => sum + part.dims[at], 0);
  const out = tensor(dims, null, parts[0].type), wide = product(dims.slice(at));
  let start = 0;
  for (const part of parts) {
    const size = product(part.dims.slice(at)), lead = size ? part.data.length / size : 0;
    for (let i = 0; i < lead; i++) out.data.set(part.data.subarray(i * size, (i + 1) * size), i * wide + start);
    start += size;
  }
  return out;
}

function gather(a, index, axis = 0) {
  const at = place(axis, a.dims.length), inner = product(a.dims.slice(at + 1)), side = a.dims[at], lead = product(a.dims.slice(0, at));
  const out = tensor([...a.dims.slice(0, at), ...index.dims, ...a.dims.slice(at + 1)], null, a.type);
  let to = 0;
  for (let i = 0; i < lead; i++) for (const k of index.data) {
    const from = (i * side + (k < 0 ? k + side : k)) * inner;
    out.data.set(a.data.subarray(from, from + inner), to);
    to += inner;
  }
  return out;
}

function slice(a, starts, ends, axes, steps) {
  let out = a;
  starts.data.forEach((start, i) => {
    const axis = place(axes ? axes.data[i] : i, a.dims.length), side = out.dims[axis], step = steps ? steps.data[i] : 1;
    const bound = (x, low, high) => Math.min(Math.max(x < 0 ? x + side : x, low), high), places = [];
    if (step > 0) for (let k = bound(start, 0, side); k < bound(ends.data[i], 0, side); k += step) places.push(k);
    else for (let k = bound(start, 0, side - 1); k > bound(ends.data[i], -1, side - 1); k += step) places.push(k);
    out = gather(out, tensor([places.length], places, 7), axis);
  });
  return out;
}

function reshape(a, shape, zero) {
  const dims = [...shape].map((side, i) => (side === 0 && !zero ? a.dims[i] : side)), free = dims.indexOf(-1);
  if (free >= 0) dims[free] = a.data.length / dims.reduce((all, side) => (side === -1 ? all : all * side), 1);
  return tensor(dims, a.data, a.type);
}

function unsqueeze(a, axes) {
  const rank = a.dims.length + axes.length, at = new Set([...axes].map((axis) => place(axis, rank))), left = a.dims.slice();
  return tensor(Array.from({ length: rank }, (_, i) => (at.has(i) ? 1 : left.shift())), a.data, a.type);
}

function squeeze(a, axes) {
  const at = new Set([...(axes ?? [])].map((axis) => place(axis, a.dims.length)));
  return tensor(a.dims.filter((side, i) => (axes ? !at.has(i) : side !== 1)), a.data, a.type);
}

function batchnorm(x, scale, shift, mean, variance, epsilon = 1e-5) {
  const out = tensor(x.dims), inner = product(x.dims.slice(2)), many = x.dims[1] ?? 1;
  for (let i = 0, c = 0; i < x.data.length; c = (c + 1) % many) {
    const by = scale.data[c] / Math.sqrt(variance.data[c] + epsilon), middle = mean.data[c], to = shift.data[c];
    for (const end = i + inner; i < end; i++) out.data[i] = (x.data[i] - middle) * by + to;
  }
  return out;
}

function gemm(a, b, c, { alpha = 1, beta = 1, transA, transB }) {
  const out = matmul(transA ? transpose(a) : a, transB ? transpose(b) : b);
  const scaled = alpha === 1 ? out : each(out, (x) => x * alpha);
  return c ? both(scaled, c, (x, y) => x + beta * y) : scaled;
}

const bool = (what) => ([a, b]) => both(a, b, (x, y) => (what(x, y) ? 1 : 0), 9);
const one = (what) => ([a]) => each(a, what);
const two = (what) => ([a, b]) => both(a, b, what);
const sum = (s, x) => s + x;
const axesOf = (list, options) => options.axes ?? list[1]?.data;

const OPERATORS = {
  Abs: one(Math.abs), Exp: one(Math.exp), Log: one(Math.log), Sqrt: one(Math.sqrt), Floor: one(Math.floor), Sin: one(Math.sin), Cos: one(Math.cos),
  Tanh: one(Math.tanh), Sigmoid: one((x) => 1 / (1 + Math.exp(-x))), Relu: one((x) => (x > 0 || x !== x ? x : 0)), Identity: ([a]) => a, Neg: one((x) => -x),
  Add: two((x, y) => x + y), Sub: two((x, y) => x - y), Mul: two((x, y) => x * y), Pow: two(Math.pow),
  Div: ([a, b]) => both(a, b, a.type === 7 ? (x, y) => Math.trunc(x / y) : (x, y) => x / y),
  Mod: ([a, b], { fmod }) => both(a, b, fmod ? (x, y) => x % y : (x, y) => x - y * Math.floor(x / y)),
  Greater: bool((x, y) => x > y), Less: bool((x, y) => x < y), Equal: bool((x, y) => x === y), And: bool((x, y) => x && y), Or: bool((x, y) => x || y),
  Not: ([a]) => each(a, (x) => (x ? 0 : 1), 9), IsNaN: ([a]) => each(a, (x) => (x !== x ? 1 : 0), 9),
  Where: ([c, a, b]) => {
    const dims = common(c.dims, a.dims, b.dims), ic = reach(c.dims, dims), ia = reach(a.dims, dims), ib = reach(b.dims, dims), out = tensor(dims, null, a.type);
    for (let i = 0; i < out.data.length; i++) out.data[i] = c.data[ic[i]] ? a.data[ia[i]] : b.data[ib[i]];
    return out;
  },
  Cast: ([a], { to }) => each(a, to === 9 ? (x) => (x ? 1 : 0) : to === 1 || to === 11 ? (x) => x : Math.trunc, to),
  Clip: ([a, low, high]) => each(a, (x) => Math.min(Math.max(x, low ? low.data[0] : -Infinity), high ? high.data[0] : Infinity)),
  Constant: (_, { value }) => value,
  ConstantOfShape: ([shape], { value }) => { const out = tensor([...shape.data], null, value?.type ?? 1); out.data.fill(value?.data[0] ?? 0); return out; },
  Shape: ([a]) => tensor([a.dims.length], a.dims, 7),
  Range: ([start, end, step]) => { const list = []; for (let x = start.data[0]; x < end.data[0]; x += step.data[0]) list.push(x); return tensor([list.length], list, start.type); },
  Reshape: ([a, shape], { allowzero }) => reshape(a, shape.data, allowzero),
  Flatten: ([a], { axis = 1 }) => tensor([product(a.dims.slice(0, axis)), product(a.dims.slice(axis))], a.data, a.type),
  Unsqueeze: ([a, axes]) => unsqueeze(a, axes.data), Squeeze: ([a, axes]) => squeeze(a, axes?.data),
  Transpose: ([a], { perm }) => transpose(a, perm), Concat: (list, { axis }) => concat(list, axis),
  Expand: ([a, shape]) => { const dims = common(a.dims, [...shape.data]); return pick(a, dims, reach(a.dims, dims)); },
  Gather: ([a, index], { axis }) => gather(a, index, axis), Slice: (list) => slice(...list),
  MatMul: ([a, b]) => matmul(a, b), Gemm: ([a, b, c], options) => gemm(a, b, c, options),
  Conv: ([x, w, b], options) => conv(x, w, b, options), MaxPool: ([x], options) => maxpool(x, options),
  BatchNormalization: ([x, s, b, m, v], { epsilon }) => batchnorm(x, s, b, m, v, epsilon), Softmax: ([a], { axis = -1 }) => softmax(a, axis),
  GlobalAveragePool: ([x]) => { const n = product(x.dims.slice(2)); return each(reduce(x, x.dims.slice(2).map((_, i) => i + 2), 1, 0, sum), (s) => s / n); },
  ReduceMax: (list, o) => reduce(list[0], axesOf(list, o), o.keepdims, -Infinity, Math.max),
  ReduceSum: (list, o) => reduce(list[0], axesOf(list, o), o.keepdims, 0, sum),
  ReduceMean: (list, o) => { const s = reduce(list[0], axesOf(list, o), o.keepdims, 0, sum), n = list[0].data.length / s.data.length; return each(s, (x) => x / n); },
};

/** Return the outputs of a model by name, for inputs by name; states that are not given are zeros. */
function run(model, given) {
  const known = new Map([...model.weights, ...Object.entries(given)]), rows = Object.values(given)[0].dims[0];
  (model.about.states ?? []).forEach((shape, i) => { if (!known.has(`hornbook.state_${i}`)) known.set(`hornbook.state_${i}`, tensor([rows, ...shape])); });
  for (const node of model.nodes) {
    const operator = Object.hasOwn(OPERATORS, node.operator) ? OPERATORS[node.operator] : null;
    if (!operator) throw new Error(`the operator ${node.operator} is not computed here`);
    const found = operator(node.inputs.map((name) => (name ? known.get(name) : undefined)), node.options);
    for (const [i, value] of (Array.isArray(found) ? found : [found]).entries()) if (node.outputs[i]) known.set(node.outputs[i], value);
  }
  return Object.fromEntries(model.outputs.map((name) => [name, known.get(name)]));
}
