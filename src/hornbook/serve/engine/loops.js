"use strict";
// loops.wat, compiled: the innermost loops by vectors; null in a browser that has none, where JavaScript does the same more slowly.

const LOOPS = (() => {
  try {
    const code = "AGFzbQEAAAABEAJgAn9/AGAHf39/f39/fwADBAMAAAEFAwEAEAcjBAZtZW1vcnkCAARtb3N0AAAFbGVhc3QAAQdwcm9kdWN0AAIKrQQDKgEBfwNAIAIgAv0ABAAgAiAAav0ABAD9ef0LBAAgAkEQaiICIAFJDQALCyoBAX8DQCACIAL9AAQAIAIgAGr9AAQA/Xf9CwQAIAJBEGoiAiABSQ0ACwvUAwIJfwt7IARBAXQhDCAMIARqIQ0gBkEBdCEOIA4gBmohDwNAQQAhBwNAIAIgB2ohCyAL/QAEACETIAv9AAQQIRQgCyAGav0ABAAhFSALIAZq/QAEECEWIAsgDmr9AAQAIRcgCyAOav0ABBAhGCALIA9q/QAEACEZIAsgD2r9AAQQIRogASAHaiEJIAAhCCAAIARqIQoDQCAJ/QAEACERIAn9AAQQIRIgCSAFaiEJIAj9CQIAIRAgEyAQIBH95gH95AEhEyAUIBAgEv3mAf3kASEUIAggBGr9CQIAIRAgFSAQIBH95gH95AEhFSAWIBAgEv3mAf3kASEWIAggDGr9CQIAIRAgFyAQIBH95gH95AEhFyAYIBAgEv3mAf3kASEYIAggDWr9CQIAIRAgGSAQIBH95gH95AEhGSAaIBAgEv3mAf3kASEaIAhBBGoiCCAKSQ0ACyALIBP9CwQAIAsgFP0LBBAgCyAGaiAV/QsEACALIAZqIBb9CwQQIAsgDmogF/0LBAAgCyAOaiAY/QsEECALIA9qIBn9CwQAIAsgD2ogGv0LBBAgB0EgaiIHIAZJDQALIAAgBEECdGohACACIAZBAnRqIQIgA0EEayIDQQBKDQALCw==";
    return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(atob(code), (letter) => letter.charCodeAt(0)))).exports;
  } catch {
    return null;
  }
})();

/** The memory of the loops, with room for so many bytes. */
function roomFor(bytes) {
  const lack = bytes - LOOPS.memory.buffer.byteLength;
  if (lack > 0) LOOPS.memory.grow(Math.ceil(lack / 65536));
  return LOOPS.memory.buffer;
}

/** Add to `c` (m x n) the product of `a` (m x k) and `b` (k x n), from offsets. */
function productByVectors(a, b, c, m, k, n, oa, ob, oc) {
  const wide = Math.ceil(n / 8) * 8, rows = Math.ceil(m / 4) * 4, atB = rows * k, atC = atB + k * n + 8, memory = new Float32Array(roomFor(4 * (atC + rows * wide)));
  memory.set(a.subarray(oa, oa + m * k));
  memory.set(b.subarray(ob, ob + k * n), atB);
  for (let i = 0; i < m; i++) memory.set(c.subarray(oc + i * n, oc + (i + 1) * n), atC + i * wide);
  LOOPS.product(0, 4 * atB, 4 * atC, m, 4 * k, 4 * n, 4 * wide);
  for (let i = 0; i < m; i++) c.set(memory.subarray(atC + i * wide, atC + i * wide + n), oc + i * n);
}
