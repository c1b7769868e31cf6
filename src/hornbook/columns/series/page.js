"use strict";
// A window of a series, and what comes after it: `hornbook.columns.series`.

COLUMNS.series = {
  prepare(column, value, where) {
    const rows = column.length ?? 30, wide = (column.columns ?? [0]).length;
    const found = (Array.isArray(value) ? value : []).map((row) => (Array.isArray(row) ? row : [row]).map(Number));
    if (found.length < rows || found.some((row) => row.length !== wide)) throw new Refused(`${where}: a window has ${rows} rows of ${wide} numbers, and this has ${found.length}`);
    const kept = Float32Array.from(found.slice(-rows).flat());
    if (!kept.every(Number.isFinite)) throw new Refused(`${where}: holds a number that is missing or infinite; fill it in`);
    const least = kept.reduce((a, b) => Math.min(a, b), Infinity);
    if (column.log && least <= 0) throw new Refused(`${where}: holds ${least}, which has no logarithm; leave log = true out`);
    return { array: tensor([1, rows, wide], kept) };
  },
  read(column, output) {
    const values = Array.from(output.data, short7), ends = (side) => values.map((_, i) => {
      const by = side * column.margin[i] * column.std[i], x = output.data[i];
      return short7(column.log ? x * Math.exp(by) : x + by);
    });
    const [low, high] = column.margin ? [ends(-1), ends(1)] : [null, null];
    const said = { value: values.length > 1 ? values : values[0], confidence: null, top: [] };
    if (low && values.length === 1) said.interval = [low[0], high[0]];
    if (column.unit && values.length === 1) said.said = sayUnit(column.unit, values[0]);
    return { ...said, steps: values.map((value, i) => (low ? { value, low: low[i], high: high[i] } : { value })) };
  },
};
