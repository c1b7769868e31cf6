"use strict";
// Reads an ONNX file (protobuf, https://protobuf.dev/programming-guides/encoding; fields of onnx.proto3).
// A tensor is {dims, data, type}; numbers of 64 bits stand in a Float64Array, which is exact up to 2^53.

const KINDS = { 1: Float32Array, 2: Uint8Array, 3: Int8Array, 4: Uint16Array, 5: Int16Array, 6: Int32Array, 7: Float64Array, 9: Uint8Array, 11: Float64Array };

/** The nearest whole number, the even one of two. */
const even = (x) => { const down = Math.floor(x), rest = x - down; return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1; };

const product = (dims) => dims.reduce((a, b) => a * b, 1);

/** Return a tensor of a type of ONNX's (1 float32, 7 int64, 9 bool, ...); zeros where no data is given. */
function tensor(dims, data, type = 1) {
  const Kind = KINDS[type];
  if (!Kind) throw new Error(`numbers of the type ${type} are not computed here`);
  return { dims, type, data: data instanceof Kind ? data : data ? Kind.from(data) : new Kind(product(dims)) };
}

/** Call `see(field, value)` for each field of a message: a number, or the bytes of what has a length. */
function fields(bytes, see) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const whole = () => {
    let low = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      low |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, low));
      if (shift > 63n || at >= bytes.length) throw new Error("the file is damaged");
    }
  };
  while (at < bytes.length) {
    const key = whole(), field = Math.floor(key / 8), kind = key & 7;
    if (kind === 0) see(field, whole());
    else if (kind === 5) { see(field, view.getFloat32(at, true)); at += 4; }
    else if (kind === 1) { see(field, view.getFloat64(at, true)); at += 8; }
    else if (kind === 2) {
      const length = whole();
      if (at + length > bytes.length) throw new Error("the file is damaged");
      see(field, bytes.subarray(at, at + length));
      at += length;
    } else throw new Error("the file is damaged");
  }
}

/** Add to a list one number, or many that are packed. */
function many(list, value, read) {
  if (typeof value === "number") list.push(value);
  else read(value, list);
}

const wholes = (bytes, list) => {
  // Packed wholes are fields without keys: each is given one.
  let start = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] < 128) { fields(Uint8Array.of(8, ...bytes.subarray(start, i + 1)), (_, v) => list.push(v)); start = i + 1; }
  }
};
const floats = (bytes, list) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < bytes.length; i += 4) list.push(view.getFloat32(i, true));
};
const spoken = (bytes) => new TextDecoder().decode(bytes);

function readTensor(bytes) {
  const dims = [], held = [];
  let type = 1, raw = null, name = "";
  fields(bytes, (field, value) => {
    if (field === 1) many(dims, value, wholes);
    else if (field === 2) type = value;
    else if (field === 4) many(held, value, floats);
    else if (field === 5 || field === 7) many(held, value, wholes);
    else if (field === 8) name = spoken(value);
    else if (field === 9) raw = value;
    else if (field === 13 || field === 14) throw new Error("weights outside the file are not read");
  });
  if (raw === null) return { name, value: tensor(dims, held, type) };
  const copy = raw.slice().buffer;
  return { name, value: tensor(dims, type === 7 ? Float64Array.from(new BigInt64Array(copy), Number) : new KINDS[type](copy), type) };
}

function readAttribute(bytes) {
  let name = "", value = null;
  const ints = [], reals = [], strings = [];
  fields(bytes, (field, found) => {
    if (field === 1) name = spoken(found);
    else if (field === 2 || field === 3) value = found;
    else if (field === 4) value = spoken(found);
    else if (field === 5) value = readTensor(found).value;
    else if (field === 7) many(reals, found, floats);
    else if (field === 8) many(ints, found, wholes);
    else if (field === 9) strings.push(spoken(found));
  });
  return [name, value ?? (strings.length ? strings : reals.length ? reals : ints)];
}

/** Return the description that hornbook has put into an ONNX file. */
function aboutOf(bytes) {
  let about = {};
  fields(bytes, (field, value) => {
    if (field !== 14) return;
    const entry = {};
    fields(value, (part, found) => { entry[part] = spoken(found); });
    if (entry[1] === "hornbook") about = JSON.parse(entry[2]);
  });
  return about;
}

/** Return the nodes, weights, inputs, outputs and description of an ONNX file. */
function readModel(bytes) {
  const model = { nodes: [], weights: new Map(), inputs: [], outputs: [], about: aboutOf(bytes) };
  const named = (found) => { let name = ""; fields(found, (field, value) => { if (field === 1) name = spoken(value); }); return name; };
  const graph = (field, value) => {
    if (field === 1) {
      const node = { inputs: [], outputs: [], operator: "", options: {} };
      fields(value, (part, found) => {
        if (part === 1) node.inputs.push(spoken(found));
        else if (part === 2) node.outputs.push(spoken(found));
        else if (part === 4) node.operator = spoken(found);
        else if (part === 5) { const [name, held] = readAttribute(found); node.options[name] = held; }
      });
      model.nodes.push(node);
    } else if (field === 5) { const { name, value: held } = readTensor(value); model.weights.set(name, held); }
    else if (field === 11) model.inputs.push(named(value));
    else if (field === 12) model.outputs.push(named(value));
  };
  fields(bytes, (field, value) => { if (field === 7) fields(value, graph); });
  return model;
}
