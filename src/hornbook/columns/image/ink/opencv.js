"use strict";
// What of OpenCV finding ink needs, to the bit where that can be: pictures are {h, w, c, d}, `d` bytes or floats, channels last.
// In OpenCV (4.12): imgproc/src/resize.cpp, smooth, morph, distransf.cpp, thresh.cpp, imgwarp.cpp.

const byte = (x) => (x <= 0 ? 0 : x >= 255 ? 255 : even(x));
const clamp = (x, low, high) => (x < low ? low : x > high ? high : x);
const mapped = (a, what, d = new Uint8Array(a.d.length)) => { for (let i = 0; i < d.length; i++) d[i] = what(a.d[i], i); return picture(a.h, a.w, a.c, d); };
const inverted = (a) => { const out = new Uint8Array(a.d.length); for (let i = 0; i < out.length; i++) out[i] = 255 - a.d[i]; return picture(a.h, a.w, a.c, out); };
/** Where a picture is over a level, 255. */
const over = (a, level) => { const out = new Uint8Array(a.d.length); for (let i = 0; i < out.length; i++) out[i] = a.d[i] > level ? 255 : 0; return picture(a.h, a.w, a.c, out); };
const anySet = (d) => { for (let i = 0; i < d.length; i++) if (d[i]) return true; return false; };
const countSet = (d) => { let n = 0; for (let i = 0; i < d.length; i++) if (d[i]) n++; return n; };
const sumOf = (d) => { let s = 0; for (let i = 0; i < d.length; i++) s += d[i]; return s; };
const mostIn = (d) => { let m = -Infinity; for (let i = 0; i < d.length; i++) if (d[i] > m) m = d[i]; return m; };
const leastIn = (d) => { let m = Infinity; for (let i = 0; i < d.length; i++) if (d[i] < m) m = d[i]; return m; };

/** How often each byte is there. */
function countsOf(values) {
  const counts = new Int32Array(256);
  for (let i = 0; i < values.length; i++) counts[values[i]]++;
  return counts;
}

/** The part of some bytes of which something is true; it is asked of each of the 256 values once. */
function shareWhere(values, what) {
  const counts = countsOf(values);
  let n = 0;
  for (let v = 0; v < 256; v++) if (counts[v] && what(v)) n += counts[v];
  return n / values.length;
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
  if (y0 === 0 && x0 === 0 && y1 === a.h && x1 === a.w) return a;
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
  const out = picture(a.h + 2 * by, a.w + 2 * by, a.c), { c } = a, line = a.w * c, wide = out.w * c;
  if (value) for (let i = 0; i < out.d.length; i++) out.d[i] = value[i % c % value.length];
  for (let y = value ? by : 0; y < (value ? by + a.h : out.h); y++) {
    const from = clamp(y - by, 0, a.h - 1) * line, to = y * wide;
    out.d.set(a.d.subarray(from, from + line), to + by * c);
    if (!value) for (let i = 0; i < by * c; i++) { out.d[to + i] = a.d[from + i % c]; out.d[to + wide - 1 - i] = a.d[from + line - 1 - i % c]; }
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

/** A line of which each place is the sum of what lies in another at its places, weighed. */
function weighed(values, start, from, places, alphas, row, c) {
  const { fround } = Math;
  for (let k = 0; k < c; k++) for (let x = 0, to = k; to < row.length; x++, to += c) {
    let s = fround(0);
    for (let t = from[x], last = from[x + 1]; t < last; t++) s = fround(s + fround(values[start + places[t] + k] * alphas[t]));
    row[to] = s;
  }
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
  const across = areaTable(a.w, w), from = new Int32Array(w + 1), taps = across.flat(), places = Int32Array.from(taps, ([sx]) => sx * c), alphas = Float32Array.from(taps, ([, alpha]) => alpha), { fround } = Math, row = new Float32Array(w * c), sum = new Float32Array(w * c);
  across.forEach((found, x) => { from[x + 1] = from[x] + found.length; });
  areaTable(a.h, h).forEach((rows, y) => {
    rows.forEach(([sy, beta], first) => {
      weighed(a.d, sy * a.w * c, from, places, alphas, row, c);
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

/** A line of which each place is the sum of so many in another, weighed. */
function acrossLine(values, places, weights, taps, c, line) {
  for (let k = 0; k < c; k++) for (let to = k, t = 0; to < line.length; to += c) {
    let s = 0;
    for (const last = t + taps; t < last; t++) s += values[places[t] + k] * weights[t];
    line[to] = s;
  }
}

/** Resized by weights of two (INTER_LINEAR) or four (INTER_CUBIC) neighbours along each side. */
function resized(a, w, h, taps) {
  if (w === a.w && h === a.h) return a;
  const { c } = a, many = w * c, Numbers = taps === 4 ? Float64Array : Int32Array, weights = new Numbers(w * taps), places = new Int32Array(w * taps), lines = new Map(), out = picture(h, w, c), back = taps === 4 ? 1 : 0, weigh = taps === 4 ? cubic : linear;
  tapsOf(a.w, w).forEach(([start, rest], x) => {
    // At the sides both of two are the one at the border; above and below they are weighed apart.
    weights.set(weigh(taps === 2 && (start < 0 || start >= a.w - 1) ? 0 : rest), x * taps);
    for (let t = 0; t < taps; t++) places[x * taps + t] = clamp(start - back + t, 0, a.w - 1) * c;
  });
  const lineAt = (y) => {
    const at = clamp(y, 0, a.h - 1), known = lines.get(at);
    if (known) return known;
    const line = new Numbers(many);
    acrossLine(a.d.subarray(at * a.w * c, (at + 1) * a.w * c), places, weights, taps, c, line);
    lines.set(at, line);
    return line;
  };
  tapsOf(a.h, h).forEach(([start, rest], row) => {
    const [p, q, u, v] = weigh(rest), [one, two, three, four] = Array.from({ length: taps }, (_, t) => lineAt(start - back + t)), to = row * many;
    if (taps === 2) for (let i = 0; i < many; i++) out.d[to + i] = (((p * (one[i] >> 4)) >> 16) + ((q * (two[i] >> 4)) >> 16) + 2) >> 2;
    else for (let i = 0; i < many; i++) out.d[to + i] = byte(one[i] * p + two[i] * q + three[i] * u + four[i] * v);
  });
  return out;
}

function byNearest(a, w, h) {
  const out = picture(h, w), ix = 1 / (w / a.w), iy = 1 / (h / a.h), xs = Int32Array.from({ length: w }, (_, x) => Math.min(Math.floor(x * ix), a.w - 1));
  for (let y = 0, i = 0; y < h; y++) for (let x = 0, from = Math.min(Math.floor(y * iy), a.h - 1) * a.w; x < w; x++, i++) out.d[i] = a.d[from + xs[x]];
  return out;
}

const mirror101 = (i, n) => { if (n === 1) return 0; while (i < 0 || i >= n) i = i < 0 ? -i : 2 * n - 2 - i; return i; };

/** The places of a side and of so many beyond its ends, mirrored. */
const mirrored = (n, by) => Int32Array.from({ length: n + 2 * by }, (_, i) => mirror101(i - by, n));

/** Blurred by whole weights along both sides, the outer, the inner and the middle of five (GaussianBlur). */
function gaussian(a, [outer, inner, middle]) {
  const { h, w } = a, shift = outer ? 8 : 4, half = 1 << (shift - 1), lines = new Uint16Array(h * w), line = new Uint8Array(w + 4), out = picture(h, w), before = [mirror101(-2, w), mirror101(-1, w)], after = [mirror101(w, w), mirror101(w + 1, w)];
  for (let y = 0, i = 0; y < h; y++) {
    line.set(a.d.subarray(i, i + w), 2);
    for (let k = 0; k < 2; k++) { line[k] = a.d[i + before[k]]; line[w + 2 + k] = a.d[i + after[k]]; }
    for (let x = 0; x < w; x++, i++) lines[i] = outer * (line[x] + line[x + 4]) + inner * (line[x + 1] + line[x + 3]) + middle * line[x + 2];
  }
  for (let y = 0, i = 0; y < h; y++) {
    let p = mirror101(y - 2, h) * w, q = mirror101(y - 1, h) * w, s = mirror101(y + 1, h) * w, t = mirror101(y + 2, h) * w;
    for (let x = 0; x < w; x++, i++) out.d[i] = (outer * (lines[p++] + lines[t++]) + inner * (lines[q++] + lines[s++]) + middle * lines[i] + half) >> shift;
  }
  return out;
}

/** The mean of a box around each place; of floats to a float. */
function boxed(a, wide, high, floats = false) {
  const { h, w, c } = a, Sums = floats ? Float64Array : Int32Array, line = new Sums(h * w * c), out = picture(h, w, c, floats ? new Float32Array(h * w * c) : undefined), rw = wide >> 1, rh = high >> 1, area = wide * high, xs = mirrored(w, rw + 1), ys = mirrored(h, rh + 1), row = w * c;
  for (let y = 0; y < h; y++) for (let k = 0; k < c; k++) {
    const from = y * row + k;
    let s = 0;
    for (let t = 1; t < wide + 1; t++) s += a.d[from + xs[t] * c];
    for (let x = 0; x < w; x++) { line[from + x * c] = s; s += a.d[from + xs[x + wide + 1] * c] - a.d[from + xs[x + 1] * c]; }
  }
  const sum = new Sums(row);
  for (let t = 1; t < high + 1; t++) for (let i = 0, from = ys[t] * row; i < row; i++) sum[i] += line[from + i];
  for (let y = 0; y < h; y++) {
    if (floats) for (let i = 0; i < row; i++) out.d[y * row + i] = sum[i] / area;
    else for (let i = 0; i < row; i++) out.d[y * row + i] = byte(sum[i] / area);
    for (let i = 0, next = ys[y + high + 1] * row, gone = ys[y + 1] * row; i < row; i++) sum[i] += line[next + i] - line[gone + i];
  }
  return out;
}

/** The largest (or smallest) value in a box around each place, in steps that double; what is outside does not count. */
function extreme(a, wide, high, most) {
  const { h, w, c } = a, rw = wide >> 1, rh = high >> 1, line = w * c, row = (w + 2 * rw) * c, many = (h + 2 * rh) * row, out = picture(h, w, c);
  // Vectors of 16 bytes reach beyond the end.
  const grown = LOOPS ? new Uint8Array(roomFor(many + 32), 0, many + 32) : new Uint8Array(many), onward = most ? LOOPS?.most ?? mostOnward : LOOPS?.least ?? leastOnward;
  grown.fill(most ? 0 : 255);
  for (let y = 0; y < h; y++) grown.set(a.d.subarray(y * line, (y + 1) * line), (y + rh) * row + rw * c);
  for (const [side, step] of [[wide, c], [high, row]]) for (let known = 1, by; known < side; known += by) {
    by = Math.min(known, side - known);
    onward(by * step, many - by * step, grown);
  }
  for (let y = 0; y < h; y++) out.d.set(grown.subarray(y * row, y * row + line), y * line);
  return out;
}

/** Each byte as the larger (or smaller) of itself and the one so much further on: as loops.wat does it, by vectors. */
function mostOnward(by, end, d) { for (let i = 0; i < end; i++) if (d[i + by] > d[i]) d[i] = d[i + by]; }
function leastOnward(by, end, d) { for (let i = 0; i < end; i++) if (d[i + by] < d[i]) d[i] = d[i + by]; }

const dilated = (a, wide, high = wide) => extreme(a, wide, high, true);
const eroded = (a, wide, high = wide) => extreme(a, wide, high, false);
const gradient = (a) => { const low = eroded(a, 3), out = dilated(a, 3); for (let i = 0; i < out.d.length; i++) out.d[i] -= low.d[i]; return out; };
/** The gradient, kept with its picture. */
const slopeOf = (a) => (a.slope ??= gradient(a));

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
  const { h, w } = a, HV = Math.fround(0.955), DIAG = Math.fround(1.3693), wide = w + 2, t = new Float32Array((h + 2) * wide).fill(1e9), out = new Float32Array(h * w), { fround: f, min } = Math;
  for (let y = 0, j = 0; y < h; y++) for (let x = 0, i = (y + 1) * wide + 1; x < w; x++, i++, j++) {
    t[i] = a.d[j] ? min(f(min(t[i - wide - 1], t[i - wide + 1]) + DIAG), f(min(t[i - wide], t[i - 1]) + HV)) : 0;
  }
  for (let y = h - 1, j = h * w - 1; y >= 0; y--) for (let x = w - 1, i = (y + 1) * wide + w; x >= 0; x--, i--, j--) {
    if (t[i]) t[i] = min(t[i], f(min(t[i + wide + 1], t[i + wide - 1]) + DIAG), f(min(t[i + wide], t[i + 1]) + HV));
    out[j] = t[i];
  }
  return out;
}

/** Otsu's threshold of some bytes, or of how often each is there. */
const otsu = (values) => otsuOf(countsOf(values), values.length);

function otsuOf(counts, n) {
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
