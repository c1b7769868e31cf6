"use strict";
/** The parts of the page, unpacked: all of them at once, while the page is drawn. */
const PARTS = {};
(async () => {
  const say = (text) => { document.getElementById("answer").textContent = text; };
  if (typeof DecompressionStream === "undefined") return say("This browser is too old for this page: try a newer one.");
  const bytesIn = Uint8Array.fromBase64 ? (text) => Uint8Array.fromBase64(text) : (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const unpack = (text) => new Response(new Blob([bytesIn(text)]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
  for (const { id, textContent } of document.querySelectorAll("script[type='text/plain']")) PARTS[id] = unpack(textContent.trim());
  const src = URL.createObjectURL(new Blob([await PARTS.scripts], { type: "text/javascript" }));
  document.body.append(Object.assign(document.createElement("script"), { src }));
})();
