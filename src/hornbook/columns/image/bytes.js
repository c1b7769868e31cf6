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
