"use strict";
// Several names at once, as an answer: `hornbook.columns.tags`.

COLUMNS.tags = {
  inCells: true,
  read(column, output, top) {
    const p = output.data, least = column.thresholds ?? column.tags.map(() => 0.5), given = column.tags.map((_, i) => p[i] >= least[i]);
    const confidence = given.reduce((all, on, i) => all * (on ? p[i] : 1 - p[i]), 1);
    return { value: column.tags.filter((_, i) => given[i]), confidence, top: descending(p).slice(0, top).map((i) => [column.tags[i], p[i]]) };
  },
};
