"use strict";
// What of OpenCV finding ink needs, to the bit where that can be: pictures are {h, w, c, d}, `d` bytes or floats, channels last.
// In OpenCV (4.12): imgproc/src/resize.cpp, smooth, morph, distransf.cpp, thresh.cpp, imgwarp.cpp.

const byte = (x) => (x <= 0 ? 0 : x >= 255 ? 255 : even(x));
const clamp = (x, low, high) => (x < low ? low : x > high ? high : x);
const mapped = (a, what, d = new Uint8Array(a.d.length)) => { for (let i = 0; i < d.length; i++) d[i] = what(a.d[i], i); return picture(a.h, a.w, a.c, d); };
const inverted = (a) => { const out = new Uint8Array(a.d.length); for (let i = 0; i < out.length; i++) out[i] = 255 - a.d[i]; return picture(a.h, a.w, a.c, out); };
/** Where a picture is over a level, 255. */
const over = (a, level) => { const out = new Uint8Array(a.d.length); for (let i = 0; i < out.length; i++) out[i] = a.d[i] > level ? 255 : 0; return picture(a.h, a.w, a.c, out); };
const anySet = (d) => d.some(Boolean);
const countSet = (d) => { let n = 0; for (const x of d) if (x) n++; return n; };
const sumOf = (d) => { let s = 0; for (const x of d) s += x; return s; };
const mostIn = (d) => { let m = -Infinity; for (const x of d) if (x > m) m = x; return m; };
const leastIn = (d) => { let m = Infinity; for (const x of d) if (x < m) m = x; return m; };

/** How often each byte is there. */
function countsOf(values) {
  const counts = new Int32Array(256);
  for (let i = 0; i < values.length; i++) counts[values[i]]++;
  return counts;
}

/** The middle value, the mean of the two middle ones of an even number; NaN of none. */
function median(values) {
  const n = values.length;
  if (!n) return NaN;
  if (values instanceof Uint8Array && n > 64) {
    const counts = countsOf(values), nth = (k) => { let v = 0; for (let all = counts[0]; all <= k; all += counts[++v]); return v; };
    return (nth((n - 1) >> 1) + nth(n >> 1)) / 2;
  }
  const sorted = Float64Array.from(values).sort();
  return (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2;
}

/** numpy's quantile, linear between two values. */
function quantileOf(values, share) {
  const sorted = Float64Array.from(values).sort(), at = share * (sorted.length - 1), low = Math.floor(at), rest = at - low;
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * rest;
}

function cropped(a, y0, y1, x0, x1) {
  const out = picture(y1 - y0, x1 - x0, a.c, new a.d.constructor((y1 - y0) * (x1 - x0) * a.c));
  for (let y = y0; y < y1; y++) out.d.set(a.d.subarray((y * a.w + x0) * a.c, (y * a.w + x1) * a.c), (y - y0) * out.w * a.c);
  return out;
}

function grey(a) {
  if (a.c === 1) return a;
  const out = picture(a.h, a.w);
  for (let i = 0, j = 0; i < out.d.length; i++, j += 3) out.d[i] = (a.d[j] * 9798 + a.d[j + 1] * 19235 + a.d[j + 2] * 3735 + 16384) >> 15;
  return out;
}

function transposed(a) {
  const out = picture(a.w, a.h);
  for (let y = 0; y < a.h; y++) for (let x = 0; x < a.w; x++) out.d[x * a.h + y] = a.d[y * a.w + x];
  return out;
}

/** A border around a picture: of a value for each channel, or of its own edge. */
function bordered(a, by, value = null) {
  const out = picture(a.h + 2 * by, a.w + 2 * by, a.c);
  for (let y = 0; y < out.h; y++) for (let x = 0; x < out.w; x++) {
    const sy = y - by, sx = x - by, inside = sy >= 0 && sy < a.h && sx >= 0 && sx < a.w, from = (clamp(sy, 0, a.h - 1) * a.w + clamp(sx, 0, a.w - 1)) * a.c;
    for (let c = 0; c < a.c; c++) out.d[(y * out.w + x) * a.c + c] = inside || !value ? a.d[from + c] : value[c % value.length];
  }
  return out;
}

/** For each new place along a side the old ones with their weights, by area. */
function areaTable(from, to) {
  const scale = from / to, table = [];
  for (let i = 0; i < to; i++) {
    const start = i * scale, end = start + scale, cell = Math.min(scale, from - start), last = Math.min(Math.floor(end), from - 1), first = Math.min(Math.ceil(start), last), row = [];
    if (first - start > 1e-3) row.push([first - 1, Math.fround((first - start) / cell)]);
    for (let k = first; k < last; k++) row.push([k, Math.fround(1 / cell)]);
    if (end - last > 1e-3) row.push([last, Math.fround(Math.min(Math.min(end - last, 1), cell) / cell)]);
    table.push(row);
  }
  return table;
}

/** Add to a line what lies in another, weighed, from places to places. */
function weighed(values, start, from, alphas, row, to, many, c) {
  for (let k = 0; k < c; k++) for (let i = 0; i < many; i++) row[to[i] + k] += Math.fround(values[start + from[i] + k] * alphas[i]);
}

/** Resized by area (INTER_AREA), which is for shrinking. */
function byArea(a, w, h) {
  if (w === a.w && h === a.h) return a;
  const out = picture(h, w, a.c), { c } = a, fx = a.w / w, fy = a.h / h;
  if (Number.isInteger(fx) && Number.isInteger(fy)) {
    const scale = Math.fround(1 / (fx * fy)), two = fx === 2 && fy === 2, line = a.w * c;
    if (two) {
      for (let y = 0; y < h; y++) for (let x = 0, i = 2 * y * line, to = y * w * c; x < w; x++, i += c) for (let k = 0; k < c; k++, i++) {
        out.d[to++] = (a.d[i] + a.d[i + c] + a.d[i + line] + a.d[i + line + c] + 2) >> 2;
      }
      return out;
    }
    for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) for (let k = 0; k < c; k++) {
      let s = 0;
      for (let j = 0; j < fy; j++) for (let i = 0; i < fx; i++) s += a.d[((y * fy + j) * a.w + x * fx + i) * c + k];
      out.d[(y * w + x) * c + k] = byte(Math.fround(s * scale));
    }
    return out;
  }
  const across = areaTable(a.w, w).flatMap((row, x) => row.map(([sx, alpha]) => [x, sx, alpha])), many = across.length, { fround } = Math;
  const to = Int32Array.from(across, ([x]) => x * c), from = Int32Array.from(across, ([, sx]) => sx * c), alphas = Float32Array.from(across, ([, , alpha]) => alpha), row = new Float32Array(w * c), sum = new Float32Array(w * c);
  areaTable(a.h, h).forEach((rows, y) => {
    rows.forEach(([sy, beta], first) => {
      row.fill(0);
      weighed(a.d, sy * a.w * c, from, alphas, row, to, many, c);
      if (first) for (let i = 0; i < row.length; i++) sum[i] += fround(beta * row[i]);
      else for (let i = 0; i < row.length; i++) sum[i] = beta * row[i];
    });
    for (let i = 0; i < row.length; i++) out.d[y * w * c + i] = byte(sum[i]);
  });
  return out;
}

/** For each new place the one before it of the old ones, and how far it is behind that one. */
function tapsOf(from, to) {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => { const at = Math.fround((i + 0.5) * scale - 0.5), start = Math.floor(at); return [start, Math.fround(at - start)]; });
}

/** The weights of four neighbours (INTER_CUBIC). */
function cubic(x) {
  const A = -0.75, f = Math.fround, c0 = f(((A * (x + 1) - 5 * A) * (x + 1) + 8 * A) * (x + 1) - 4 * A), c1 = f(((A + 2) * x - (A + 3)) * x * x + 1), c2 = f(((A + 2) * (1 - x) - (A + 3)) * (1 - x) * (1 - x) + 1);
  return [c0, c1, c2, 1 - c0 - c1 - c2];
}

/** Weights in 2,048ths of two neighbours (INTER_LINEAR). */
const linear = (x) => [even((1 - x) * 2048), even(x * 2048)];

/** Resized by weights of two (INTER_LINEAR) or four (INTER_CUBIC) neighbours along each side. */
function resized(a, w, h, taps) {
  if (w === a.w && h === a.h) return a;
  const { c } = a, rows = new Map(), out = picture(h, w, c), back = taps === 4 ? 1 : 0, weigh = taps === 4 ? cubic : linear;
  // At the sides both of two are the one at the border; above and below they are weighed apart.
  const across = tapsOf(a.w, w).map(([start, x]) => (taps === 2 && (start < 0 || start >= a.w - 1) ? [clamp(start, 0, a.w - 1), linear(0)] : [start - back, weigh(x)]));
  const rowAt = (y) => {
    const at = clamp(y, 0, a.h - 1);
    if (!rows.has(at)) {
      const line = new Float64Array(w * c);
      for (let x = 0; x < w; x++) for (let k = 0; k < c; k++) {
        const [start, weights] = across[x];
        let s = 0;
        for (let t = 0; t < taps; t++) s += a.d[(at * a.w + clamp(start + t, 0, a.w - 1)) * c + k] * weights[t];
        line[x * c + k] = s;
      }
      rows.set(at, line);
    }
    return rows.get(at);
  };
  tapsOf(a.h, h).forEach(([start, y], row) => {
    const weights = weigh(y), lines = weights.map((_, t) => rowAt(start - back + t)), to = row * w * c;
    for (let i = 0; i < w * c; i++) {
      if (taps === 2) out.d[to + i] = (((weights[0] * (lines[0][i] >> 4)) >> 16) + ((weights[1] * (lines[1][i] >> 4)) >> 16) + 2) >> 2;
      else out.d[to + i] = byte(lines[0][i] * weights[0] + lines[1][i] * weights[1] + lines[2][i] * weights[2] + lines[3][i] * weights[3]);
    }
  });
  return out;
}

function byNearest(a, w, h) {
  const out = picture(h, w), ix = 1 / (w / a.w), iy = 1 / (h / a.h);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) out.d[y * w + x] = a.d[Math.min(Math.floor(y * iy), a.h - 1) * a.w + Math.min(Math.floor(x * ix), a.w - 1)];
  return out;
}

const mirror101 = (i, n) => { if (n === 1) return 0; while (i < 0 || i >= n) i = i < 0 ? -i : 2 * n - 2 - i; return i; };

/** The places of a side and of so many beyond its ends, mirrored. */
const mirrored = (n, by) => Int32Array.from({ length: n + 2 * by }, (_, i) => mirror101(i - by, n));

/** Blurred by whole weights along both sides: [1, 2, 1] or [1, 4, 6, 4, 1] (GaussianBlur). */
function gaussian(a, weights) {
  const { h, w } = a, n = weights.length, half = n >> 1, shift = n === 3 ? 4 : 8, line = new Int32Array(h * w), out = picture(h, w), xs = mirrored(w, half), ys = mirrored(h, half);
  for (let y = 0; y < h; y++) for (let t = 0; t < n; t++) {
    const v = weights[t];
    for (let x = 0, from = y * w; x < w; x++) line[from + x] += v * a.d[from + xs[x + t]];
  }
  const sum = new Int32Array(w);
  for (let y = 0; y < h; y++) {
    sum.fill(1 << (shift - 1));
    for (let t = 0; t < n; t++) { const v = weights[t], from = ys[y + t] * w; for (let x = 0; x < w; x++) sum[x] += v * line[from + x]; }
    for (let x = 0; x < w; x++) out.d[y * w + x] = sum[x] >> shift;
  }
  return out;
}

/** The mean of a box around each place; of floats to a float. */
function boxed(a, wide, high, floats = false) {
  const { h, w, c } = a, line = new Float64Array(h * w * c), out = picture(h, w, c, floats ? new Float32Array(h * w * c) : undefined), rw = wide >> 1, rh = high >> 1, area = wide * high, xs = mirrored(w, rw + 1), ys = mirrored(h, rh + 1), row = w * c;
  for (let y = 0; y < h; y++) for (let k = 0; k < c; k++) {
    const from = y * row + k;
    let s = 0;
    for (let t = 1; t < wide + 1; t++) s += a.d[from + xs[t] * c];
    for (let x = 0; x < w; x++) { line[from + x * c] = s; s += a.d[from + xs[x + wide + 1] * c] - a.d[from + xs[x + 1] * c]; }
  }
  const sum = new Float64Array(row);
  for (let t = 1; t < high + 1; t++) for (let i = 0, from = ys[t] * row; i < row; i++) sum[i] += line[from + i];
  for (let y = 0; y < h; y++) {
    if (floats) for (let i = 0; i < row; i++) out.d[y * row + i] = sum[i] / area;
    else for (let i = 0; i < row; i++) out.d[y * row + i] = byte(sum[i] / area);
    for (let i = 0, next = ys[y + high + 1] * row, gone = ys[y + 1] * row; i < row; i++) sum[i] += line[next + i] - line[gone + i];
  }
  return out;
}

/** The largest value in a box around each place, in steps that double; what is outside does not count. */
function dilated(a, wide, high = wide) {
  const { h, w, c } = a, rw = wide >> 1, rh = high >> 1, row = (w + 2 * rw) * c, grown = new Uint8Array((h + 2 * rh) * row), out = picture(h, w, c);
  for (let y = 0; y < h; y++) grown.set(a.d.subarray(y * w * c, (y + 1) * w * c), (y + rh) * row + rw * c);
  for (const [side, step] of [[wide, c], [high, row]]) {
    let known = 1;
    while (known < side) {
      const by = Math.min(known, side - known) * step;
      for (let i = 0, end = grown.length - by; i < end; i++) if (grown[i + by] > grown[i]) grown[i] = grown[i + by];
      known += by / step;
    }
  }
  for (let y = 0; y < h; y++) out.d.set(grown.subarray(y * row, y * row + w * c), y * w * c);
  return out;
}

const eroded = (a, wide, high = wide) => inverted(dilated(inverted(a), wide, high));
const gradient = (a) => { const low = eroded(a, 3), out = dilated(a, 3); for (let i = 0; i < out.d.length; i++) out.d[i] -= low.d[i]; return out; };

/** The middle value of a square around each place; the edge goes on outside. */
function medianed(a, side) {
  const { h, w, c } = a, half = side >> 1, out = picture(h, w, c), target = (side * side) >> 1, counts = new Uint16Array(256);
  for (let k = 0; k < c; k++) for (let y = 0; y < h; y++) {
    counts.fill(0);
    const column = (x, by) => { for (let j = -half; j <= half; j++) counts[a.d[(clamp(y + j, 0, h - 1) * w + clamp(x, 0, w - 1)) * c + k]] += by; };
    for (let x = -half; x <= half; x++) column(x, 1);
    for (let x = 0; x < w; x++) {
      let v = 0;
      for (let s = counts[0]; s <= target; s += counts[++v]);
      out.d[(y * w + x) * c + k] = v;
      column(x - half, -1);
      column(x + half + 1, 1);
    }
  }
  return out;
}

/** How far each place of a mask is from where the mask is 0 (DIST_L2, a mask of 3): in steps of 0.955 and 1.3693. */
function distances(a) {
  const { h, w } = a, HV = Math.fround(0.955), DIAG = Math.fround(1.3693), wide = w + 2, t = new Float32Array((h + 2) * wide).fill(1e9), out = new Float32Array(h * w);
  for (let y = 0; y < h; y++) for (let x = 0, i = (y + 1) * wide + 1; x < w; x++, i++) {
    t[i] = a.d[y * w + x] ? Math.min(t[i - wide - 1] + DIAG, t[i - wide] + HV, t[i - wide + 1] + DIAG, t[i - 1] + HV) : 0;
  }
  for (let y = h - 1; y >= 0; y--) for (let x = w - 1, i = (y + 1) * wide + w; x >= 0; x--, i--) {
    if (t[i]) t[i] = Math.min(t[i], t[i + wide + 1] + DIAG, t[i + wide] + HV, t[i + wide - 1] + DIAG, t[i + 1] + HV);
    out[y * w + x] = t[i];
  }
  return out;
}

/** Otsu's threshold of some bytes. */
function otsu(values) {
  const counts = countsOf(values), n = values.length;
  let mu = 0, mu1 = 0, q1 = 0, best = 0, level = 0;
  for (let i = 0; i < 256; i++) mu += i * counts[i];
  mu /= n;
  for (let i = 0; i < 256; i++) {
    const p = counts[i] / n;
    mu1 *= q1;
    q1 += p;
    const q2 = 1 - q1;
    if (Math.min(q1, q2) < 1.1920929e-7 || Math.max(q1, q2) > 1 - 1.1920929e-7) continue;
    mu1 = (mu1 + i * p) / q1;
    const mu2 = (mu - q1 * mu1) / q2, sigma = q1 * q2 * (mu1 - mu2) ** 2;
    if (sigma > best) { best = sigma; level = i; }
  }
  return level;
}

/** What is over Otsu's threshold, 0 or 255, and the threshold. */
const splitByOtsu = (a) => { const level = otsu(a.d); return [level, over(a, level)]; };

/** The connected parts of a mask: how many with 0, the label of each place, and of each [left, top, width, height, area]. */
function components(a, eight) {
  const { h, w } = a, wide = w + 2, open = new Int32Array((h + 2) * wide), labels = new Int32Array(h * w), stats = [[0, 0, 0, 0, 0]], stack = new Int32Array(h * w);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) open[(y + 1) * wide + x + 1] = a.d[y * w + x] ? -1 : 0;
  const around = eight ? [1, -1, wide, -wide, wide + 1, wide - 1, -wide + 1, -wide - 1] : [1, -1, wide, -wide], ways = around.length;
  let left = w, top = h, right = -1, bottom = -1, none = 0;
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) {
    const start = (y + 1) * wide + x + 1;
    if (open[start] === 0) { none++; left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = y; }
    if (open[start] !== -1) continue;
    const label = stats.length;
    let n = 1, x0 = x, x1 = x, y1 = y, area = 0;
    stack[0] = start;
    open[start] = label;
    while (n) {
      const at = stack[--n], py = (at / wide | 0) - 1, px = at % wide - 1;
      area++;
      if (px < x0) x0 = px; else if (px > x1) x1 = px;
      if (py > y1) y1 = py;
      labels[py * w + px] = label;
      for (let k = 0; k < ways; k++) { const to = at + around[k]; if (open[to] === -1) { open[to] = label; stack[n++] = to; } }
    }
    stats.push([x0, y, x1 - x0 + 1, y1 - y + 1, area]);
  }
  if (none) stats[0] = [left, top, right - left + 1, bottom - top + 1, none];
  return { count: stats.length, labels, stats };
}

/** The box of what is not 0: [left, top, width, height]. */
function boxOf(a) {
  let left = a.w, top = a.h, right = -1, bottom = -1;
  for (let y = 0; y < a.h; y++) for (let x = 0; x < a.w; x++) if (a.d[y * a.w + x]) { left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y); }
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
}

/** A picture moved by a matrix of 2 x 3, each new place between four old ones; outside is 0, or the edge. */
function warped(a, [m0, m1, m2, m3, m4, m5], w, h, edge) {
  const det = 1 / (m0 * m4 - m1 * m3), i0 = m4 * det, i1 = -m1 * det, i3 = -m3 * det, i4 = m0 * det, i2 = -i0 * m2 - i1 * m5, i5 = -i3 * m2 - i4 * m5, out = picture(h, w, a.c);
  const at = (y, x, k) => { if (edge) return a.d[(clamp(y, 0, a.h - 1) * a.w + clamp(x, 0, a.w - 1)) * a.c + k]; return y >= 0 && y < a.h && x >= 0 && x < a.w ? a.d[(y * a.w + x) * a.c + k] : 0; };
  // Places are taken to a 32nd of a pixel, weights to 32,768ths.
  for (let y = 0; y < h; y++) {
    const x0 = even((i1 * y + i2) * 1024) + 16, y0 = even((i4 * y + i5) * 1024) + 16;
    for (let x = 0; x < w; x++) {
      const px = (x0 + even(i0 * x * 1024)) >> 5, py = (y0 + even(i3 * x * 1024)) >> 5, ix = px >> 5, iy = py >> 5, rx = px & 31, ry = py & 31;
      for (let k = 0; k < a.c; k++) {
        const s = (32 - ry) * ((32 - rx) * at(iy, ix, k) + rx * at(iy, ix + 1, k)) + ry * ((32 - rx) * at(iy + 1, ix, k) + rx * at(iy + 1, ix + 1, k));
        out.d[(y * w + x) * a.c + k] = (s * 32 + 16384) >> 15;
      }
    }
  }
  return out;
}

/** The outer border of the part of a mask that a place lies in, as [x, y] one after the other (Moore's tracing). */
function contourOf(a, labels, label) {
  const { w, h } = a, on = (x, y) => x >= 0 && y >= 0 && x < w && y < h && labels[y * w + x] === label, turns = [[1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1]];
  const first = labels.indexOf(label), start = [first % w, Math.floor(first / w)], out = [];
  let [x, y] = start, from = 4, begun = -1;
  for (let n = 0; n < 4 * w * h; n++) {
    let k = 1;
    while (k <= 8 && !on(x + turns[(from + k) % 8][0], y + turns[(from + k) % 8][1])) k++;
    if (k > 8) return [[x, y]];
    const way = (from + k) % 8;
    if (x === start[0] && y === start[1]) { if (begun === way) return out; if (begun < 0) begun = way; }
    out.push([x, y]);
    x += turns[way][0]; y += turns[way][1];
    from = (way + 4) % 8;
  }
  return out;
}

const polygonArea = (points) => Math.abs(points.reduce((s, [x, y], i) => { const [u, v] = points[(i + 1) % points.length]; return s + x * v - y * u; }, 0)) / 2;

/** The smallest rectangle around points: its middle, width, height, and the angle in degrees. */
function smallestRectangle(points) {
  const sorted = points.map(([x, y]) => [x, y]).sort((p, q) => p[0] - q[0] || p[1] - q[1]), cross = (o, p, q) => (p[0] - o[0]) * (q[1] - o[1]) - (p[1] - o[1]) * (q[0] - o[0]);
  const half = (list) => list.reduce((hull, p) => { while (hull.length > 1 && cross(hull.at(-2), hull.at(-1), p) <= 0) hull.pop(); hull.push(p); return hull; }, []).slice(0, -1);
  const hull = [...half(sorted), ...half(sorted.reverse())];
  let best = null;
  hull.forEach(([x, y], i) => {
    const [u, v] = hull[(i + 1) % hull.length], length = Math.hypot(u - x, v - y);
    if (!length) return;
    const cos = (u - x) / length, sin = (v - y) / length, along = hull.map(([p, q]) => p * cos + q * sin), across = hull.map(([p, q]) => q * cos - p * sin);
    const [a0, a1, b0, b1] = [Math.min(...along), Math.max(...along), Math.min(...across), Math.max(...across)], area = (a1 - a0) * (b1 - b0), am = (a0 + a1) / 2, bm = (b0 + b1) / 2;
    if (!best || area < best.area) best = { area, x: am * cos - bm * sin, y: am * sin + bm * cos, wide: a1 - a0, high: b1 - b0, angle: Math.atan2(sin, cos) * 180 / Math.PI };
  });
  return best;
}
