"use strict";
// The graph computed by ONNX Runtime's own WebAssembly, which stands in the page (`hornbook export --to page --runtime DIR`).

const ORT_TYPES = { 1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 9: "bool", 11: "float64" };

async function openModel(bytes) {
  const script = URL.createObjectURL(new Blob([await unpacked("mjs")], { type: "text/javascript" }));
  Object.assign(ort.env.wasm, { numThreads: 1, wasmBinary: await unpacked("wasm"), wasmPaths: { mjs: script } });
  return { about: aboutOf(bytes), session: await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] }) };
}

async function compute(model, given) {
  const asked = { ...given }, rows = Object.values(given)[0].dims[0];
  (model.about.states ?? []).forEach((shape, i) => { asked[`hornbook.state_${i}`] = tensor([rows, ...shape]); });
  const ours = ({ dims, data, type }) => new ort.Tensor(ORT_TYPES[type], type === 7 ? BigInt64Array.from(data, BigInt) : data, dims);
  const found = await model.session.run(Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, ours(value)])));
  return Object.fromEntries(Object.entries(found).map(([name, { dims, data }]) => [name, { dims: [...dims], data }]));
}
