"use strict";
// Texts as numbers of their tokens: `hornbook.columns.text`. Chinese words are jieba's, whose dictionary is not here.

const HAN = "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const OTHER = "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3040-\\u30ff\\u31f0-\\u31ff";
const MARKS = "\\u0300-\\u036f\\u0483-\\u0489\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0610-\\u061a\\u064b-\\u065f\\u0670"
  + "\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed\\u0711\\u0730-\\u074a\\u07a6-\\u07b0\\u0898-\\u08e1\\u08e3-\\u0903"
  + "\\u093a-\\u094f\\u0951-\\u0957\\u0962\\u0963\\u0981-\\u0983\\u09bc-\\u09d7\\u09e2\\u09e3\\u0a01-\\u0a03\\u0a3c-\\u0a51\\u0a70\\u0a71"
  + "\\u0a75\\u0a81-\\u0a83\\u0abc-\\u0acd\\u0ae2\\u0ae3\\u0afa-\\u0aff\\u0b01-\\u0b03\\u0b3c-\\u0b57\\u0b62\\u0b63\\u0b82"
  + "\\u0bbe-\\u0bcd\\u0bd7\\u0c00-\\u0c04\\u0c3c-\\u0c56\\u0c62\\u0c63\\u0c81-\\u0c83\\u0cbc-\\u0cd6\\u0ce2\\u0ce3\\u0d00-\\u0d03"
  + "\\u0d3b-\\u0d4d\\u0d57\\u0d62\\u0d63\\u0d81-\\u0d83\\u0dca-\\u0ddf\\u0df2\\u0df3\\u0f18-\\u0f19\\u0f35\\u0f37\\u0f39\\u0f71-\\u0f84"
  + "\\u0f86\\u0f87\\u0f8d-\\u0fbc\\u135d-\\u135f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u200c\\u200d\\u20d0-\\u20f0\\ufe20-\\ufe2f";
const LETTER = `(?:(?![${HAN}${OTHER}])[\\p{L}\\p{N}_])`, WORD = `${LETTER}+(?:[${MARKS}]+${LETTER}*)*`;
const BLANK = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const TOKEN = new RegExp(`[${HAN}${OTHER}]|${WORD}(?:['’]${WORD})*|[^\\p{L}\\p{N}_${BLANK}]`, "gu"), LEADING = new RegExp(`^[${BLANK}]+`, "u");

const LOOKED_AT = 64, PADDING = 0, UNKNOWN = 1, MARK = 2;

/** The numbers of a text's tokens, as many as are wanted; null where it holds nothing. */
function numbersOf(column, text, wanted) {
  const characters = column.chosen_tokenizer === "characters", whole = characters ? text : text.replace(LEADING, "");
  let said = [...whole].slice(0, LOOKED_AT * wanted).join("").replace(/\r\n?/g, "\n").normalize("NFC");
  said = column.lowercase ? said.toLowerCase() : said;
  const first = MARK + Boolean(column.marks) + Boolean(column.missing);
  column.places ??= new Map(column.known.map((token, i) => [token, i + first]));
  const tokens = characters ? [...said] : said.match(TOKEN) ?? [], found = tokens.slice(0, wanted).map((token) => column.places.get(token) ?? UNKNOWN);
  return found.length && said.replace(LEADING, "") ? found : null;
}

COLUMNS.text = {
  inCells: true,
  prepare(column, value, where) {
    const marks = Boolean(column.marks), first = MARK + marks + Boolean(column.missing), text = Array.isArray(value) ? value.filter(Boolean).join("\n") : value;
    const absent = text === null || (typeof text === "string" && !text.replace(LEADING, ""));
    const nothing = column.missing === null || column.missing === undefined ? null : [column.missing ? first - 1 : UNKNOWN];
    const found = absent && nothing ? nothing : absent ? null : numbersOf(column, String(text), column.longest - 2 * marks);
    if (!found) throw new Refused(`${where}: the text is empty; leave it out, or write something`);
    const numbers = marks ? [MARK, ...found, MARK] : found;
    return { array: tensor([1, numbers.length], numbers, first + column.known.length <= 32767 ? 5 : 6) };
  },
  read(column, output, top) {
    const first = MARK + Boolean(column.marks) + Boolean(column.missing), token = (i) => (i >= first ? column.known[i - first] : "");
    const likely = descending(output.data).slice(0, Math.max(top, 1)).map((i) => [token(i), output.data[i]]);
    return { value: likely[0][0], confidence: likely[0][1], top: likely.slice(0, top) };
  },
};
