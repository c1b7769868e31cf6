"use strict";
// One of a few names, however it is spelled: `hornbook.columns.category`.

/** A name without what people write in one way or another: capitals, a point at the end, hyphens. */
function plainly(word) {
  const plain = word.normalize("NFKC").toLowerCase();
  return plain.replace(/(?<=\p{L})[-_](?=\p{L})/gu, " ").split(/\s+/).filter(Boolean).join(" ").replace(/\.+$/, "") || plain;
}

/** The place of each name that is the only one so written. */
function onlySpellings(names) {
  const found = new Map();
  names.forEach((name, i) => found.set(plainly(name), [...(found.get(plainly(name)) ?? []), i]));
  const letters = [...found.keys()].filter((word) => [...word].length === 1).length > 4;
  return new Map([...found].filter(([word, places]) => places.length === 1 && !(letters && [...word].length === 1)).map(([word, places]) => [word, places[0]]));
}

const asNumber = (word) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) ? Number(word) : NaN);
const wholeSaid = (x) => (Number.isInteger(x) && Math.abs(x) < 2 ** 53 ? String(x) : null);

/** How else a code or a truth value may be written: 1 for 1.0, true for True. */
function writtenOtherwise(word) {
  const plain = word.trim(), out = plain === word ? [] : [plain], x = asNumber(plain), lower = plain.toLowerCase();
  if (/[^\x00-\x7f]/.test(word)) out.push(...["NFC", "NFD"].map((form) => plain.normalize(form)).filter((w) => w !== plain));
  if (!Number.isNaN(x)) out.push(...(wholeSaid(x) !== null ? [wholeSaid(x), `${wholeSaid(x)}.0`] : [String(x)]).filter((w) => w !== plain));
  else if (lower === "true" || lower === "false") out.push(...[lower, lower[0].toUpperCase() + lower.slice(1), lower.toUpperCase()].filter((w) => w !== word));
  return out;
}

function named(column, word) {
  const names = column.names;
  if (!names) return word;
  const known = [word, ...writtenOtherwise(word)].find((w) => Object.hasOwn(names, w));
  return known === undefined ? word : names[known];
}

COLUMNS.category = {
  inCells: true,
  prepare(column, value, where) {
    const classes = column.classes, nowhere = column.other ? classes.length : -1;
    let word = value === null || Number.isNaN(value) ? null : String(value).trim();
    if (word !== null && column.decimal) {
      word = typeof value === "string" ? withPoint(word, column) : word;
      if (column.unit && !Number.isNaN(asNumber(word))) word = aroundUnit(column.unit, wholeSaid(asNumber(word)) ?? String(asNumber(word)));
    }
    word = word === null || (column.other && !word) ? null : named(column, word);
    const find = (w) => { const at = classes.indexOf(w); return at >= 0 ? at : classes.findIndex((c) => c.trim() === w); };
    let found = word === null ? -1 : [word, ...writtenOtherwise(word).map((w) => named(column, w))].map(find).find((at) => at >= 0) ?? -1;
    if (found < 0 && word !== null) found = onlySpellings(classes).get(plainly(word)) ?? -1;
    if (found < 0 && nowhere < 0) throw new Refused(`${where}: '${value}' is not one of the ${classes.length} classes`);
    return { array: tensor([1], [found < 0 ? nowhere : found], classes.length + Boolean(column.other) <= 256 ? 2 : 4) };
  },
  read(column, output, top) {
    let order = descending(output.data);
    if (column.threshold != null) { // the rarer of two classes is answered from another probability on than a half
      const { sought } = column, first = output.data[sought] >= Math.fround(column.threshold) ? sought : 1 - sought;
      order = [first, 1 - first];
    }
    const likely = order.slice(0, Math.max(top, 1)).map((i) => [column.classes[i], output.data[i]]);
    return { value: likely[0][0], confidence: likely[0][1], top: likely.slice(0, top) };
  },
};

function aroundUnit([before, after], text) {
  return `${text.startsWith("-") ? "-" : ""}${before}${text.replace(/^-/, "")}${after === "+" ? "" : after}`;
}
