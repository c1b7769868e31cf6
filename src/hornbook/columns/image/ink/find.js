"use strict";
// Finding ink, as MNIST has it: `hornbook.columns.image.ink`, find, parts and form. Each step is said there.

const COARSE = 320, SMALL = 32, FINE = 8, FILL = 20 / 28, THIN = 2.4, USUAL_THIN = 2.7, THICK = 4.2, USUAL_THICK = 3.5, CLEAR = 3;

/** The ink of a picture in a field of h x w, and how many things there are of which one was taken. */
function lookForInk(given, ink, h, w) {
  if (ink !== "dark" && given.c === 1 && given.h === h && given.w === w && alreadyNormal(given)) return { ink: given.d.slice(), things: 1 };
  if (Math.min(given.h, given.w) < 1) return { ink: new Uint8Array(h * w), things: 0 };
  if (given.c === 3) given = greyAlone(given.h, given.w, given.d, 3) ?? given;
  let view = viewOf(given);
  const wider = withMargin(given, view, ink);
  if (wider !== given) { given = wider; view = viewOf(wider); }
  const sheet = ink === "dark" || ink === "auto" ? sheetOnTable(given, view) : null;
  if (sheet) {
    const found = readInk(sheet, viewOf(sheet), true, h, w);
    if (anySet(found.ink)) return found;
  }
  return readInk(given, view, ink === "dark" || (ink === "auto" && inkIsDark(view)), h, w);
}

function withMargin(a, view, ink) {
  const longest = Math.max(a.h, a.w), small = longest <= SMALL;
  if (!small && !cutTight(view, ink)) return a;
  const ring = ringOf(grey(a));
  if (mostIn(ring) - leastIn(ring) < 28) return a;
  const dark = ink === "dark" || (ink === "auto" && inkIsDark(a)), paper = quantileOf(ring, dark ? 0.9 : 0.1), edge = Math.max(2, Math.floor(longest / (small ? 2 : 4)));
  let value = [byte(paper)];
  if (a.c === 3 || a.coloured) {
    const apart = Float64Array.from(ring, (v) => Math.abs(v - paper)), near = Math.max(14, leastIn(apart));
    value = Array.from({ length: a.c }, (_, k) => byte(median(ringOf(channelOf(a, k)).filter((_, i) => apart[i] <= near))));
  }
  return bordered(a, edge, value);
}

function readInk(a, view, dark, h, w) {
  if (view.c === 3) view = greyAlone(view.h, view.w, view.d, 3) ?? view;
  const [strokes, things] = strokesOf(a, view, dark, FINE * Math.max(1, even(Math.max(h, w) * FILL))), ink = placed(strokes, h, w);
  return { ink, things: anySet(ink) ? things : 0 };
}

function alreadyNormal(a) {
  const [x, y, wide, high] = boxOf(a), longest = Math.max(a.h, a.w), mass = sumOf(a.d);
  if (!mass || Math.abs(Math.max(high / a.h, wide / a.w) * longest - longest * FILL) > Math.max(1, longest / 56)) return false;
  let down = 0, across = 0;
  a.d.forEach((v, i) => { down += v * Math.floor(i / a.w); across += v * (i % a.w); });
  return Math.max(Math.abs(down / mass - a.h / 2), Math.abs(across / mass - a.w / 2)) <= 0.6 * Math.max(1, longest / 56);
}

function strokesOf(a, view, dark, longer) {
  view = dark ? view : inverted(view);
  const paper = evenPaper(view), plain = signalOf(view, paper, 1 / 6), [signal, lined] = withoutLines(plain, noiseOf(plain)), [whole, things] = digitIn(signal), [x, y, w, h] = boxOf(whole);
  if (!w || !h) return [picture(0, 0), 0];
  const margin = Math.max(2, Math.floor(Math.max(w, h) / 10)), x0 = Math.max(0, x - margin), x1 = Math.min(view.w, x + w + margin), y0 = Math.max(0, y - margin), y1 = Math.min(view.h, y + h + margin);
  const chosen = cropped(whole, y0, y1, x0, x1), scale = longer / Math.max(w, h), wide = Math.max(1, even((x1 - x0) * scale)), high = Math.max(1, even((y1 - y0) * scale));
  let near = closeLook(a, [x0 / view.w, y0 / view.h, x1 / view.w, y1 / view.h], wide, high);
  near = view.c === 1 ? grey(near) : near;
  near = dark ? near : inverted(near);
  const reach = 3 * thicknessOf(chosen) / Math.max(chosen.h, chosen.w), close = signalOf(near, paper, Math.min(0.4, Math.max(0.12, reach)));
  const solid = solidOf(gaussian(close, [1, 4, 6]), byNearest(chosen, wide, high), lined);
  return [usualThickness(filled(solid), longer), things];
}

function closeLook(a, [l, t, r, b], wide, high) {
  const left = Math.trunc(l * a.w), top = Math.trunc(t * a.h), right = Math.max(left + 1, even(r * a.w)), bottom = Math.max(top + 1, even(b * a.h));
  const inner = halved(cropped(a, top, Math.min(bottom, a.h), left, Math.min(right, a.w)), 2 * Math.max(wide, high));
  return wide <= inner.w && high <= inner.h ? byArea(inner, wide, high) : resized(inner, wide, high, 4);
}

function solidOf(signal, region, lined) {
  const spread = Math.max(3, Math.floor(Math.max(signal.h, signal.w) / 20)) | 1, inside = picture(signal.h, signal.w);
  for (let i = 0; i < inside.d.length; i++) inside.d[i] = signal.d[i] & region.d[i];
  const strength = boxed(dilated(inside, 2 * spread - 1), 2 * spread + 1, 2 * spread + 1), values = whereSet(signal, region), floor = Math.trunc(values.length ? 0.3 * quantile(values, 0.75) : 0), { fround: f } = Math, rate = f(0.45);
  const levels = Uint8Array.from({ length: 256 }, (_, v) => Math.max(byte(f(v * rate)), floor)), mask = picture(signal.h, signal.w), close = dilated(region, spread), n = mask.d.length;
  for (let i = 0; i < n; i++) mask.d[i] = signal.d[i] > levels[strength.d[i]] ? 255 : 0;
  if (lined) { for (let i = 0; i < n; i++) mask.d[i] &= close.d[i]; return mask; }
  const { count, labels } = components(mask, true), area = new Float64Array(count), within = new Float64Array(count);
  for (let i = 0; i < n; i++) { area[labels[i]]++; if (region.d[i]) within[labels[i]]++; }
  for (let i = 0; i < n; i++) { const label = labels[i]; if (label && !(within[label] > 0.25 * area[label] || (within[label] > 0 && close.d[i]))) mask.d[i] = 0; }
  return mask;
}

function viewOf(a) {
  a = halved(a, COARSE);
  const scale = GROUND / Math.max(a.h, a.w);
  return scale <= 1 ? a : resized(a, Math.max(1, even(a.w * scale)), Math.max(1, even(a.h * scale)), 4);
}

// The digit among all that stands out.

function digitIn(signal) {
  let smooth = gaussian(signal, [0, 1, 2]), noise = noiseOf(smooth), first = null;
  for (let turn = 0; turn < 3; turn++) {
    const ink = countsOf(smooth.d).map((many, v) => (v > noise ? many : 0)), many = sumOf(ink);
    if (many < Math.max(3, 0.0005 * smooth.d.length)) break;
    const parts = new Parts(over(smooth, Math.max(noise, 0.7 * otsuOf(ink, many))), signal), main = parts.strongest();
    if (!main) break;
    first ??= parts.togetherWith(main);
    const shadow = parts.shadowAround(main);
    if (shadow) { noise = Math.max(noise, shadow); continue; }
    if (parts.contact[main] < 0.5 && !parts.framesAnother(main)) { first = parts.togetherWith(main); break; }
    const strip = dilated(parts.only((p) => p === main), 9);
    smooth = mapped(smooth, (v, i) => (strip.d[i] ? 0 : v));
    signal = mapped(signal, (v, i) => (strip.d[i] ? 0 : v));
  }
  if (!first) return [picture(signal.h, signal.w), 0];
  const parts = new Parts(over(smooth, Math.max(noise, 0.3 * quantile(whereSet(signal, first), 0.7))), signal), main = parts.mostOf(first);
  if (!main) return [first, 1];
  const chosen = parts.togetherWith(main), values = whereSet(smooth, chosen);
  return [chosen, sumOf(values) / values.length >= CLEAR * noiseOf(smooth) ? parts.things(chosen, main) : 0];
}

/** The connected parts of a mask, of which number 0 is the paper. */
class Parts {
  constructor(mask, signal) {
    const { h, w } = mask, { count, labels, stats } = components(dilated(mask, Math.max(3, Math.floor(Math.max(h, w) / 64) | 1)), true), inner = eroded(mask, 3).d, slope = slopeOf(signal).d;
    const [area, mass, rim, sharp, contact] = Array.from({ length: 5 }, () => new Float64Array(count));
    this.at = new Int32Array(countSet(mask.d));
    for (let y = 0, i = 0, n = 0; y < h; y++) for (let x = 0; x < w; x++, i++) {
      if (!mask.d[i]) { labels[i] = -1; continue; }
      const part = labels[i];
      this.at[n++] = i;
      area[part]++;
      mass[part] += signal.d[i];
      if (!inner[i]) { rim[part]++; sharp[part] += slope[i]; }
      if (!y || y === h - 1 || !x || x === w - 1) contact[part]++;
    }
    Object.assign(this, { h, w, count, mass, label: labels, value: signal.d });
    this.area = area.map((v) => Math.max(v, 1));
    this.depth = mass.map((v, p) => v / this.area[p]);
    this.sharp = sharp.map((v, p) => v / Math.max(rim[p], 1) / Math.max(this.depth[p], 1));
    [this.left, this.top] = [0, 1].map((k) => stats.map((s) => s[k]));
    this.right = stats.map((s) => s[0] + s[2]);
    this.bottom = stats.map((s) => s[1] + s[3]);
    this.longer = stats.map((s) => Math.max(1, s[2], s[3]));
    this.contact = contact.map((v, p) => v / this.longer[p]);
  }

  strongest() {
    return largest(Array.from({ length: this.count }, (_, p) => {
      const across = (this.left[p] + this.right[p]) / 2 / this.w - 0.5, down = (this.top[p] + this.bottom[p]) / 2 / this.h - 0.5;
      return this.mass[p] * this.depth[p] * Math.min(this.sharp[p], 1) ** 2 * Math.exp(-3 * (across ** 2 + down ** 2) - 12 * this.contact[p]);
    }));
  }

  shadowAround(main) {
    const { h, w } = this, value = Uint8Array.from(this.at.filter((i) => this.label[i] === main), (i) => this.value[i]);
    if (value.length < 0.02 * h * w) return 0;
    const alone = cropped(this.only((p) => p === main), Math.max(0, this.top[main] - 1), Math.min(h, this.bottom[main] + 1), Math.max(0, this.left[main] - 1), Math.min(w, this.right[main] + 1));
    if (2 * mostIn(distances(alone)) < 0.3 * this.longer[main]) return 0;
    const level = otsu(value), deep = value.filter((v) => v > level), share = deep.length / value.length;
    return !(share > 0.02 && share < 0.6) || median(deep) < 1.5 * median(value.filter((v) => v <= level)) ? 0 : level;
  }

  framesAnother(main) {
    const wide = this.right[main] - this.left[main], high = this.bottom[main] - this.top[main], edge = Math.max(2, Math.trunc(0.12 * Math.max(wide, high)));
    const inner = (p) => this.left[p] > this.left[main] + edge / 2 && this.right[p] < this.right[main] - edge / 2 && this.top[p] > this.top[main] + edge / 2 && this.bottom[p] < this.bottom[main] - edge / 2 && this.longer[p] > 0.25 * this.longer[main];
    if (!Array.from({ length: this.count }, (_, p) => p > 0 && inner(p)).some(Boolean)) return false;
    const sets = [new Set(), new Set(), new Set(), new Set()];
    let near = 0, all = 0;
    for (const i of this.at) {
      if (this.label[i] !== main) continue;
      const row = Math.floor(i / this.w) - this.top[main], column = i % this.w - this.left[main], on = [row < edge, row >= high - edge, column < edge, column >= wide - edge];
      all++;
      near += Number(on.some(Boolean));
      on.forEach((there, k) => { if (there) sets[k].add(k < 2 ? column : row); });
    }
    return near / all > 0.95 && Math.min(sets[0].size / wide, sets[1].size / wide, sets[2].size / high, sets[3].size / high) > 0.9;
  }

  mostOf(mask) {
    const mass = new Float64Array(this.count);
    for (const i of this.at) if (mask.d[i]) mass[this.label[i]] += this.value[i];
    return largest(mass);
  }

  togetherWith(main) {
    const alike = Array.from({ length: this.count }, (_, p) => {
      const area = this.area[p] / this.area[main], depth = this.depth[p] / this.depth[main];
      return area >= 0.03 && area <= 2 && depth >= (area < 0.1 ? 0.5 : 0.35) && this.contact[p] <= this.contact[main] + 0.1 && this.sharp[p] >= 0.5 * this.sharp[main];
    });
    alike.forEach((is, p) => {
      if (is && this.left[p] < this.left[main] && this.right[p] > this.right[main] && this.top[p] < this.top[main] && this.bottom[p] > this.bottom[main]) alike[p] = !this.framesAnother(p);
    });
    const keep = alike.map((_, p) => p === main);
    for (let turn = 0; turn < 2; turn++) {
      const of = (side, what) => what(...side.filter((_, p) => keep[p])), x0 = of(this.left, Math.min), x1 = of(this.right, Math.max), y0 = of(this.top, Math.min), y1 = of(this.bottom, Math.max);
      alike.forEach((is, p) => {
        const gapX = Math.max(0, this.left[p] - x1, x0 - this.right[p]), gapY = Math.max(0, this.top[p] - y1, y0 - this.bottom[p]);
        if (is && Math.hypot(gapX, gapY) <= 0.3 * Math.max(x1 - x0, y1 - y0)) keep[p] = true;
      });
    }
    keep[0] = false;
    return this.only((p) => keep[p]);
  }

  things(chosen, main) {
    const inside = new Set();
    for (const i of this.at) if (chosen.d[i]) inside.add(this.label[i]);
    inside.delete(0);
    const own = [...inside].sort((p, q) => p - q), of = (side, what) => what(...own.map((p) => side[p])), x0 = of(this.left, Math.min), x1 = of(this.right, Math.max), y0 = of(this.top, Math.min), y1 = of(this.bottom, Math.max);
    const rows = Math.max(this.inARow(own, this.left, this.right, 1.25 * (y1 - y0)), this.inARow(own, this.top, this.bottom, 1.8 * (x1 - x0))), side = rows > 1 ? of(this.longer, Math.max) : Math.max(x1 - x0, y1 - y0);
    let others = 0;
    for (let p = 1; p < this.count; p++) {
      const around = this.left[p] < x0 && this.right[p] > x1 && this.top[p] < y0 && this.bottom[p] > y1;
      others += Number(!inside.has(p) && this.longer[p] >= 0.5 * side && this.longer[p] <= 2 * side && this.depth[p] >= 0.6 * this.depth[main] && this.sharp[p] >= 0.6 * this.sharp[main] && this.contact[p] < 0.2 && this.area[p] >= 0.25 * this.area[main] && !around);
    }
    return Math.max(rows, 1) + others;
  }

  inARow(own, begin, end, least) {
    const high = own.map((p) => this.bottom[p] - this.top[p]), most = Math.max(...high), large = own.filter((_, k) => high[k] >= 0.6 * most).sort((p, q) => begin[p] - begin[q]);
    if (Math.max(...large.map((p) => end[p])) - Math.min(...large.map((p) => begin[p])) < least) return 0;
    return large.slice(1).every((p, k) => begin[p] >= end[large[k]] - 0.15 * (end[large[k]] - begin[large[k]])) ? large.length : 0;
  }

  only(keep) {
    const out = picture(this.h, this.w), shades = Uint8Array.from({ length: this.count }, (_, p) => (keep(p) ? 255 : 0));
    for (const i of this.at) out.d[i] = shades[this.label[i]];
    return out;
  }
}

// The form that strokes have in MNIST.

const thicknessOf = (mask) => 4 * sumOf(distances(bordered(mask, 1, [0]))) / Math.max(1, countSet(mask.d));

function filled(strokes) {
  const wide = bordered(strokes, 1, [0]), { count, labels, stats } = components(inverted(wide), false);
  if (count <= 2) return strokes;
  const radius = deepest(labels, count, distances(inverted(wide))), thick = thicknessOf(strokes);
  const long = stats.map((s, p) => p > 0 && p !== labels[0] && s[4] > 18 * radius[p] ** 2 && 2 * radius[p] > thick);
  return cropped(mapped(wide, (v, i) => (long[labels[i]] ? 255 : v)), 1, 1 + strokes.h, 1, 1 + strokes.w);
}

function deepest(labels, count, outside) {
  const out = new Float32Array(count);
  for (let i = 0; i < labels.length; i++) if (outside[i] > out[labels[i]]) out[labels[i]] = outside[i];
  out[0] = out[labels[0]] = 0;
  return out;
}

function usualThickness(strokes, longer) {
  const pixel = longer / 20, wide = bordered(strokes, 16, [0]), inside = distances(wide), count = countSet(wide.d);
  if (!count) return strokes;
  const thickness = 4 * sumOf(inside) / count / pixel;
  if (thickness < THIN) {
    const around = inverted(wide), outside = distances(around), { count: n, labels } = components(around, false), room = deepest(labels, n, outside).map((v) => v / 2), grow = (USUAL_THIN - thickness) / 2 * pixel;
    room[0] = room[labels[0]] = Infinity;
    const reach = room.map((v) => Math.min(grow, v));
    for (let i = 0; i < outside.length; i++) wide.d[i] = outside[i] <= reach[labels[i]] ? 255 : 0;
    return wide;
  }
  return thickness > THICK ? mapped(wide, (_, i) => (inside[i] > (thickness - USUAL_THICK) / 2 * pixel ? 255 : 0)) : wide;
}

function placed(strokes, h, w) {
  const field = new Uint8Array(h * w), [x, y, wide, high] = strokes.d.length ? boxOf(strokes) : [0, 0, 0, 0];
  if (!wide || !high) return field;
  const scale = Math.min(h * FILL / high, w * FILL / wide), width = Math.max(1, even(wide * scale)), height = Math.max(1, even(high * scale)), small = byArea(cropped(strokes, y, y + high, x, x + wide), width, height);
  const { fround: f } = Math, rate = f(255 / Math.max(1, mostIn(small.d))), bright = mapped(small, (v) => byte(f(v * rate))), total = sumOf(bright.d);
  let row = 0, column = 0;
  bright.d.forEach((v, i) => { row += v * Math.floor(i / width); column += v * (i % width); });
  const top = Math.min(Math.max(0, even(h / 2 - row / total)), h - height), left = Math.min(Math.max(0, even(w / 2 - column / total)), w - width);
  for (let i = 0; i < height; i++) field.set(bright.d.subarray(i * width, (i + 1) * width), (top + i) * w + left);
  return field;
}
