"use strict";
// Paper, polarity, sheets and ruled lines: `hornbook.columns.image.ink`, where each function says why.

const GROUND = 96, WIDE = 0.22, STRIPS = 16, STRIP_SHARE = 0.75, THICKEST = 40;
const SLOPES = Array.from({ length: 15 }, (_, i) => Math.tan((i - 7) * Math.PI / 180));

function ringOf(a) {
  const edge = Math.max(1, Math.floor(Math.min(a.h, a.w) / 16)), parts = [[0, edge, 0, a.w], [Math.max(0, a.h - edge), a.h, 0, a.w]];
  if (a.h > 2 * edge) parts.push([edge, a.h - edge, 0, Math.min(edge, a.w)], [edge, a.h - edge, Math.max(0, a.w - edge), a.w]);
  const found = parts.map((part) => cropped(a, ...part).d), out = new Uint8Array(found.reduce((n, d) => n + d.length, 0));
  let at = 0;
  for (const d of found) { out.set(d, at); at += d.length; }
  return out;
}

/** The smallest value with at least this share of all at or under it. */
const quantile = (values, share) => quantileIn(countsOf(values), values.length, share);

function quantileIn(counts, many, share) {
  let all = 0;
  for (let v = 0; v < 256; v++) { all += counts[v]; if (all >= share * many) return v; }
  return 256;
}

/** The values where a mask is set, or where it is not. */
function whereSet(a, mask, set = true) {
  const out = new a.d.constructor(a.d.length);
  let n = 0;
  for (let i = 0; i < out.length; i++) if ((mask.d[i] > 0) === set) out[n++] = a.d[i];
  return out.subarray(0, n);
}

const widest = (mask) => mostIn(distances(mask)) / Math.max(mask.h, mask.w);

function oneShade(shades, mask) {
  const values = whereSet(shades, mask), usual = quantile(values, 0.5), others = quantile(whereSet(shades, mask, false), 0.5);
  return shareWhere(values, (v) => Math.abs(v - usual) <= 2) >= 0.8 && shareWhere(values, (v) => v < usual - 0.15 * (others - usual)) <= 0.005;
}

/** One channel of a picture in colour. */
const channelOf = (a, k) => { const out = picture(a.h, a.w); for (let i = 0; i < out.d.length; i++) out.d[i] = a.d[a.c * i + k]; return out; };

function bold(shades, mask) {
  if (!oneShade(shades, mask)) return false;
  const side = Math.floor(Math.max(mask.h, mask.w) / 8) | 1, wide = dilated(dilated(eroded(mask, side), side), side);
  return countSet(mask.d.filter((v, i) => v && !wide.d[i])) < 0.02 * countSet(mask.d);
}

function halved(a, longest) {
  while (Math.max(a.h, a.w) > longest) {
    const h = a.h >> 1, w = a.w >> 1;
    a = byArea(cropped(a, 0, Math.max(1, 2 * h), 0, Math.max(1, 2 * w)), Math.max(1, w), Math.max(1, h));
  }
  return a;
}

/** Shrunk to the size at which the paper is followed; kept, for it is asked for again and again. */
const smallOf = (a) => (a.small ??= shrunk(a, GROUND));

function shrunk(a, longest) {
  a = halved(a, 2 * longest);
  const scale = longest / Math.max(a.h, a.w);
  return scale >= 1 ? a : byArea(a, Math.max(1, even(a.w * scale)), Math.max(1, even(a.h * scale)));
}

/** The one colour of a scan's or a drawing's paper; null for a photo, whose light is uneven. */
function evenPaper(view) {
  const small = smallOf(view), shades = grey(small), [level, classes] = splitByOtsu(shades), counts = new Float64Array(256);
  for (const v of shades.d) if (v > level) counts[v]++;
  const total = sumOf(counts);
  if (!total) return [...small.d.subarray(0, small.c)];
  let middle = 0;
  for (let all = counts[0]; all < total / 2; all += counts[++middle]);
  if (sumOf(counts.subarray(Math.max(0, middle - 6), middle + 7)) < 0.8 * total) return null;
  const strokes = inverted(classes);
  if (widest(strokes) > 1 / 6 && !bold(shades, strokes)) return null;
  if (small.c === 1) return [middle];
  return [0, 1, 2].map((k) => Math.floor(median(whereSet(channelOf(small, k), classes))));
}

/** How far each pixel is under its paper, by the channels that show it best. */
function signalOf(view, paper, reach) {
  const { fround: f } = Math, { c } = view, depth = picture(view.h, view.w, c);
  if (paper) {
    const table = paper.map((p) => Uint8Array.from({ length: 256 }, (_, v) => Math.trunc(clamp(f(f((p - v) * 255) / Math.max(p, 32)), 0, 255))));
    for (let k = 0; k < c; k++) for (let i = k, levels = table[k]; i < depth.d.length; i += c) depth.d[i] = levels[view.d[i]];
  } else {
    const ground = groundOf(view, reach);
    for (let i = 0; i < depth.d.length; i++) depth.d[i] = byte(f(f(Math.max(ground.d[i] - view.d[i], 0) * 255) / Math.max(ground.d[i], 32)));
  }
  if (c === 1) return depth;
  const out = picture(view.h, view.w), sample = [[], [], []];
  for (let y = 0; y < view.h; y += 3) for (let x = 0; x < view.w; x += 3) for (let k = 0; k < 3; k++) sample[k].push(depth.d[(y * view.w + x) * 3 + k]);
  const squares = sample.map((values) => f(f(quantile(values, 0.995) + 1) ** 2)), total = f(f(squares[0] + squares[1]) + squares[2]), [a, b, d] = squares.map((s) => f(s / total));
  for (let i = 0, j = 0; i < out.d.length; i++, j += 3) out.d[i] = byte(f(f(f(a * depth.d[j]) + f(b * depth.d[j + 1])) + f(d * depth.d[j + 2])));
  return out;
}

function groundOf(view, reach) {
  const small = smallOf(view), { h, w } = small, side = Math.max(5, Math.trunc(Math.max(h, w) * reach) | 1), soft = Math.floor(side / 4) | 1;
  let wide = bordered(medianed(small, 3), side);
  wide = eroded(dilated(wide, side), side);
  const mean = boxed(wide, soft, soft);
  wide = eroded(mapped(wide, (v, i) => Math.min(v, mean.d[i])), 3);
  return resized(cropped(wide, side, side + h, side, side + w), view.w, view.h, 2);
}

/** How high the paper itself comes in the signal. */
function noiseOf(signal) {
  const { h, w, d } = signal, many = (h + 1) >> 1, values = new Int32Array(256), jumps = new Int32Array(256);
  for (let y = 0; y < h; y += 2) for (let x = 0, i = y * w; x < w; x += 2, i += 2) {
    values[d[i]]++;
    if (x) jumps[Math.abs(d[i] - d[i - 2])]++;
  }
  const across = (w + 1) >> 1, low = quantileIn(values, many * across, 0.05), middle = quantileIn(values, many * across, 0.3), jump = across > 1 ? quantileIn(jumps, many * (across - 1), 0.5) : 0;
  return Math.max(6, middle + 4.5 * Math.max((middle - low) / 1.12, jump));
}

// Polarity: whether the ink is darker than the paper.

const skewOf = (values, middle = 0) => { let s = 0; for (let i = 0; i < values.length; i++) { const v = values[i] - middle; s += v * v * v; } return s; };
const evenShades = (shades, share) => { const middle = Math.trunc(median(shades)); return shareWhere(shades, (v) => Math.abs(v - middle) < 14) > share; };
const boldDrawing = (a, light) => bold(a, inverted(light)) && oneShade(inverted(a), light);

/** Whether the ink is darker than the paper; kept with the small picture, for it is asked for again. */
function inkIsDark(given) {
  if (Math.min(given.h, given.w) < 1) return true;
  const small = smallOf(given);
  return (small.dark ??= darkIn(grey(small)));
}

function darkIn(shades) {
  const small = withoutStrips(shades), ring = ringOf(small), paper = Math.trunc(median(ring));
  if (mostIn(small.d) - leastIn(small.d) < 8) return paper > 127;
  const [level, classes] = splitByOtsu(small), high = median(whereSet(small, classes)), low = median(whereSet(small, classes, false)), apart = Math.max(4, 0.25 * (high - low)), tiny = Math.min(small.h, small.w) < 12;
  const twoShades = tiny || shareWhere(small.d, (v) => Math.abs(v - (v > level ? high : low)) < apart) > 0.8;
  if (twoShades && evenShades(ring, 0.75)) return skewOf(small.d, paper) <= 0;
  const wide = twoShades && Math.min(widest(classes), widest(inverted(classes))) >= WIDE;
  if (tiny || (twoShades && (!wide || boldDrawing(small, classes)))) {
    const share = shareWhere(ring, (v) => v > level), corners = cornersOf(classes);
    return (share > 0.3 && share < 0.7 && corners !== 0.5 ? corners : share) > 0.5;
  }
  const odd = Math.max(3, Math.min(Math.floor(Math.min(small.h, small.w) / 3) | 1, 31)), smooth = medianed(small, odd), tail = mapped(small, (v, i) => v - smooth.d[i], new Float32Array(small.d.length));
  const y = small.h >> 3, x = small.w >> 3;
  return skewOf(y && x ? cropped(tail, y, small.h - y, x, small.w - x).d : []) <= 0;
}

function withoutStrips(a) {
  if (Math.min(a.h, a.w) < 32 || evenShades(ringOf(a), 0.9)) return a;
  const light = splitByOtsu(a)[1];
  if (boldDrawing(a, light)) return a;
  const rows = Array.from({ length: a.h }, (_, y) => countSet(light.d.subarray(y * a.w, (y + 1) * a.w)) / a.w), turned = transposed(light), columns = Array.from({ length: a.w }, (_, x) => countSet(turned.d.subarray(x * a.h, (x + 1) * a.h)) / a.h);
  const top = stripOf(rows), bottom = stripOf([...rows].reverse()), left = stripOf(columns), right = stripOf([...columns].reverse());
  return cropped(a, top, a.h - bottom, left, a.w - right);
}

function stripOf(light) {
  const most = Math.floor(light.length / 6), share = light[0] > 0.5 ? light : light.map((v) => 1 - v), inner = share.slice(0, most).findIndex((v) => v < 0.5);
  if (share[0] < 0.95 || inner < 0 || Math.min(...share.slice(0, Math.max(1, inner - 2))) < 0.9) return 0;
  const rest = share.slice(inner + 1);
  return sumOf(rest) / rest.length > 0.5 || rest[0] > 0.1 ? 0 : inner + 1;
}

function cornersOf(mask) {
  const y = Math.max(1, Math.floor(mask.h / 12)), x = Math.max(1, Math.floor(mask.w / 12)), mean = (d) => sumOf(d) / d.length;
  return [[0, y, 0, x], [0, y, mask.w - x, mask.w], [mask.h - y, mask.h, 0, x], [mask.h - y, mask.h, mask.w - x, mask.w]].filter((part) => mean(cropped(mask, ...part).d) > 127).length / 4;
}

const sidesOf = (a) => [a.d.subarray(0, a.w), a.d.subarray((a.h - 1) * a.w), Uint8Array.from({ length: a.h }, (_, y) => a.d[y * a.w]), Uint8Array.from({ length: a.h }, (_, y) => a.d[y * a.w + a.w - 1])];

function barOfADigit(strokes) {
  const { labels, count } = components(strokes, true), turned = transposed(strokes), mean = (d) => sumOf(d) / d.length;
  const rows = Array.from({ length: strokes.h }, (_, y) => mean(strokes.d.subarray(y * strokes.w, (y + 1) * strokes.w)) > 0.8 * 255), columns = Array.from({ length: strokes.w }, (_, x) => mean(turned.d.subarray(x * strokes.h, (x + 1) * strokes.h)) > 0.8 * 255);
  const full = new Float64Array(count), all = new Float64Array(count);
  labels.forEach((label, i) => { all[label]++; if (strokes.d[i] && (rows[Math.floor(i / strokes.w)] || columns[i % strokes.w])) full[label]++; });
  const most = largest(full);
  return full[most] / all[most] < 0.5;
}

function sharpAtTheBorder(a, strokes) {
  const { labels } = components(strokes, true), on = new Set(), inner = eroded(strokes, 3), slope = gradient(a), step = [];
  labels.forEach((label, i) => { const x = i % a.w, y = Math.floor(i / a.w); if (label && (!x || !y || x === a.w - 1 || y === a.h - 1)) on.add(label); });
  labels.forEach((label, i) => { if (strokes.d[i] && !inner.d[i] && on.has(label)) step.push(slope.d[i]); });
  return step.length > 0 && median(step) >= 0.3 * Math.abs(median(whereSet(a, strokes)) - median(whereSet(a, strokes, false)));
}

function cutTight(given, ink) {
  given = smallOf(given);
  const small = grey(given), [level, light] = splitByOtsu(small), strokes = ink === "dark" || (ink === "auto" && inkIsDark(given)) ? inverted(light) : light, borders = sidesOf(strokes);
  if (!borders.some(anySet) || widest(strokes) > WIDE) return false;
  if (Math.max(...borders.map((d) => sumOf(d) / d.length)) > 0.85 * 255 && !barOfADigit(strokes)) return false;
  if (!sharpAtTheBorder(small, strokes)) return false;
  const free = ringOf(dilated(strokes, 5)), paper = ringOf(small).filter((_, i) => !free[i]);
  if (!paper.length) return false;
  const shade = median(paper);
  return shareWhere(paper, (v) => Math.abs(v - shade) <= 0.25 * Math.abs(shade - level)) > 0.9;
}

// A light sheet on a darker table is cut out and turned straight.

function sheetOnTable(a, view) {
  const box = sheetBox(view);
  if (!box) return null;
  a = halved(a, 1280);
  const [x, y, wide, high] = box.slice(0, 4).map((part) => part * a.w), w = Math.max(1, even(0.92 * wide)), h = Math.max(1, even(0.92 * high)), angle = box[4] * Math.PI / 180, cos = Math.cos(angle), sin = Math.sin(angle);
  return warped(a, [cos, sin, (1 - cos) * x - sin * y + w / 2 - x, -sin, cos, sin * x + (1 - cos) * y + h / 2 - y], w, h, true);
}

function sheetBox(view) {
  const shades = grey(smallOf(view)), { h, w } = shades, classes = splitByOtsu(shades)[1], ring = sidesOf(classes), total = ring.reduce((n, d) => n + d.length, 0);
  if (Math.min(h, w) < 24 || ring.reduce((s, d) => s + sumOf(d), 0) / total > 255 / 4) return null;
  const far = distances(classes), inside = largest(far);
  if (far[inside] < 0.08 * Math.max(h, w)) return null;
  const { labels } = components(classes, true), sheet = contourOf(classes, labels, labels[inside]), rectangle = smallestRectangle(sheet), area = polygonArea(sheet);
  if (!rectangle || area < 0.08 * h * w || area < 0.82 * rectangle.wide * rectangle.high) return null;
  const slope = gradient(shades), apart = median(whereSet(shades, classes)) - median(whereSet(shades, classes, false));
  if (median(sheet.map(([x, y]) => slope.d[y * w + x])) < 0.5 * apart) return null;
  const quarter = even(rectangle.angle / 90), [wide, high] = quarter % 2 ? [rectangle.high, rectangle.wide] : [rectangle.wide, rectangle.high];
  return [(rectangle.x + 0.5) / w, (rectangle.y + 0.5) / w, wide / w, high / w, rectangle.angle - 90 * quarter];
}

// Ruled lines are taken out of a signal.

function withoutLines(signal, noise) {
  const { h, w } = signal, down = Math.max(1, Math.floor(h / STRIPS)), across = Math.max(1, Math.floor(w / STRIPS)), seen = (...part) => mostIn(cropped(signal, ...part).d) >= noise;
  if (Math.min(h, w) < 2 * STRIPS) return [signal, false];
  // A line goes from side to side.
  const level = seen(0, h, 0, across) && seen(0, h, w - across, w) ? linesOf(signal, noise) : null, upright = seen(0, down, 0, w) && seen(h - down, h, 0, w) ? linesOf(transposed(signal), noise) : null;
  if (!level && !upright) return [signal, false];
  let left = signal;
  if (level) left = erased(left, ...level, noise);
  if (upright) left = transposed(erased(transposed(left), ...upright, noise));
  const strong = Math.max(noise, 0.5 * mostIn(left.d)), over = (a) => a.d.filter((v) => v > strong).length;
  return over(left) < 0.1 * over(signal) ? [signal, false] : [left, true];
}

function linesOf(signal, noise) {
  const { h, w } = signal, strips = boxed(byArea(signal, STRIPS, h), 1, 3, true), at = Math.trunc((1 - STRIP_SHARE) * STRIPS), { fround: f } = Math;
  let best = null;
  for (const slope of SLOPES) {
    const stacked = Array.from({ length: STRIPS }, (_, s) => { const by = even(slope * ((s + 0.5 - STRIPS / 2) * w / STRIPS)); return Float32Array.from({ length: h }, (_, y) => strips.d[clamp(y + by, 0, h - 1) * STRIPS + s]); });
    const shared = Float32Array.from({ length: h }, (_, y) => stacked.map((strip) => strip[y]).sort((p, q) => p - q)[at]);
    const shade = boxed(picture(1, h, 1, shared), 2 * Math.floor(h / THICKEST) + 5, 1, true).d, depth = shared.map((v, y) => Math.max(0, f(v - shade[y]))), strength = depth.reduce((s, v) => s + f(v * v), 0);
    if (!best || strength > best.strength) best = { slope, stacked, depth, strength };
  }
  const deepest = mostIn(best.depth);
  if (deepest < 4) return null;
  const seen = best.depth.map((v) => Number(v > Math.max(3, 0.3 * deepest)));
  let bands = [];
  for (let y = 0; y < h; y++) if (seen[y] && !seen[y - 1]) { let last = y; while (seen[last + 1]) last++; bands.push([y, last]); }
  const depths = ([a, b]) => best.stacked.map((strip) => mostIn(strip.subarray(a, b + 1)));
  bands = bands.filter(([a, b]) => b - a < Math.max(4, Math.floor(h / THICKEST))).filter((band) => { const d = depths(band), middle = median(d); return d.filter((v) => v > 0.5 * middle).length / d.length >= STRIP_SHARE + 0.05; });
  if (bands.length < 3) {
    const deep = 0.7 * quantile(signal.d.filter((v) => v > noise), 0.9), thin = Math.max(2, Math.floor(h / 50));
    bands = bands.filter(([a, b]) => { const d = depths([a, b]), middle = median(d); return middle < (b - a >= thin ? deep : 256) && Math.min(d[0], d[STRIPS - 1]) > 0.4 * middle; });
  }
  return bands.length ? [best.slope, bands] : null;
}

function erased(signal, slope, bands, noise) {
  const { h, w } = signal, { fround: f } = Math, level = warped(signal, [1, 0, 0, f(-slope), 1, f(slope * w / 2)], w, h, true), erase = picture(h, w);
  const most = (y0, y1) => Uint8Array.from({ length: w }, (_, x) => { let m = 0; for (let y = y0; y < y1; y++) m = Math.max(m, level.d[y * w + x]); return m; });
  for (const [first, last] of bands) {
    const a = Math.max(0, first - 1), b = Math.min(h, last + 2), band = most(a, b), depth = median(band), above = most(Math.max(0, a - 3), Math.max(1, a)), below = most(Math.min(h - 1, b), Math.min(h, b + 3));
    const crossing = dilated(picture(1, w, 1, above.map((v, x) => Math.min(v, below[x]))), 5, 1).d, deeper = dilated(picture(1, w, 1, band.map((v) => Number(v > 1.7 * depth + noise))), 5, 1).d;
    for (let y = a; y < b; y++) for (let x = 0; x < w; x++) erase.d[y * w + x] = crossing[x] > Math.max(noise, 0.5 * depth) || deeper[x] ? 0 : 255;
  }
  const gone = warped(erase, [1, 0, 0, f(slope), 1, f(-slope * w / 2)], w, h, false);
  return mapped(signal, (v, i) => (gone.d[i] > 80 ? 0 : v));
}
