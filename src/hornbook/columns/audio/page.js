"use strict";
// Sounds: one channel of 16 bits at the column's rate, resampled as `hornbook.columns.audio` does it.

const BLOCK = 32, CROSSINGS = 16, ROLLOFF = 0.94, BETA = 9, LONGEST_SOUND = 30;

/** The samples of a WAV file: the mean of its channels, -1 to 1, and their rate; null where it is none. */
function wavOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), word = (at) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12 || word(0) !== "RIFF" || word(8) !== "WAVE") return null;
  let code = 0, channels = 1, rate = 0, bytesEach = 2;
  for (let at = 12; at + 8 <= bytes.length;) {
    const kind = word(at), length = view.getUint32(at + 4, true), from = at + 8;
    if (kind === "fmt ") {
      code = view.getUint16(from, true); channels = view.getUint16(from + 2, true); rate = view.getUint32(from + 4, true); bytesEach = view.getUint16(from + 12, true) / channels;
      if (code === 0xfffe && length >= 26) code = view.getUint16(from + 24, true);
    } else if (kind === "data") {
      const readers = { "1 1": (p) => (view.getUint8(p) - 128) / 128, "1 2": (p) => view.getInt16(p, true) / 32768, "1 3": (p) => (view.getUint16(p, true) << 8 | view.getUint8(p + 2) << 24) / 2147483648, "1 4": (p) => view.getInt32(p, true) / 2147483648, "3 4": (p) => view.getFloat32(p, true), "3 8": (p) => view.getFloat64(p, true) };
      const read = readers[`${code} ${bytesEach}`], wide = bytesEach * channels;
      if (!read || !rate) throw new Refused("the sound is a WAV file of a kind that is not read here: save it as WAV of 16 bits");
      const count = Math.floor(Math.min(length && length < 0x7ffff000 ? length : Infinity, bytes.length - from) / wide), out = new Float32Array(count);
      for (let i = 0; i < count; i++) { let all = 0; for (let c = 0; c < channels; c++) all += Math.fround(read(from + i * wide + c * bytesEach)); out[i] = all / channels; }
      return { samples: out, rate };
    }
    at = from + length + length % 2;
  }
  throw new Refused("the sound is cut off or damaged: copy or record it again");
}

/** The nearest fraction with a denominator up to a limit (Python's Fraction.limit_denominator). */
function nearFraction(n, d, limit) {
  const gcd = (a, b) => (b ? gcd(b, a % b) : a), by = gcd(n, d);
  [n, d] = [n / by, d / by];
  if (d <= limit) return [n, d];
  let [p0, q0, p1, q1, a, b] = [0, 1, 1, 0, n, d];
  for (;;) {
    const whole = Math.floor(a / b), q2 = q0 + whole * q1;
    if (q2 > limit) break;
    [p0, q0, p1, q1, a, b] = [p1, q1, p0 + whole * p1, q2, b, a - whole * b];
  }
  const k = Math.floor((limit - q0) / q1), own = [p0 + k * p1, q0 + k * q1], other = [p1, q1];
  return Math.abs(other[0] / other[1] - n / d) <= Math.abs(own[0] / own[1] - n / d) ? other : own;
}

/** A sound at another rate, by a windowed sinc, no more than so many samples. */
function resampled(samples, rate, to, most) {
  if (rate === to) return samples.subarray(0, most);
  let limit = 1000, ratio = nearFraction(to, rate, limit);
  while (ratio[0] * ratio[1] > 4_000_000) { limit = Math.floor(limit / 2); ratio = nearFraction(to, rate, limit); }
  const [fresh, old] = ratio, cut = ROLLOFF * Math.min(1, fresh / old), half = Math.ceil(CROSSINGS / cut) + 1, wide = old + 2 * half;
  const i0 = (x) => { let term = 1, all = 1; for (let k = 1; term > 1e-17 * all; k++) { term *= (x / 2 / k) ** 2; all += term; } return all; };
  const weights = new Float32Array(fresh * wide), sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  for (let i = 0; i < fresh; i++) for (let j = 0; j < wide; j++) {
    const distance = i * (old / fresh) - (j - half), inside = 1 - (distance * cut / CROSSINGS) ** 2;
    if (inside > 0) weights[i * wide + j] = cut * sinc(distance * cut) * i0(BETA * Math.sqrt(inside)) / i0(BETA);
  }
  const wanted = Math.min(Math.ceil(samples.length * to / rate), most), out = new Float32Array(wanted);
  for (let k = 0; k < wanted; k++) {
    const start = Math.floor(k / fresh) * old - half, from = (k % fresh) * wide;
    let all = 0;
    for (let j = Math.max(0, -start), end = Math.min(wide, samples.length - start); j < end; j++) all += weights[from + j] * samples[start + j];
    out[k] = all;
  }
  return out;
}

/** What a browser makes of a sound that is no WAV file. */
async function decodedSound(bytes) {
  if (typeof AudioContext === "undefined") throw new Refused("the sound is no WAV file, and others are not read here");
  const heard = await new AudioContext().decodeAudioData(bytes.slice().buffer).catch(() => { throw new Refused("the sound cannot be read: save it as WAV of 16 bits"); });
  const channels = Array.from({ length: heard.numberOfChannels }, (_, c) => heard.getChannelData(c));
  return { samples: Float32Array.from({ length: heard.length }, (_, i) => channels.reduce((all, own) => all + own[i], 0) / channels.length), rate: heard.sampleRate };
}

COLUMNS.audio = {
  async prepare(column, value) {
    if (value === null) throw new Refused("there is no sound: record or choose one");
    const bytes = await bytesOf(value), { samples, rate } = wavOf(bytes) ?? await decodedSound(bytes), to = column.sample_rate;
    if (!samples.length) throw new Refused("the sound has a length of zero: record or copy it again");
    const hop = even(column.hop * to), frames = (n) => BLOCK * Math.ceil(Math.max(n, 1) / hop / BLOCK), longest = column.longest ?? frames(even((column.seconds ?? LONGEST_SOUND) * to)) * hop;
    const kept = column.seconds === null || column.seconds === undefined ? longest / to : Math.min(column.seconds, longest / to);
    const floats = resampled(samples, rate, to, Math.max(1, even(kept * to))), sound = Int16Array.from(floats, (x) => even(Math.min(Math.max(Math.fround(x * 32768), -32768), 32767)));
    let last = sound.length;
    while (last > 1 && !sound[last - 1]) last--;
    const block = frames(1) * hop, out = new Int16Array(Math.min(Math.ceil(Math.max(last, 1) / block) * block, longest));
    out.set(sound.subarray(0, out.length));
    const seconds = samples.length / rate, remarks = seconds > kept + 0.002 ? [`of its ${general(seconds, 3)} s the first ${general(kept, 3)} are heard`] : [];
    return { array: tensor([1, out.length], out, 5), remarks };
  },
};
