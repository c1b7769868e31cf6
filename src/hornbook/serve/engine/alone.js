"use strict";
// The recognizer of a page without a server: it opens its file, checks itself, and answers what /predict answers.

const WITHIN = 1e-3, NOVELTY_WITHIN = 0.02;

/** A part of the page, which loader.js unpacks. */
const unpacked = async (id) => new Uint8Array(await PARTS[id]);

/** Whether the answer to a made-up value is Python's. */
async function agrees(model, { value, outputs: theirs, said: wanted }, missing) {
  const { said, outputs } = await answerTo(model, await prepared(model, value, missing), 5);
  const near = (name) => theirs[name].every((x, i) => Math.abs(x - outputs[name].data[i]) <= (name === "hornbook.novelty" ? NOVELTY_WITHIN : WITHIN * Math.max(1, Math.abs(x))));
  const same = (name) => JSON.stringify(said[name].value) === JSON.stringify(wanted[name].value) || typeof said[name].value === "number" || typeof said[name].value === "object";
  return Object.keys(theirs).every((name) => theirs[name].length === outputs[name].data.length && near(name)) && Object.keys(model.about.targets).every(same);
}

/** A picture as an address that an <img> takes. */
function addressOf({ width, height, channels, pixels }) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height }), pen = canvas.getContext("2d"), image = pen.createImageData(width, height);
  for (let i = 0; i < width * height; i++) for (let k = 0; k < 4; k++) image.data[4 * i + k] = k === 3 ? 255 : pixels[i * channels + (channels === 3 ? k : 0)];
  pen.putImageData(image, 0, 0);
  return canvas.toDataURL("image/png");
}

/** A model whose columns know what is known of them beside its file. */
function withData(model, { columns }) {
  for (const part of [model.about.inputs, model.about.targets]) for (const [name, column] of Object.entries(part)) if (columns[name]) column.page = columns[name];
  return model;
}

/** Return what answers in place of a server. */
function recognizerOf(known) {
  let model = null, opening = null;
  const open = async () => {
    model = withData(await openModel(await unpacked("file")), known);
    for (const check of known.checks) {
      const right = await agrees(model, check, known.missing).catch((error) => { console.error(error); return false; });
      if (!right) throw new Refused("This browser does not compute as it should, so nothing is answered here: try another one.");
    }
  };
  return {
    about: known.about,
    ready: () => (opening ??= open()),
    async predict(body, type) {
      await this.ready();
      const { said } = await answerTo(model, await prepared(model, type === "application/json" ? JSON.parse(body) : body, known.missing), 5);
      for (const one of Object.values(said)) if (one.value?.pixels) one.value = addressOf(one.value);
      return said.seen ? { ...said, seen: addressOf(said.seen) } : said;
    },
  };
}
