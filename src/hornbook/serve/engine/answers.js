"use strict";
// A recognizer in a page: from what a person gives to the JSON of `predict --json`, as hornbook's Python does it.
// Each kind of value registers in COLUMNS how it is prepared for the network, and how its answer is read.

const COLUMNS = {};
const UNLIKE = 0.98, UNLIKE_WORDS = "unlike the examples";

/** What is wrong with what a person gave, a sentence. */
class Refused extends Error {}

const isMissing = (value, words) => value === null || value === undefined || Number.isNaN(value) || (typeof value === "string" && (!value.trim() || words.includes(value.trim())));

/** Return a number to so many digits that count, as Python's format does with `g`; `commas` between thousands. */
function general(x, digits, commas = false) {
  if (!Number.isFinite(x) || x === 0) return String(x);
  const [part, power] = x.toExponential(digits - 1).split("e"), e = Number(power), bare = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (e < -4 || e >= digits) return `${bare(part)}e${power[0]}${power.slice(1).padStart(2, "0")}`;
  const said = bare(x.toFixed(digits - 1 - e));
  return commas ? grouped(said) : said;
}

const grouped = (text) => text.replace(/^(-?\d+)/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
const round4 = (p) => Math.round(p * 1e4) / 1e4;
const short7 = (x) => (Number.isFinite(x) ? Number(x.toPrecision(7)) : x);

/** Return places in the order of the values there, the largest first; of equal ones the first. */
const descending = (values) => Array.from(values, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);

/** Return the place of the largest value, of equal ones the first. */
const largest = (list) => list.reduce((best, x, i) => (x > list[best] ? i : best), 0);

/** Return the network's inputs for one value, a row by the names of its columns or the value of the one input, and what there is to remark. */
async function prepared(model, value, missing) {
  const inputs = Object.entries(model.about.inputs), given = {}, remarks = [];
  const named = value !== null && typeof value === "object" && !Array.isArray(value) && !ArrayBuffer.isView(value) && !(typeof Blob !== "undefined" && value instanceof Blob) && !value.pixels;
  if (!named && new Set(inputs.map(([name, column]) => column.from ?? name)).size > 1) throw new Refused(`this recognizer has several inputs: give ${inputs.map(([name]) => name).join(", ")}`);
  let seen = null;
  for (const [name, column] of inputs) {
    const key = !named || Object.hasOwn(value, name) || !column.from ? name : column.from;
    if (named && !Object.hasOwn(value, key)) throw new Refused(`the row: has no '${key}'`);
    const kind = COLUMNS[column.type], where = inputs.length === 1 ? "the input" : `column '${key}'`;
    let cell = named ? value[key] : value;
    if (named && kind.inCells && isMissing(cell, missing)) cell = null;
    const found = await kind.prepare(column, cell, where);
    given[name] = found.array;
    remarks.push(...(found.remarks ?? []));
    seen ??= found.seen ?? null;
  }
  return { given: model.about.in_one === true ? laidTogether(inputs, given) : given, remarks, seen };
}

/** The numbers of a wide table are one input of the graph: `hornbook.recognizer.signature.laid_together`. */
function laidTogether(inputs, given) {
  const numbers = inputs.filter(([, column]) => column.type === "number").map(([name]) => name), rest = { ...given };
  const type = Math.max(...numbers.map((name) => given[name].type));
  const data = numbers.map((name) => { delete rest[name]; return given[name].data[0]; });
  return { ...rest, "hornbook.numbers": tensor([1, data.length], data, type) };
}

/** Return the answer to what was prepared. */
async function answerTo(model, { given, remarks, seen }, top = 3) {
  const outputs = await compute(model, given), said = { input: "" };
  for (const out of Object.values(outputs)) if (!out.data.every(Number.isFinite)) throw new Refused("the recognizer gives answers that are no numbers: train or export it again");
  const novelty = model.about.novelty === true ? outputs["hornbook.novelty"].data[0] : null;
  if (novelty !== null) said.novelty = round4(novelty);
  for (const [name, column] of Object.entries(model.about.targets)) {
    const found = COLUMNS[column.type].read(column, outputs[name], top);
    said[name] = { ...found, confidence: found.confidence === null ? null : round4(found.confidence), top: found.top.map(([value, p]) => [value, round4(p)]) };
  }
  const every = novelty !== null && novelty >= UNLIKE ? [...remarks, UNLIKE_WORDS] : remarks;
  if (every.length) said.remarks = every;
  if (seen) said.seen = seen;
  return { said, outputs };
}
