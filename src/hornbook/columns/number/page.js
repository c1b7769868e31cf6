"use strict";
// Numbers as people write them: `hornbook.columns.number.written` says why, and what each part is for.

const POWER = "([eE][+-]?[0-9]+)?$";
const PLAINLY = {
  bare: new RegExp(`^[+-]?[0-9.,]+${POWER}`), point: new RegExp(`^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)${POWER}`), comma: new RegExp(`^[+-]?([0-9]+,[0-9]*|,[0-9]+)${POWER}`),
  ",": new RegExp(`^[+-]?[1-9][0-9]{0,2}(,[0-9]{2})*(,[0-9]{3})+(\\.[0-9]*)?${POWER}`), ".": new RegExp(`^[+-]?[1-9][0-9]{0,2}(\\.[0-9]{3})+(,[0-9]*)?${POWER}`),
};
const NOTHING = ["", "", ""], LONGEST_NUMBER = 400, LONGEST_CELL = 80;
const NO_NUMBERS = new Set(["", "?", "na", "n/a", "#n/a", "null", "nan", "-nan", "none", "-", "--", "–", "—"]);
const SCALES = {
  k: 3, thousand: 3, tsd: 3, 千: 3, m: 6, mn: 6, mln: 6, mio: 6, million: 6, b: 9, bn: 9, mrd: 9, billion: 9, t: 12, tn: 12, trillion: 12,
  万: 4, 萬: 4, 亿: 8, 億: 8, lakh: 5, lac: 5, crore: 7,
};
const SIGNS = "$€£¥￥₹₽₩₺₫฿₴₦₱₪₡₵₸₼₾₿＄";
const CODES = "USD|EUR|GBP|JPY|CNY|RMB|CHF|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RUB|BRL|MXN|KRW|TRY|ZAR|SGD|HKD|TWD|THB|IDR|MYR|PHP|VND|NGN|KES|EGP|AED|SAR|ILS|Rs|RS|Kr|kr|Fr|RM|Rp";
const SAME = { usd: "$", us$: "$", dollar: "$", eur: "€", euro: "€", gbp: "£", cny: "¥", rmb: "¥", jpy: "¥", "cn¥": "¥", 元: "¥", 圆: "¥", 円: "¥", 人民币: "¥", yuan: "¥", yen: "¥" };
const GAPS = " \u00a0\u2007\u2009\u202f'’";
const CELL = new RegExp(
  `^(\\()?\\s*([+−-]?)\\s*((?:[A-Z]{1,3})?[${SIGNS}]\\s*|(?:${CODES})\\.?\\s*)?([+−(-]?)\\s*((?:[0-9](?:[0-9.,${GAPS}]*[0-9])?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?)`
  + "(\\s*(?:\\+|[cdkm]?m\\^?[23]|(?:ft|in|yd)\\^?[23]|/?[^\\s0-9.,+()'’\\-–—:;/\\\\#&*_=<>\"?!|~@\\[\\]{}][^0-9()\\n]{0,15}))?\\s*([)-])?$", "u");
const DASH = new RegExp(`^\\s*(?:(?:[A-Z]{1,3})?[${SIGNS}]|${CODES})\\s*[-–—]\\s*$`, "u");
const GAPPED = new RegExp(`^[1-9][0-9]{0,2}(?:[${GAPS}][0-9]{3})+(?:[.,][0-9]*)?(?:[eE][+-]?[0-9]+)?$`, "u"), GAP = new RegExp(`[${GAPS}]`, "gu");

const withoutS = (word) => (word.endsWith("s") ? word.slice(0, -1) : word);
const scaleOf = (word) => SCALES[withoutS(word.trim().replace(/\.+$/, "").toLowerCase())];

/** What units of one meaning have in common: `Years` and `year`, `USD` and `$`, `m²` and `m2`. */
function unitKey(unit) {
  const plain = unit.normalize("NFKC").toLowerCase().replace(/[\s^]/g, "").replace(/\.+$/, ""), own = plain.length > 2 ? withoutS(plain) : plain;
  return Object.hasOwn(SAME, own) ? SAME[own] : own;
}

/** The power that what stands behind a number gives it, `e6`; null where it is another unit. */
function behind(after, unit) {
  const known = ["", unitKey(unit[0]), unitKey(unit[1])];
  if (known.includes(unitKey(after))) return "";
  const found = unit[2] ? new RegExp(`^(\\s*)(\\p{L}+\\.?)(?:(\\s+\\S.*|[${SIGNS}].*))?$`, "u").exec(after) : null;
  if (!found) return null;
  const [, , word, rest = ""] = found, first = [...word][0];
  const split = scaleOf(word) !== undefined ? [word, rest] : Object.hasOwn(SCALES, first) && first > "\x7f" ? [first, word.slice(first.length) + rest] : null;
  return split && known.includes(unitKey(split[1])) ? `e${scaleOf(split[0])}` : null;
}

/** A number without what stands around it; other texts as they are. */
function bare(text, unit) {
  const found = text && text.length <= LONGEST_CELL ? CELL.exec(text) : null;
  if (!found) return text;
  let [opened, sign, before, inner, number, after, closed] = found.slice(1).map((part) => part ?? "");
  const power = behind(after, unit);
  if (power === null || !["", unitKey(unit[0])].includes(unitKey(before)) && unitKey(before) !== unitKey(unit[1])) return text;
  if (closed === "-") {
    if (opened || sign || inner || !/[.,]/.test(number)) return text;
  } else if (Boolean(closed) !== (Boolean(opened) || inner === "(") || (sign && inner) || (opened && inner === "(")) return text;
  if (number.search(GAP) >= 0) {
    if (!GAPPED.test(number)) return text;
    number = number.replace(GAP, "");
  }
  if (power && /e/i.test(number)) return text;
  const minus = closed || ["-", "−"].includes(sign) || ["-", "−"].includes(inner);
  return `${minus ? "-" : ""}${number}${power}`;
}

/** A number with a decimal point and nothing between its thousands; another text as it is. */
function withPoint(text, column) {
  const unit = column.unit ?? NOTHING, groups = column.thousands || ((column.decimal ?? ".") === "." ? "," : ".");
  if (!PLAINLY.bare.test(text)) text = bare(text, unit);
  for (const mark of [groups, ",", "."]) {
    if (text.includes(mark) && PLAINLY[mark].test(text) && (mark === groups || !(PLAINLY.point.test(text) || PLAINLY.comma.test(text)))) return text.replaceAll(mark, "").replaceAll(",", ".");
  }
  return text.includes(",") && PLAINLY.comma.test(text) ? text.replaceAll(",", ".") : text;
}

/** The number in a cell, NaN where there is none; null where it is no number. */
function numberIn(value, column) {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  let text = String(value).trim();
  if (NO_NUMBERS.has(text.toLowerCase()) || DASH.test(text.slice(0, LONGEST_NUMBER))) return NaN;
  // In a file of an older hornbook it is not known how numbers were written: with points, then.
  if (text.length <= LONGEST_NUMBER) text = withPoint(text, column);
  return text.length <= LONGEST_NUMBER && PLAINLY.point.test(text) ? Number(text) : null;
}

/** A number with its unit, with six digits that count. */
function sayUnit([before, after, scale], number) {
  const words = scale.split("|").filter(Boolean).map((word) => [10 ** scaleOf(word), word]), fitting = words.filter(([size]) => size <= Math.abs(number));
  const [size, word] = fitting.length ? fitting.reduce((a, b) => (a[0] > b[0] ? a : b)) : words.length && number ? words[0] : [1, ""];
  number /= size;
  const money = !word && [unitKey(before), unitKey(after)].some((key) => ["$", "€", "£"].includes(key)), large = Math.abs(number);
  const text = (money && large >= 0.01 && large < 1e15 ? grouped(number.toFixed(2)) : large >= 1e6 && large < 1e15 ? grouped(even(number).toFixed(0)) : general(number, 6, true)) + word;
  return `${text.startsWith("-") ? "-" : ""}${before}${text.replace(/^-/, "")}${after === "+" ? "" : after}`;
}

/** A number to the seven digits that float32 has. */
function rounded(x) {
  if (!x || !Number.isFinite(x)) return x;
  const power = Math.floor(Math.log10(Math.abs(x)));
  return Math.abs(6 - power) > 22 ? short7(x) : even(x * 10 ** (6 - power)) / 10 ** (6 - power);
}

COLUMNS.number = {
  inCells: true,
  prepare(column, value, where) {
    const gone = [...(column.na_values ?? []).filter((v) => typeof v === "string"), ...(column.words ?? [])].map((word) => word.trim().toLowerCase());
    const numbers = (column.na_values ?? []).map((v) => (typeof v === "string" ? numberIn(v, column) : v));
    let number = value === null || (typeof value === "string" && gone.includes(value.trim().toLowerCase())) ? NaN : numberIn(value, column);
    if (number === null && gone.includes("any")) number = NaN;
    if (number === null) throw new Refused(`${where}: '${String(value).slice(0, 40)}' is not a number; correct it there, or leave it empty`);
    if (!Number.isNaN(number) && Math.abs(number) > (column.wide ? Number.MAX_VALUE : 3.4028234663852886e38)) throw new Refused(`${where}: ${String(value).slice(0, 40)} is infinite or too large for a number; leave it empty, or correct it there`);
    if (numbers.includes(number)) number = NaN;
    const lowest = (column.limits ?? column.clip ?? [-Infinity])[0];
    if (column.log && number <= -1 && lowest <= -1) throw new Refused(`${where}: ${number} has no logarithm, and log = true is for numbers above -1; correct it, or leave out log`);
    return { array: tensor([1], [number], column.wide ? 11 : 1) };
  },
  read(column, output) {
    const number = output.data[0], shift = column.standardize ? column.mean ?? 0 : 0, scale = column.standardize ? column.std || 1 : 1;
    const within = (x) => (column.limits ? Math.min(Math.max(x, column.limits[0]), column.limits[1]) : x), said = { value: rounded(number), confidence: null, top: [] };
    if (column.margin !== null && column.margin !== undefined) {
      const z = ((column.log ? Math.log1p(Math.max(within(number), -1 + 1e-9)) : within(number)) - shift) / scale;
      said.interval = [-1, 1].map((side) => {
        const end = (z + side * column.margin) * scale + shift;
        return rounded(within(column.log ? Math.expm1(Math.min(end, 700)) : end));
      });
    }
    if (column.unit) said.said = sayUnit(column.unit, said.value);
    return said;
  },
};
