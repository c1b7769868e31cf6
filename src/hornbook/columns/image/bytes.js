"use strict";
// The bytes of a file that somebody gave.

const bytesOf = async (value) => {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === "string" && value.startsWith("data:")) return Uint8Array.from(atob(value.slice(value.indexOf(",") + 1)), (c) => c.charCodeAt(0));
  if (value && typeof value.arrayBuffer === "function") return new Uint8Array(await value.arrayBuffer());
  throw new Refused("a file is expected: choose one");
};

/** A picture of h x w, its channels last. */
const picture = (h, w, c = 1, d = new Uint8Array(h * w * c)) => ({ h, w, c, d });

/** A picture in colour as one channel, where its colours are all grey (looked at once, not three times); null where they are not. */
function greyAlone(h, w, d, step) {
  const out = new Uint8Array(h * w);
  for (let i = 0, j = 0; i < out.length; i++, j += step) {
    const v = d[j];
    if (d[j + 1] !== v || d[j + 2] !== v) return null;
    out[i] = v;
  }
  return { ...picture(h, w, 1, out), coloured: true };
}
