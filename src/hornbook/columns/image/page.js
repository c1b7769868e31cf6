"use strict";
// Pictures: decoded, upright, resized as Pillow does it; `hornbook.columns.image`.

async function inflated(bytes, limit) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")).getReader(), out = new Uint8Array(limit);
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => { throw new Refused("the picture is damaged or cut off: copy or download it again"); });
    if (done || at >= limit) break;
    out.set(value.subarray(0, limit - at), at);
    at += value.length;
  }
  if (at < limit) throw new Refused("the picture is cut off: copy or download it again");
  return out;
}

/** A line of a PNG file as it was before it was filtered, from itself and the line above. */
function unfiltered(filter, line, before, step) {
  const n = line.length;
  if (filter === 1) for (let i = step; i < n; i++) line[i] += line[i - step];
  else if (filter === 2) for (let i = 0; i < n; i++) line[i] += before[i];
  else if (filter === 3) for (let i = 0; i < n; i++) line[i] += ((i >= step ? line[i - step] : 0) + before[i]) >> 1;
  else if (filter === 4) for (let i = 0; i < n; i++) {
    const a = i >= step ? line[i - step] : 0, b = before[i], c = i >= step ? before[i - step] : 0, p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
    line[i] += pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
  }
}

/** The samples of a PNG file (ISO/IEC 15948), 8 or 16 bits each; null where it is none. Browsers lose what is under transparency. */
async function pngOf(bytes, most) {
  if (bytes.length < 33 || bytes[0] !== 137 || bytes[1] !== 80) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), data = [];
  const [w, h, depth, type, laced] = [view.getUint32(16), view.getUint32(20), bytes[24], bytes[25], bytes[28]];
  if (w * h > most) throw new Refused(`the picture has ${w} x ${h} pixels, more than the ${most.toLocaleString("en")} that are allowed: make it smaller`);
  let palette = null, clear = null;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at), kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8)), body = bytes.subarray(at + 8, at + 8 + length);
    if (kind === "PLTE") palette = body;
    else if (kind === "tRNS") clear = body;
    else if (kind === "IDAT") data.push(body);
    else if (kind === "IEND") break;
    at += 12 + length;
  }
  const samples = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[type], bits = samples * depth, step = Math.max(1, bits >> 3);
  const passes = laced ? [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] : [[0, 0, 1, 1]];
  const sized = passes.map(([x, y, dx, dy]) => [Math.ceil((w - x) / dx), Math.ceil((h - y) / dy), x, y, dx, dy]).filter(([pw, ph]) => pw > 0 && ph > 0), wide = (pw) => Math.ceil(pw * bits / 8);
  const whole = new Uint8Array(data.reduce((n, part) => n + part.length, 0));
  data.reduce((at, part) => { whole.set(part, at); return at + part.length; }, 0);
  const raw = await inflated(whole, sized.reduce((n, [pw, ph]) => n + ph * (1 + wide(pw)), 0)), out = new (depth === 16 ? Uint16Array : Uint8Array)(w * h * samples);
  let at = 0;
  for (const [pw, ph, x0, y0, dx, dy] of sized) {
    const size = wide(pw);
    let before = new Uint8Array(size);
    for (let y = 0; y < ph; y++) {
      const filter = raw[at], line = raw.subarray(at + 1, at + 1 + size);
      at += 1 + size;
      unfiltered(filter, line, before, step);
      before = line;
      if (depth === 8 && !laced) { out.set(line, y * size); continue; }
      for (let x = 0; x < pw; x++) for (let k = 0; k < samples; k++) {
        const i = x * samples + k, to = ((y0 + y * dy) * w + x0 + x * dx) * samples + k;
        out[to] = depth === 8 ? line[i] : depth === 16 ? line[2 * i] << 8 | line[2 * i + 1] : line[(i * depth) >> 3] >> (8 - depth - ((i * depth) & 7)) & ((1 << depth) - 1);
      }
    }
  }
  return { w, h, depth, type, samples, out, palette, clear };
}

const opaque = (rgba) => { for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false; return true; };

function withoutFourth(rgba) {
  const out = new Uint8Array(rgba.length / 4 * 3);
  for (let i = 0, j = 0; i < rgba.length; i += 4) { out[j++] = rgba[i]; out[j++] = rgba[i + 1]; out[j++] = rgba[i + 2]; }
  return out;
}

/** A decoded PNG as Pillow has it: grey or colour, without transparency; of more than 8 bits, what range it uses. */
function plainPng({ w, h, depth, type, samples, out, palette, clear }, span) {
  if (depth === 8 && !clear && type !== 3 && type !== 4) {
    if (type !== 6) return { ...picture(h, w, samples, out), used: null };
    return { ...(opaque(out) ? greyAlone(h, w, out, 4) ?? picture(h, w, 3, withoutFourth(out)) : onGround(h, w, out)), used: null };
  }
  const n = w * h, deep = depth === 16 && (type === 0 || type === 2 || type === 6) && !(clear && type !== 6), scale = depth < 8 && type === 0 ? 255 / ((1 << depth) - 1) : 1, colour = type === 2 || type === 3 || type === 6;
  let used = null, get = (i) => (depth === 16 ? out[i] >> 8 : out[i] * scale);
  if (deep) {
    used = usedRange(out, samples);
    const [low, high] = span ?? ownRange(used);
    get = (i) => (samples === 4 && i % 4 === 3 ? out[i] >> 8 : Math.trunc(clamp01((out[i] - low) * 255 / (high - low))));
  }
  const see = type === 4 || type === 6 || clear, rgba = see ? new Uint8Array(4 * n) : null, plain = picture(h, w, colour ? 3 : 1);
  for (let i = 0; i < n; i++) {
    const j = i * samples, rgb = type === 3 ? [0, 1, 2].map((k) => palette[3 * out[i] + k] ?? 0) : samples >= 3 ? [get(j), get(j + 1), get(j + 2)] : [get(j)];
    const key = clear && type !== 3 ? rgb.every((_, k) => out[j + k] === (clear[2 * k] << 8 | clear[2 * k + 1])) : false;
    if (!see) plain.d.set(rgb, i * plain.c);
    else rgba.set([rgb[0], rgb[1] ?? rgb[0], rgb[2] ?? rgb[0], type === 3 ? clear[out[i]] ?? 255 : clear ? (key ? 0 : 255) : get(j + samples - 1)], 4 * i);
  }
  return { ...(see ? onGround(h, w, rgba) : plain), used };
}

const clamp01 = (x) => Math.min(Math.max(x, 0), 255);
const byteOf = (v) => even(clamp01(v * 255));
const greyOf = (r, g, b) => (r * 19595 + g * 38470 + b * 7471 + 32768) >> 16;

/** The lowest and highest value, without a few that stand far apart (`hornbook.columns.image.files.deep.used_range`). */
function usedRange(values, samples) {
  const colours = samples === 4 ? values.filter((_, i) => i % 4 < 3) : values, sorted = Uint16Array.from(colours).sort(), n = sorted.length, low = sorted[0], high = sorted[n - 1];
  if (n < 20) return [low, high];
  const out = Math.max(1, Math.trunc(0.001 * n)), [a, b] = [sorted[out], sorted[n - 1 - out]];
  return 8 * (b - a) > 0 && 8 * (b - a) < high - low ? [a, b] : [low, high];
}

function ownRange([, high]) {
  const full = [255, 1023, 4095, 16383, 65535].find((limit) => high <= limit) ?? high;
  return [0, full];
}

/** A picture without transparency, on white or black (`hornbook.columns.image.files.ground`). */
function onGround(h, w, rgba) {
  const n = h * w, out = picture(h, w, 3);
  let total = 0, greys = 0;
  for (let i = 0; i < 4 * n; i += 4) { total += rgba[i + 3]; greys += greyOf(rgba[i], rgba[i + 1], rgba[i + 2]) * rgba[i + 3]; }
  const shade = greys / Math.max(total, 1), ground = (total > 0.5 * 255 * n ? shade > 63.5 : shade < 191.5) ? 255 : 0;
  for (let i = 0; i < n; i++) for (let k = 0; k < 3; k++) {
    const alpha = rgba[4 * i + 3], mixed = rgba[4 * i + k] * alpha * 128 + ground * (255 - alpha) * 128 + (128 << 7);
    out.d[3 * i + k] = alpha === 0 ? ground : (((mixed >> 8) + mixed) >> 8) >> 7;
  }
  return out;
}

/** A picture of any kind that the browser reads, upright. */
async function byBrowser(bytes, most) {
  if (typeof createImageBitmap === "undefined") throw new Refused("the picture is of a kind that is not read here");
  const found = await createImageBitmap(new Blob([bytes]), { imageOrientation: "from-image", colorSpaceConversion: "none", premultiplyAlpha: "none" }).catch(() => { throw new Refused("the picture cannot be read here: save it as PNG or JPEG"); });
  if (found.width * found.height > most) throw new Refused(`the picture has ${found.width} x ${found.height} pixels, more than are allowed: make it smaller`);
  const canvas = Object.assign(document.createElement("canvas"), { width: found.width, height: found.height }), pen = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
  pen.drawImage(found, 0, 0);
  return plainPixels(pen.getImageData(0, 0, found.width, found.height));
}

/** The pixels of a canvas, as a picture; grey where all of them are. */
function plainPixels({ width: w, height: h, data }) {
  let clear = false, same = true;
  for (let i = 0; i < data.length; i += 4) { clear ||= data[i + 3] < 255; same &&= data[i] === data[i + 1] && data[i] === data[i + 2]; }
  if (clear) return onGround(h, w, data);
  const out = picture(h, w, same ? 1 : 3);
  for (let i = 0; i < h * w; i++) for (let k = 0; k < out.c; k++) out.d[out.c * i + k] = data[4 * i + k];
  return out;
}

/** Resized as Pillow does it with BILINEAR, of a part of the picture. */
function likePillow(a, w, h, [x0, y0, x1, y1] = [0, 0, a.w, a.h]) {
  const coefficients = (from, start, end, to) => {
    const scale = (end - start) / to, wide = Math.max(scale, 1);
    return Array.from({ length: to }, (_, i) => {
      const center = start + (i + 0.5) * scale, first = Math.max(Math.trunc(center - wide + 0.5), 0), last = Math.min(Math.trunc(center + wide + 0.5), from), weights = [];
      for (let x = first; x < last; x++) weights.push(Math.max(1 - Math.abs((x - center + 0.5) / wide), 0));
      const all = weights.reduce((s, v) => s + v, 0);
      return [first, weights.map((v) => Math.trunc(0.5 + (all ? v / all : v) * 4194304))];
    });
  };
  const clip = (s) => clamp01(s >> 22), { c } = a;
  let from = a;
  if (w !== a.w || x0 !== 0 || x1 !== a.w) {
    const table = coefficients(a.w, x0, x1, w), out = picture(a.h, w, c);
    for (let y = 0; y < a.h; y++) for (let x = 0; x < w; x++) for (let k = 0; k < c; k++) {
      const [first, weights] = table[x];
      let s = 2097152;
      for (let t = 0, i = (y * a.w + first) * c + k; t < weights.length; t++, i += c) s += a.d[i] * weights[t];
      out.d[(y * w + x) * c + k] = clip(s);
    }
    from = out;
  }
  if (h === a.h && y0 === 0 && y1 === a.h) return from;
  const table = coefficients(a.h, y0, y1, h), out = picture(h, w, c), row = w * c;
  for (let y = 0; y < h; y++) for (let x = 0; x < row; x++) {
    const [first, weights] = table[y];
    let s = 2097152;
    for (let t = 0, i = first * row + x; t < weights.length; t++, i += row) s += from.d[i] * weights[t];
    out.d[y * row + x] = clip(s);
  }
  return out;
}

/** Brought to a size: stretched, or with its aspect kept and padded, or cropped. */
function fitted(a, w, h, fit) {
  if (a.w === w && a.h === h) return a;
  if (fit === "stretch") return likePillow(a, w, h);
  const ratios = [w / a.w, h / a.h], scale = fit === "pad" ? Math.min(...ratios) : Math.max(...ratios);
  if (fit === "crop") {
    const wide = w / scale, high = h / scale, left = (a.w - wide) / 2, top = (a.h - high) / 2;
    return likePillow(a, w, h, [Math.max(left, 0), Math.max(top, 0), Math.min(left + wide, a.w), Math.min(top + high, a.h)].map(Math.fround)); // Pillow keeps it in 32 bits
  }
  const iw = Math.max(1, even(a.w * scale)), ih = Math.max(1, even(a.h * scale)), small = iw === a.w && ih === a.h ? a : likePillow(a, iw, ih), out = picture(h, w, a.c), left = (w - iw) >> 1, top = (h - ih) >> 1;
  for (let k = 0; k < a.c; k++) {
    const edge = [];
    for (let x = 0; x < iw; x++) edge.push(small.d[x * a.c + k], small.d[((ih - 1) * iw + x) * a.c + k]);
    for (let y = 0; y < ih; y++) edge.push(small.d[y * iw * a.c + k], small.d[(y * iw + iw - 1) * a.c + k]);
    edge.sort((p, q) => p - q);
    const colour = Math.trunc((edge[(edge.length - 1) >> 1] + edge[edge.length >> 1]) / 2);
    for (let i = k; i < out.d.length; i += a.c) out.d[i] = colour;
  }
  for (let y = 0; y < ih; y++) out.d.set(small.d.subarray(y * iw * a.c, (y + 1) * iw * a.c), ((top + y) * w + left) * a.c);
  return out;
}

/** A large JPEG as libjpeg decodes it at a half, a quarter or an eighth of its size: about the mean of so many pixels. */
function drafted(a, factor) {
  const by = factor <= 1 / 8 ? 8 : factor <= 1 / 4 ? 4 : factor <= 1 / 2 ? 2 : 1;
  if (by === 1) return a;
  const w = Math.ceil(a.w / by), h = Math.ceil(a.h / by), out = picture(h, w, a.c);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) for (let k = 0; k < a.c; k++) {
    let s = 0;
    for (let j = 0; j < by; j++) for (let i = 0; i < by; i++) s += a.d[(Math.min(y * by + j, a.h - 1) * a.w + Math.min(x * by + i, a.w - 1)) * a.c + k];
    out.d[(y * w + x) * a.c + k] = Math.trunc(s / by / by + 0.5);
  }
  return out;
}

const inChannels = (a, c) => {
  if (a.c === c) return a;
  const out = picture(a.h, a.w, c);
  for (let i = 0; i < a.h * a.w; i++) {
    if (c === 1) out.d[i] = greyOf(a.d[3 * i], a.d[3 * i + 1], a.d[3 * i + 2]);
    else out.d.fill(a.d[i], 3 * i, 3 * i + 3);
  }
  return out;
};

function deepRemark(used, span) {
  if (!used || (!used[0] && !used[1])) return [];
  const uses = `its values from ${general(used[0], 6, true)} to ${general(used[1], 6, true)}`, [black, white] = ownRange(used);
  if (span) return used[1] < span[0] || used[0] > span[1] ? [`${uses} are outside of ${general(span[0], 6, true)} to ${general(span[1], 6, true)}, which were learned from`] : [];
  return black || white !== 65535 ? [`${uses} were taken for ${general(black, 6, true)} to ${general(white, 6, true)}, as no such picture was learned from`] : [];
}

COLUMNS.image = {
  async prepare(column, value) {
    if (value === null) throw new Refused("there is no picture: draw or choose one");
    const [w, h] = column.size, { fit, ink, channels } = column, span = column.value_range ?? column.learned_range ?? null, most = Math.min(column.max_pixels ?? 52_000_000, 52_000_000);
    let found;
    if (value.pixels) found = plainPixels(value.pixels);
    else {
      const bytes = await bytesOf(value), png = await pngOf(bytes, most);
      found = png ? plainPng(png, span) : await byBrowser(bytes, most);
      const least = fit === "ink" ? Math.max(4 * Math.max(w, h), 1000) : fit === "pad" ? 2 * Math.max(w, h) : 0, factor = least ? least / Math.max(found.w, found.h) : Math.max(2 * w / found.w, 2 * h / found.h);
      if (bytes[0] === 0xff && bytes[1] === 0xd8) found = drafted(found, factor);
    }
    const remarks = deepRemark(found.used, span);
    let pixels;
    if (fit === "ink") {
      const { ink: field, things } = lookForInk(found, ink, h, w);
      if (things !== 1) remarks.unshift(things ? `several things were found (${things}), and one was read` : "no ink was found");
      pixels = inChannels(picture(h, w, 1, field), channels).d;
    } else {
      const grown = inChannels(found, channels), dark = ink === "dark" || (ink === "auto" && inkIsDark(grown));
      pixels = fitted(grown, w, h, fit).d;
      pixels = dark ? pixels.map((v) => 255 - v) : pixels;
    }
    return { array: tensor([1, h, w, channels], pixels, 2), remarks, seen: { width: w, height: h, channels, pixels } };
  },
  /** A picture as an answer: 0 is black and 1 is white. */
  read(column, output) {
    const [h, w, channels] = output.dims.slice(-3);
    return { value: { width: w, height: h, channels, pixels: Uint8Array.from(output.data, (v) => byteOf(v)) }, confidence: null, top: [] };
  },
};
