"use strict";
// Strings out of a network's answers, a softmax for each place or CTC: `hornbook.columns.characters.reading`.
// Place 0 is the blank of CTC; a string is a list of places.

const ALPHABETS = (() => {
  const digits = "0123456789", lower = "abcdefghijklmnopqrstuvwxyz";
  return { digits, lower, upper: lower.toUpperCase(), letters: lower + lower.toUpperCase(), alphanumeric: digits + lower + lower.toUpperCase(), unambiguous: "23456789ABCDEFGHJKLMNPQRSTUVWXYZ" };
})();
const CTC_WIDTH = 8, CTC_TRIED = 4, PURE = 1 - 1e-4, SURE = 0.99, ALTERNATIVES = 3, BLANKS = [0.25, 0.0625, 0.015];

/** The characters of a column in the order of their places. */
function charactersOf(column) {
  const given = Object.hasOwn(ALPHABETS, column.alphabet) ? ALPHABETS[column.alphabet] : column.alphabet.normalize("NFC");
  const fold = (c) => { const folded = column.case === "lower" ? c.toLowerCase() : column.case === "upper" ? c.toUpperCase() : c; return [...folded].length === 1 ? folded : c; };
  return [...new Set([...[...given].map(fold).join("").normalize("NFC")])];
}

/** The steps of an output as lists; those of zeros alone are blanks. */
function stepsOf({ dims, data }) {
  const [steps, wide] = dims.slice(-2);
  return Array.from({ length: steps }, (_, t) => {
    const step = Float64Array.from(data.subarray(t * wide, (t + 1) * wide));
    if (!step.some(Boolean)) step[0] = 1;
    return step;
  });
}

/** How likely a string is, and each of its characters given those before it: the forward algorithm. */
function likelihood(steps, string) {
  const n = string.length, inBlank = new Float64Array(n + 1), inCharacter = new Float64Array(n), begins = new Float64Array(n + 1);
  inBlank[0] = begins[0] = 1;
  for (const p of steps) {
    const entering = string.map((c, i) => (inBlank[i] + (i && c !== string[i - 1] ? inCharacter[i - 1] : 0)) * p[c]);
    for (let i = n; i >= 0; i--) inBlank[i] = (inBlank[i] + (i ? inCharacter[i - 1] : 0)) * p[0];
    for (let i = 0; i < n; i++) { begins[i + 1] += entering[i]; inCharacter[i] = inCharacter[i] * p[string[i]] + entering[i]; }
  }
  const chance = inBlank[n] + (n ? inCharacter[n - 1] : 0);
  return { chance: Math.min(chance, 1), parts: string.map((_, i) => (begins[i] > 0 ? Math.min(begins[i + 1] / begins[i], 1) : 0)) };
}

/** The likeliest strings by a prefix beam search, the likeliest first, each with its weight. */
function beam(given, longest, width) {
  const steps = given.filter((p, t) => !(p[0] > PURE) || t === 0 || !(given[t - 1][0] > PURE));
  let kept = [{ string: [], blank: 1, character: 0 }];
  for (const p of steps) {
    const tried = descending(p.subarray(1)).slice(0, CTC_TRIED).map((i) => i + 1), scores = new Map();
    const known = new Map(kept.map((own) => [own.string.join(), own])), every = [];
    for (const own of kept) {
      const last = own.string.at(-1) ?? 0, total = own.blank + own.character, parent = known.get(own.string.slice(0, -1).join());
      const arriving = last && parent ? (parent.string.at(-1) === last ? parent.blank : parent.blank + parent.character) : 0;
      every.push({ string: own.string, blank: total * p[0], character: (own.character + arriving) * (last ? p[last] : 0) });
    }
    for (const own of kept) for (const c of tried) {
      const string = [...own.string, c], last = own.string.at(-1) ?? 0;
      if (string.length > longest || known.has(string.join())) continue;
      every.push({ string, blank: 0, character: (c === last ? own.blank : own.blank + own.character) * p[c] });
    }
    for (const own of every) scores.set(own, own.blank + own.character);
    const order = descending(every.map((own) => scores.get(own))).slice(0, width), scale = Math.max(scores.get(every[order[0]]), 1e-300);
    kept = order.map((i) => every[i]).filter((own) => scores.get(own) > 0).map(({ string, blank, character }) => ({ string, blank: blank / scale, character: character / scale }));
  }
  return kept.map(({ string, blank, character }) => ({ string, weight: blank + character }));
}

/** The string of the likeliest path that reads so many characters: Viterbi over how many were read and which one is being read. */
function bestPathWithin(steps, shortest, longest, most = 32) {
  const mostLikely = steps[0].subarray(1).map((_, c) => Math.max(...steps.map((p) => p[c + 1]))), known = [0, ...descending(mostLikely).slice(0, most).map((c) => c + 1)], n = known.length;
  let best = Array.from({ length: longest + 1 }, (_, count) => Float64Array.from({ length: n }, (_, i) => (count === 0 && i === 0 ? 0 : -Infinity)));
  const came = [];
  for (const p of steps) {
    const from = [], now = best.map((row, count) => {
      const first = largest(row), source = Int16Array.from({ length: n }, (_, i) => i), out = row.slice();
      out[0] = row[first]; source[0] = first;
      if (count) {
        const before = best[count - 1], own = largest(before), second = largest(before.map((x, i) => (i === own ? -Infinity : x)));
        for (let i = 1; i < n; i++) { const previous = i === own ? second : own; if (before[previous] > row[i]) { out[i] = before[previous]; source[i] = -1 - previous; } }
      }
      from.push(source);
      return out.map((x, i) => x + Math.log(Math.max(p[known[i]], 1e-30)));
    });
    came.push(from);
    best = now;
  }
  const enough = best.slice(shortest).some((row) => row.some(Number.isFinite));
  let count = 0, place = 0, highest = -Infinity;
  best.forEach((row, c) => row.forEach((x, i) => { if (!(enough && c < shortest) && x > highest) { highest = x; count = c; place = i; } }));
  const out = [];
  for (let t = steps.length - 1; t >= 0; t--) {
    const source = came[t][count][place];
    if (source < 0) { out.unshift(known[place]); count--; place = -1 - source; } else place = source;
  }
  return out;
}

/** The strings of a beam that are long enough; where there are too few, the blank is made less likely. */
function longEnough(steps, shortest, longest, width) {
  const search = (some) => beam(some, longest, width).filter(({ string }) => string.length >= shortest);
  let found = search(steps);
  for (const blank of BLANKS) {
    if (found.length >= ALTERNATIVES) break;
    const more = search(steps.map((p) => { const out = p.slice(); out[0] *= blank; return out; }));
    if (more.length > found.length) found = more;
  }
  return found.length ? found : [{ string: bestPathWithin(steps, shortest, longest), weight: 1 }];
}

/** The likeliest strings with CTC, each with its probability, and the probabilities of the characters of the best. */
function readCtc(steps, shortest, longest, top) {
  const best = steps.map(largest), string = best.filter((c, t) => c && c !== best[t - 1]);
  if (string.length >= shortest && string.length <= longest) {
    const { chance, parts } = likelihood(steps, string);
    if (chance >= (top > 1 ? SURE : 0.5)) return { strings: [[string, chance]], parts };
  }
  const width = Math.max(top, 1, ALTERNATIVES) + 2, found = longEnough(steps, shortest, longest, Math.max(CTC_WIDTH, width));
  const weighed = descending(found.map(({ weight }) => weight)).slice(0, width).map((i) => ({ string: found[i].string, ...likelihood(steps, found[i].string) }));
  const order = descending(weighed.map(({ chance }) => chance)).slice(0, Math.max(top, 1));
  return { strings: order.map((i) => [weighed[i].string, weighed[i].chance]), parts: weighed[order[0]].parts };
}

/** The likeliest strings of independent places. */
function readFixed(steps, top) {
  const most = Math.min(Math.max(top, 1), steps[0].length);
  let found = [[[], 1]];
  for (const p of steps) {
    const best = descending(p).slice(0, most), longer = found.flatMap(([string, chance]) => best.map((c) => [[...string, c], chance * p[c]]));
    found = descending(longer.map(([, chance]) => chance)).slice(0, Math.max(top, 1)).map((i) => longer[i]);
  }
  return { strings: found, parts: steps.map((p) => p[largest(p)]) };
}

COLUMNS.characters = {
  read(column, output, top) {
    const known = charactersOf(column), ctc = Array.isArray(column.length), steps = stepsOf(output);
    const { strings, parts } = ctc ? readCtc(steps, ...column.length, top) : readFixed(steps, top);
    const said = strings.map(([string, chance]) => [string.map((c) => known[c - ctc]).join(""), Math.max(chance, 0)]);
    const characters = [...said[0][0]].map((c, i) => [c, round4(parts[i])]);
    return { value: said[0][0], confidence: said[0][1], top: said.slice(0, top), ...(characters.length ? { characters } : {}) };
  },
};
