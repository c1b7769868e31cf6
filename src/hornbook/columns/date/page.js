"use strict";
// Dates: taken apart by the pattern of their form, which stands in `column.page`; `hornbook.columns.date.written.read`.

const DAYS_OF = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DATE_SCALES = { excel: 86400, unix: 1, "unix ms": 1e-3, "unix us": 1e-6, "unix ns": 1e-9 };
const isLeap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Days from 1970 to a date of the calendar. */
function civilDays(year, month, day) {
  const y = year - (month <= 2 ? 1 : 0), era = Math.floor(y / 400), ofEra = y - era * 400, ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719468;
}

/** What the clock shows at a moment that is written in a form: seconds since 1970, and the zone's minutes; null where it is not in the form. */
function momentOf(text, [pattern, parts], months, firstYear) {
  const found = new RegExp(pattern, "iu").exec(text);
  if (!found) return null;
  const part = Object.fromEntries(parts.map((name, i) => [name, found[i + 1]])), number = (name, otherwise) => (part[name] === undefined ? otherwise : Number(part[name]));
  const year = part.year === undefined ? firstYear + ((number("short", 0) - firstYear) % 100 + 100) % 100 : number("year", 1970), day = number("day", 1);
  let month = "name" in part ? months[part.name.toLowerCase()] ?? 0 : number("month", 1);
  if ("quarter" in part) month = 3 * number("quarter", 1) - 2;
  if (month < 1 || month > 12 || year < 1 || day < 1 || day > DAYS_OF[month] + (month === 2 && isLeap(year) ? 1 : 0)) return null;
  let days = civilDays(year, month, day);
  if ("week" in part) {
    const week = number("week", 1), fourth = civilDays(year, 1, 4);
    if (week < 1 || week > 53) return null;
    days = fourth - ((fourth + 3) % 7 + 7) % 7 + 7 * (week - 1);
  }
  if ("ordinal" in part) {
    const ordinal = number("ordinal", 1);
    if (ordinal < 1 || ordinal > 365 + isLeap(year)) return null;
    days = civilDays(year, 1, 1) + ordinal - 1;
  }
  if (part.hour === undefined) return { seconds: days * 86400, zone: null };
  let hour = number("hour", 0);
  const minute = number("minute", 0), second = number("second", 0), micro = Number((part.fraction ?? "0").padEnd(9, "0").slice(0, 6));
  if (part.half) {
    if (hour < 1 || hour > 12) return null;
    hour = hour % 12 + (part.half.toLowerCase() === "p" ? 12 : 0);
  }
  if (minute > 59 || second > 60 || !(hour < 24 || (hour === 24 && !minute && !second && !micro))) return null;
  const seconds = (days * 86400 + (hour * 60 + minute) * 60 + second) + micro / 1e6;
  if (!part.zone) return { seconds, zone: null };
  const said = part.zone.replace(/utc|gmt|:/gi, ""), ahead = Number(said.slice(1, 3)) || 0, more = Number(said.slice(3, 5)) || 0;
  return ahead > 23 || more > 59 ? null : { seconds, zone: (said.startsWith("-") ? -1 : 1) * (60 * ahead + more) };
}

COLUMNS.date = {
  inCells: true,
  prepare(column, value, where) {
    const { form, iso, months, none, example } = column.page, text = value === null ? "" : String(value).trim(), zones = column.zones ?? [], seconds = (found) => tensor([1], [found], 11);
    if (none.includes(text.toLowerCase().replaceAll(" ", "-")) || /^0*[-/.]?0*[-/.]?0+( [0:]+)?$/.test(text)) return { array: seconds(NaN) };
    const scale = DATE_SCALES[column.form], number = Number(text);
    if (scale && text && Number.isFinite(number)) {
      const exact = column.form === "excel" ? even((number - 25569) * 86400e3) / 1e3 : even(number * scale * 1e6) / 1e6;
      return { array: seconds(Math.abs(exact) < 2.5e11 ? exact : NaN) };
    }
    const found = (form && momentOf(text, form, months, column.first_year ?? 1970)) ?? momentOf(text, iso, months, 1970);
    if (!found) throw new Refused(`${where}: '${text.slice(0, 40)}' is no date; write it as ${example}, as others are`);
    if (found.zone === null || zones.includes(found.zone)) return { array: seconds(found.seconds) };
    return { array: seconds(found.seconds - found.zone * 60 + (zones.length ? zones[0] * 60 : 0)) };
  },
};
