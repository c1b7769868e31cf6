"use strict";
// The parts of a mask, their boxes and borders, as OpenCV finds them.

// Runs of each line are joined to those above (He, Chao and Suzuki 2008); parts are numbered in the order of their first places.
/** The connected parts of a mask: how many with 0, the label of each place, and of each [left, top, width, height, area]. */
function components(a, eight) {
  const { h, w } = a, most = h * ((w + 1) >> 1), begin = new Int32Array(most), end = new Int32Array(most), parent = new Int32Array(most), first = new Int32Array(h + 1), near = eight ? 1 : 0;
  const rootOf = (run) => { while (parent[run] !== run) run = parent[run] = parent[parent[run]]; return run; };
  let n = 0, above = 0;
  for (let y = 0; y < h; y++) {
    above = y ? first[y - 1] : 0;
    first[y] = n;
    for (let x = 0, row = y * w; x < w; x++) {
      if (!a.d[row + x]) continue;
      begin[n] = x;
      while (x < w && a.d[row + x]) x++;
      end[n] = x;
      parent[n] = n;
      while (above < first[y] && end[above] + near <= begin[n]) above++;
      for (let k = above; k < first[y] && begin[k] < x + near; k++) {
        const one = rootOf(k), other = rootOf(n);
        if (one < other) parent[other] = one; else parent[one] = other;
      }
      n++;
    }
  }
  first[h] = n;
  const labels = new Int32Array(h * w), names = new Int32Array(n), stats = [[0, 0, 0, 0, 0]];
  let left = w, top = h, right = -1, bottom = -1, none = h * w;
  for (let y = 0; y < h; y++) {
    const from = first[y], to = first[y + 1], x0 = from < to && begin[from] === 0 ? end[from] : 0, x1 = from < to && end[to - 1] === w ? begin[to - 1] - 1 : w - 1;
    if (x0 <= x1) { left = Math.min(left, x0); right = Math.max(right, x1); top = Math.min(top, y); bottom = y; }
    for (let run = from; run < to; run++) {
      const name = names[run] = parent[run] === run ? stats.length : names[parent[run]];
      labels.fill(name, y * w + begin[run], y * w + end[run]);
      none -= end[run] - begin[run];
      if (name === stats.length) stats.push([begin[run], y, end[run], y, 0]);
      const part = stats[name];
      if (begin[run] < part[0]) part[0] = begin[run];
      if (end[run] > part[2]) part[2] = end[run];
      part[3] = y;
      part[4] += end[run] - begin[run];
    }
  }
  for (let p = 1; p < stats.length; p++) { const part = stats[p]; part[2] -= part[0]; part[3] -= part[1] - 1; }
  if (none) stats[0] = [left, top, right - left + 1, bottom - top + 1, none];
  return { count: stats.length, labels, stats };
}

/** The box of what is not 0: [left, top, width, height]. */
function boxOf(a) {
  let left = a.w, top = a.h, right = -1, bottom = -1;
  for (let y = 0, i = 0; y < a.h; y++) for (let x = 0; x < a.w; x++, i++) if (a.d[i]) { if (x < left) left = x; if (x > right) right = x; if (y < top) top = y; bottom = y; }
  return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
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
