"use strict";
// The page of a recognizer: what it takes is known from /about, and what it says from /predict.
const WORDS = {
  en: {
    lead: "Nothing that you give here is written down or kept.", model: "recognizer", token: "token", enter: "enter",
    draw: "Draw here", clear: "clear", choose: "choose a file", drop: "or drop or paste one here", camera: "camera",
    shoot: "take the photo", photo: "take a photo", record: "record", stop: "stop", text: "Type a text", ask: "ask",
    asked: "What was asked", csv: "save as CSV", zip: "save corrections", wrong: "Wrong? The right answer:",
    kept: "This list is in this page alone, and is gone when you close it.", input: "input", nothing: "no answer: too unsure",
    seen: "what the network was given", empty: "The answer stands here.", offline: "The server does not answer.",
    between: "between {0} and {1} in 95 of 100 cases", example: "an example", right: "right answer",
    alone: "Everything is computed in this page: nothing that you give leaves it.", opening: "It opens the recognizer and checks itself.",
    series: "the last {0} rows, the latest last; {1}", faces: "{0} faces; the list says what each is", face: "1 face", noface: "no face was found",
    nocamera: "The camera cannot be used here.", nomicrophone: "The microphone cannot be used here.",
  },
  zh: {
    lead: "你在这里给出的内容不会被记录或保存。", model: "识别器", token: "令牌", enter: "进入",
    draw: "在这里画", clear: "清除", choose: "选择文件", drop: "或拖放、粘贴到这里", camera: "摄像头",
    shoot: "拍照", photo: "拍一张照片", record: "录音", stop: "停止", text: "输入文字", ask: "识别",
    asked: "问过的内容", csv: "存为 CSV", zip: "保存更正", wrong: "不对？正确答案：",
    kept: "这个列表只在本页中，关闭后即消失。", input: "输入", nothing: "没有答案：把握不足",
    seen: "网络所看到的", empty: "答案显示在这里。", offline: "服务器没有响应。",
    between: "95% 的情况在 {0} 与 {1} 之间", example: "示例", right: "正确答案",
    alone: "一切都在本页中计算，你给出的内容不会离开这里。", opening: "正在打开识别器并自检。",
    series: "最近的 {0} 行，最新的在最后；{1}", faces: "{0} 张人脸；各自的答案见列表", face: "1 张人脸", noface: "没有找到人脸",
    nocamera: "这里无法使用摄像头。", nomicrophone: "这里无法使用麦克风。",
  },
};
const language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
const say = (word, ...parts) => parts.reduce((text, part, i) => text.replace(`{${i}}`, part), WORDS[language][word]);
document.documentElement.lang = language;
const by = (id) => document.getElementById(id);
for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);

/** Return an element with properties, and children or texts in it. */
function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.includes("-")) node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children);
  return node;
}

let token = new URLSearchParams(location.hash.slice(1)).get("token") || "";
let about = null, model = "", asking = 0;
/** What answers in this page itself, where there is no server (`hornbook export --to page`). */
const engine = typeof ALONE === "undefined" ? null : ALONE;
const past = [];

async function ask(path, options = {}) {
  const headers = { ...(options.headers || {}), ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(path, { ...options, headers }).catch(() => null);
  if (response === null) throw new Error(say("offline"));
  const said = await response.json().catch(() => ({}));
  if (response.status === 401) by("login").hidden = false;
  if (!response.ok) throw new Error(said.error || `HTTP ${response.status}`);
  return said;
}

async function start() {
  try {
    about = engine ? engine.about : await ask("/about");
  } catch (error) {
    return complain(error);
  }
  by("login").hidden = true;
  const names = Object.keys(about.models);
  by("choose").hidden = names.length < 2;
  by("model").replaceChildren(...names.map((name) => make("option", { value: name }, name)));
  show(names[0]);
  if (engine) opened();
}

/** Open the recognizer that is in the page; what is asked meanwhile waits for it. */
async function opened() {
  by("answer").replaceChildren(make("p", { className: "faint" }, say("opening")));
  const seen = by("answer").firstChild;
  await new Promise((done) => setTimeout(done)); // the page is drawn first
  await engine.ready().then(() => { if (seen.isConnected) seen.textContent = say("empty"); document.documentElement.dataset.ready = Math.round(performance.now()); }, complain);
}

/** Show what a recognizer takes. */
function show(name) {
  model = name;
  const known = about.models[name];
  by("recipe").textContent = known.recipe;
  by("title").textContent = name;
  document.title = `${name} · hornbook`;
  by("lead").textContent = say(engine ? "alone" : "lead");
  // Inputs that are read from the same value (words and letters of one text) are asked for once.
  const inputs = [...new Map(Object.entries(known.inputs).map(([key, kind]) => [kind.from ?? key, kind]))];
  const alone = inputs.length === 1 ? inputs[0][1] : null;
  const way = alone === null ? row : alone.medium === "picture" ? picture : alone.medium === "sound" ? sound : alone.text ? text : row;
  by("ask").replaceChildren(...way(Object.fromEntries(inputs)));
  by("answer").replaceChildren(make("p", { className: "faint" }, say("empty")));
}

// Ways to ask.

function picture() {
  const pad = make("canvas", { className: "pad", width: 420, height: 420, tabIndex: 0, "aria-label": say("draw") });
  const given = make("img", { className: "given", alt: "", hidden: true });
  const send = (blob, drawn = false) => predict(blob, blob.type || "application/octet-stream", blob, drawn);
  const take = (blob) => {
    given.src = URL.createObjectURL(blob);
    given.hidden = looksForFaces(); // which stand, with their boxes, in the answer
    send(blob);
  };
  drawing(pad, (blob) => send(blob, true));
  const file = make("input", { type: "file", accept: "image/*", hidden: true, onchange: () => file.files[0] && take(file.files[0]) });
  const phone = make("input", { type: "file", accept: "image/*", hidden: true, onchange: () => phone.files[0] && take(phone.files[0]) });
  phone.setAttribute("capture", "environment");
  const films = make("div");
  const drop = dropping(make("div", { className: "drop" },
    make("p", { className: "buttons" },
      make("button", { onclick: () => file.click() }, say("choose")),
      window.isSecureContext && navigator.mediaDevices
        ? make("button", { onclick: () => camera(films, take) }, say("camera"))
        : make("button", { onclick: () => phone.click() }, say("photo"))),
    make("p", { className: "faint" }, say("drop")), films, given, file, phone), take);
  const clear = make("button", { onclick: () => { wipe(pad); given.hidden = true; } }, say("clear"));
  if (looksForFaces()) return [drop];
  return [make("p", { className: "target" }, say("draw")), pad, make("p", { className: "buttons" }, clear), drop];
}

function wipe(pad) {
  const pen = pad.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, pad.width, pad.height);
}

/** Let a canvas be drawn on: the pen is a fifteenth of its side, and the drawing is sent soon after each stroke's moves. */
function drawing(pad, send) {
  wipe(pad);
  const pen = pad.getContext("2d");
  let last = null, timer = 0, drawn = false;
  const place = (event) => {
    const box = pad.getBoundingClientRect();
    return [(event.clientX - box.left) * pad.width / box.width, (event.clientY - box.top) * pad.height / box.height];
  };
  const soon = () => {
    if (timer) return;
    timer = setTimeout(() => { timer = 0; pad.toBlob((blob) => send(blob), "image/png"); }, 150);
  };
  const line = (from, to) => {
    Object.assign(pen, { strokeStyle: "#111", lineWidth: pad.width / 15, lineCap: "round", lineJoin: "round" });
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
    drawn = true;
    soon();
  };
  pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); last = place(event); line(last, last); });
  pad.addEventListener("pointermove", (event) => {
    if (last === null) return;
    const parts = event.getCoalescedEvents?.() ?? [];
    for (const part of parts.length ? parts : [event]) { const to = place(part); line(last, to); last = to; }
  });
  for (const name of ["pointerup", "pointercancel"]) pad.addEventListener(name, () => { last = null; if (drawn) soon(); });
}

function dropping(node, take) {
  node.addEventListener("dragover", (event) => { event.preventDefault(); node.classList.add("over"); });
  node.addEventListener("dragleave", () => node.classList.remove("over"));
  node.addEventListener("drop", (event) => {
    event.preventDefault();
    node.classList.remove("over");
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  document.onpaste = (event) => { if (event.clipboardData.files[0]) take(event.clipboardData.files[0]); };
  return node;
}

/** Whether the recognizer looks for faces: then all of them are asked of a picture. */
const looksForFaces = () => !engine && Object.values(about.models[model].inputs).some((kind) => kind.faces);

async function camera(place, take) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return complain(new Error(say("nocamera")));
  }
  const film = make("video", { autoplay: true, muted: true, playsInline: true, srcObject: stream });
  const over = make("canvas", { className: "over" });
  const close = () => { stream.getTracks().forEach((track) => track.stop()); place.replaceChildren(); };
  const shoot = make("button", { onclick: () => {
    const still = make("canvas", { width: film.videoWidth, height: film.videoHeight });
    still.getContext("2d").drawImage(film, 0, 0);
    still.toBlob((blob) => { close(); take(blob); }, "image/png");
  } }, say("shoot"));
  if (looksForFaces()) following(film, over);
  place.replaceChildren(make("div", { className: "film" }, film, over), make("p", { className: "buttons" }, shoot, make("button", { onclick: close }, say("stop"))));
}

/** Draw the faces before a camera over its film, again and again as answers come, until it is gone. */
async function following(film, over) {
  await new Promise((done) => film.addEventListener("loadeddata", done, { once: true }));
  const scale = Math.min(1, 640 / film.videoWidth), still = make("canvas", { width: film.videoWidth * scale, height: film.videoHeight * scale });
  while (film.isConnected) {
    still.getContext("2d").drawImage(film, 0, 0, still.width, still.height);
    const blob = await new Promise((done) => still.toBlob(done, "image/jpeg", 0.85));
    const said = await asked(blob, "image/jpeg").catch(() => null);
    Object.assign(over, { width: still.width, height: still.height });
    for (const [i, face] of (said?.faces || []).entries()) boxed(over.getContext("2d"), face, i, over.width, saidOf(face));
    await new Promise((done) => setTimeout(done, said ? 60 : 1000));
  }
}

function sound() {
  const file = make("input", { type: "file", accept: "audio/*", hidden: true, onchange: () => file.files[0] && take(file.files[0]) });
  const player = make("audio", { controls: true, hidden: true });
  const take = (blob) => {
    player.src = URL.createObjectURL(blob);
    player.hidden = false;
    predict(blob, blob.type || "application/octet-stream", blob);
  };
  const button = make("button", { onclick: () => recording(button, take) }, say("record"));
  return [dropping(make("div", { className: "drop" },
    make("p", { className: "buttons" }, button, make("button", { onclick: () => file.click() }, say("choose"))),
    make("p", { className: "faint" }, say("drop")), player, file), take)];
}

/** Record until the button is pressed again; a WAV file of one channel and 16 bits comes of it. */
async function recording(button, take) {
  if (button.stop) return button.stop();
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    return complain(new Error(say("nomicrophone")));
  }
  const recorder = new MediaRecorder(stream), parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.onstop = async () => {
    stream.getTracks().forEach((track) => track.stop());
    const heard = await new AudioContext().decodeAudioData(await new Blob(parts).arrayBuffer());
    take(wav(heard));
  };
  button.stop = () => { recorder.stop(); button.stop = null; button.textContent = say("record"); };
  button.textContent = say("stop");
  recorder.start();
}

function wav(heard) {
  const count = heard.length, view = new DataView(new ArrayBuffer(44 + 2 * count));
  const word = (at, letters) => [...letters].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  word(0, "RIFF"); view.setUint32(4, 36 + 2 * count, true); word(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, heard.sampleRate, true); view.setUint32(28, 2 * heard.sampleRate, true);
  view.setUint16(32, 2, true); view.setUint16(34, 16, true); word(36, "data"); view.setUint32(40, 2 * count, true);
  const channels = Array.from({ length: heard.numberOfChannels }, (_, i) => heard.getChannelData(i));
  for (let i = 0; i < count; i++) {
    const mean = channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length;
    view.setInt16(44 + 2 * i, Math.max(-1, Math.min(1, mean)) * 32767, true);
  }
  return new Blob([view], { type: "audio/wav" });
}

function text() {
  const area = make("textarea", { "aria-label": say("text"), placeholder: say("text") });
  let timer = 0;
  const send = () => area.value.trim() && predict(area.value, "text/plain", area.value);
  area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(send, 400); });
  return [area, make("p", { className: "buttons" }, make("button", { onclick: send }, say("ask")))];
}

/** A form with a field for each input; it begins with an example. */
function row(inputs) {
  const fields = Object.entries(inputs).map(([name, kind]) => [name, kind, field(kind)]);
  const send = async () => {
    const values = {};
    for (const [name, kind, node] of fields) {
      values[name] = kind.medium ? await encoded(node.files[0]) : kind.rows ? windowOf(node.value) : node.value === "" ? null : node.value;
    }
    predict(JSON.stringify(values), "application/json", Object.values(values).map((v) => (v ?? "").toString().slice(0, 40)).join(", "));
  };
  const form = make("form", { onsubmit: (event) => { event.preventDefault(); send(); } },
    ...fields.map(([name, kind, node]) => make("label", { className: "field" }, make("span", {}, kind.unit ? `${name} (${kind.unit})` : name), node)),
    make("p", { className: "buttons" }, make("button", {}, say("ask"))));
  return [form];
}

/** The rows of numbers in a text, one a line, or one after the other where there is one column. */
const windowOf = (text) => {
  const rows = text.trim().split("\n").map((line) => line.trim().split(/[\s,;]+/).map(Number));
  return rows.length === 1 ? rows[0] : rows;
};

function field(kind) {
  if (kind.rows) return make("textarea", { placeholder: say("series", kind.rows, kind.columns.join(", ")), "aria-label": kind.columns.join(", ") });
  if (kind.medium) return make("input", { type: "file", accept: kind.medium === "picture" ? "image/*" : "audio/*" });
  if (kind.choices && kind.choices.length <= 300) {
    return make("select", {}, make("option", { value: "" }, ""), ...kind.choices.map((choice, i) => make("option", { value: choice, selected: i === 0 }, choice)));
  }
  return make("input", { type: "text", inputMode: kind.type === "number" ? "decimal" : "text", value: kind.example ?? "" });
}

const encoded = (file) => new Promise((done) => {
  if (!file) return done(null);
  const reader = new FileReader();
  reader.onload = () => done(reader.result);
  reader.readAsDataURL(file);
});

// Answers.

const asked = (body, type) => engine ? engine.predict(body, type) : ask(`/predict?top=5&seen=1${looksForFaces() ? "&faces=1" : ""}&model=${encodeURIComponent(model)}`, { method: "POST", body, headers: { "content-type": type } });

async function predict(body, type, input, drawn = false) {
  const number = ++asking;
  try {
    const said = await asked(body, type);
    if (number !== asking) return;  // a later one is under way
    answered(said, input, drawn);
  } catch (error) {
    if (number === asking) complain(error);
  }
}

function complain(error) {
  by("answer").replaceChildren(make("p", { className: "warn", role: "alert" }, error.message));
}

const share = (p) => (p > 0.9995 ? ">99.9 %" : `${(100 * p).toFixed(1)} %`);

/** What a prediction says, as a text. */
function spoken(said) {
  if (said.value === null || said.value === undefined) return say("nothing");
  if (said.said) return said.said;
  const value = typeof said.value === "number" && !Number.isInteger(said.value) ? Number(said.value.toPrecision(4)) : said.value;
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** What is said of a face, in one line. */
const saidOf = (face) => Object.values(face.answers || {}).map((one) => spoken(one) + (one.value === null || one.confidence === null || one.confidence === undefined ? "" : ` ${Math.round(100 * one.confidence)} %`)).join(", ");

const COLOURS = ["#ffb000", "#4aa3ff", "#ff5fa2", "#3ddc97", "#c58cff", "#ff7f50"];

/** Draw the box of a face into a picture: its number, and where there is place beside it what is said. */
function boxed(pen, { box: [left, top, width, height] }, i, side, text) {
  const line = Math.max(2, side / 300), size = Math.max(12, Math.round(side / 40)), label = text ? `${i + 1} ${text}` : `${i + 1}`;
  Object.assign(pen, { lineWidth: line, strokeStyle: COLOURS[i % COLOURS.length], fillStyle: COLOURS[i % COLOURS.length], font: `600 ${size}px system-ui, sans-serif`, textBaseline: "top" });
  pen.strokeRect(left, top, width, height);
  const wide = pen.measureText(label).width + 0.6 * size, x = Math.max(0, Math.min(left - line / 2, pen.canvas.width - wide)), y = top > 1.3 * size ? top - 1.3 * size : Math.min(top + height, pen.canvas.height - 1.3 * size);
  pen.fillRect(x, y, wide, 1.3 * size);
  pen.fillStyle = "#111";
  pen.fillText(label, x + 0.3 * size, y + 0.15 * size);
}

/** A picture with a box for each face, and a list of them with what is said of each. */
function crowd({ faces, size: [width, height] }, input) {
  const scale = Math.min(1, 1200 / Math.max(width, height)), count = faces.length;
  const title = count === 0 ? say("noface") : count === 1 ? say("face") : say("faces", count);
  const canvas = make("canvas", { className: "crowd", width: Math.round(width * scale), height: Math.round(height * scale), role: "img", "aria-label": title }), pen = canvas.getContext("2d");
  let bitmap = null;
  const draw = (chosen = -1) => {
    if (bitmap === null) return;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    for (const [i, face] of faces.entries()) if (chosen < 0 || i === chosen) boxed(pen, { box: face.box.map((v) => v * scale) }, i, canvas.width, count === 1 || i === chosen ? saidOf(face) : "");
  };
  createImageBitmap(input, { imageOrientation: "from-image" }).then((found) => { bitmap = found; draw(); }, () => canvas.remove());
  const items = count < 2 ? [] : faces.map((face, i) => {
    const line = make("summary", {}, saidOf(face)), item = make("li", {}, make("details", {}, line, ...Object.entries(face.answers || {}).flatMap(([target, one]) => [make("p", { className: "target" }, target), ...bars(one)])));
    item.style.borderColor = COLOURS[i % COLOURS.length];
    for (const [node, name] of [[line, "focus"], [item, "mouseenter"]]) node.addEventListener(name, () => draw(i));
    for (const [node, name] of [[line, "blur"], [item, "mouseleave"]]) node.addEventListener(name, () => draw());
    return item;
  });
  return [canvas, make("p", { className: "faint" }, title), ...(items.length ? [make("ol", { className: "crowd" }, ...items)] : [])];
}

/** The likeliest values of an answer, as bars. */
function bars(one) {
  return (one.top || []).map(([name, p]) => {
    const fill = make("div", { className: "fill" });
    fill.style.width = `${100 * p}%`;
    return make("div", { className: "bar" }, make("span", { className: "name" }, String(name)), make("div", { className: "track" }, fill), make("span", { className: "share" }, share(p)));
  });
}

const figure = (src, caption) => make("figure", {}, make("img", { src, alt: caption }), make("figcaption", {}, caption));

function answered(said, input, drawn) {
  const parts = [], targets = Object.keys(about.models[model].targets), isPicture = (target) => about.models[model].targets[target].medium === "picture", painted = targets.filter((target) => isPicture(target) && said[target].value);
  const seen = said.seen ? [figure(said.seen, say("seen"))] : [];
  const many = (said.faces || []).length > 1;
  if (said.faces && input instanceof Blob) parts.push(...crowd(said, input));
  // A picture that is an answer stands beside the one that it was made of.
  if (painted.length) parts.push(make("div", { className: "seen painted" }, ...seen, ...painted.map((target) => figure(said[target].value, target))));
  for (const target of many ? [] : targets.filter((name) => !painted.includes(name))) {
    const one = said[target];
    parts.push(make("p", { className: "target" }, target), make("p", { className: "value" }, spoken(one)));
    if (one.low !== undefined && one.low !== null) parts.push(make("p", { className: "faint" }, say("between", Number(one.low.toPrecision(4)), Number(one.high.toPrecision(4)))));
    parts.push(...bars(one));
  }
  for (const remark of many ? [] : said.remarks || []) parts.push(make("p", { className: "warn" }, remark));
  if (!painted.length && !many) parts.push(make("div", { className: "seen" }, ...seen));
  const entry = { model, input, said, targets, drawn, at: Date.now(), right: {} };
  const last = past[0];
  // A drawing that goes on is one entry, until it has been corrected.
  if (last && last.drawn && drawn && entry.at - last.at < 3000 && !Object.values(last.right).some(Boolean)) past.shift();
  past.unshift(entry);
  for (const target of targets) if (!isPicture(target) && !many) parts.push(correction(entry, target));
  by("answer").replaceChildren(...parts);
  list();
}

function correction(entry, target) {
  const choices = about.models[entry.model].targets[target].choices;
  const set = (node) => () => { entry.right[target] = node.value; by("zip").hidden = !past.some((one) => Object.values(one.right).some(Boolean)); list(); };
  const node = choices && choices.length <= 300
    ? make("select", {}, make("option", { value: "" }, ""), ...choices.map((choice) => make("option", { value: choice }, choice)))
    : make("input", { type: "text" });
  node.addEventListener("change", set(node));
  return make("label", { className: "field" }, make("span", { className: "faint" }, say("wrong")), node);
}

/** The picture that is an answer, small; null where it is none. */
const painting = ({ model: name, said }, target) => (about.models[name].targets[target].medium === "picture" && said[target].value ? make("img", { src: said[target].value, alt: target }) : null);
const called = (entry) => (entry.input instanceof Blob ? entry.input.name || "drawing.png" : entry.input);

function list() {
  by("past").hidden = past.length === 0;
  by("heads").replaceChildren(make("th", {}, say("input")), ...(past[0]?.targets || []).map((target) => make("th", {}, target)), make("th", {}, say("right")));
  by("rows").replaceChildren(...past.slice(0, 50).map((entry) => make("tr", {},
    make("td", {}, entry.input instanceof Blob && entry.input.type.startsWith("image/") ? make("img", { src: entry.url ??= URL.createObjectURL(entry.input), alt: called(entry) }) : called(entry).slice(0, 80)),
    ...entry.targets.map((target) => make("td", {}, painting(entry, target) ?? spoken(entry.said[target]))),
    make("td", {}, Object.values(entry.right).filter(Boolean).join(", ")))));
}

function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
}

/** A cell of CSV; what a spreadsheet would take for a formula begins with a quote. */
const cell = (value) => {
  const said = String(value ?? "");
  return /^[=+\-@\t]/.test(said) && isNaN(said) ? `"'${said.replaceAll('"', '""')}"` : /[",\n]/.test(said) ? `"${said.replaceAll('"', '""')}"` : said;
};

by("csv").addEventListener("click", () => {
  const targets = [...new Set(past.flatMap((entry) => entry.targets))];
  const lines = [["input", ...targets.flatMap((target) => [target, `${target}_confidence`])]];
  for (const entry of [...past].reverse()) lines.push([called(entry), ...targets.flatMap((target) => [entry.said[target]?.value, entry.said[target]?.confidence])]);
  save(new Blob([lines.map((line) => line.map(cell).join(",")).join("\n") + "\n"], { type: "text/csv" }), "answers.csv");
});

by("zip").addEventListener("click", async () => {
  const files = [], lines = [["file", ...past[0].targets]];
  for (const [i, entry] of past.entries()) {
    if (!Object.values(entry.right).some(Boolean)) continue;
    const ending = entry.input instanceof Blob ? (entry.input.name?.split(".").pop() || entry.input.type.split("/")[1] || "png") : "txt";
    const name = `${String(i + 1).padStart(4, "0")}.${ending}`;
    files.push([name, new Uint8Array(await (entry.input instanceof Blob ? entry.input : new Blob([entry.input])).arrayBuffer())]);
    lines.push([name, ...entry.targets.map((target) => entry.right[target] || entry.said[target].value)]);
  }
  files.push(["labels.csv", new TextEncoder().encode(lines.map((line) => line.map(cell).join(",")).join("\n") + "\n")]);
  save(zip(files), "corrections.zip");
});

/** Return files as a zip archive, stored as they are (APPNOTE.TXT 6.3, no compression). */
function zip(files) {
  const table = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });
  const crc = (bytes) => { let c = 0xffffffff; for (const b of bytes) c = table[(c ^ b) & 255] ^ (c >>> 8); return (c ^ 0xffffffff) >>> 0; };
  const parts = [], entries = [];
  let at = 0;
  for (const [name, bytes] of files) {
    const title = new TextEncoder().encode(name), sum = crc(bytes);
    const head = (size, sign) => { const view = new DataView(new ArrayBuffer(size)); view.setUint32(0, sign, true); return view; };
    const common = (view, from) => {
      view.setUint16(from, 20, true); view.setUint16(from + 2, 0x800, true); view.setUint16(from + 8, 0x21, true);
      view.setUint32(from + 10, sum, true); view.setUint32(from + 14, bytes.length, true); view.setUint32(from + 18, bytes.length, true);
      view.setUint16(from + 22, title.length, true);
    };
    const local = head(30, 0x04034b50), central = head(46, 0x02014b50);
    common(local, 4);
    central.setUint16(4, 20, true);
    common(central, 6);
    central.setUint32(42, at, true);
    parts.push(local, title, bytes);
    entries.push(central, title);
    at += 30 + title.length + bytes.length;
  }
  const size = entries.reduce((sum, part) => sum + part.byteLength, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true); end.setUint16(8, files.length, true); end.setUint16(10, files.length, true);
  end.setUint32(12, size, true); end.setUint32(16, at, true);
  return new Blob([...parts, ...entries, end], { type: "application/zip" });
}

by("model").addEventListener("change", () => show(by("model").value));
by("login").addEventListener("submit", (event) => { event.preventDefault(); token = by("token").value; start(); });
start();
