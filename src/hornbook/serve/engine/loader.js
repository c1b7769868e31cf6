"use strict";
(async () => {
  const say = (text) => { document.getElementById("answer").textContent = text; };
  if (typeof DecompressionStream === "undefined") return say("This browser is too old for this page: try a newer one.");
  const bytes = Uint8Array.from(atob(document.getElementById("scripts").textContent.trim()), (c) => c.charCodeAt(0));
  const text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
  const src = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  document.body.append(Object.assign(document.createElement("script"), { src }));
})();
