// The page: joins socket, sound and buttons into a telephone.
import { drawFigures, drawLink, drawMeters, drawText, byId, clock, pretty } from "./draw.js";
import { Line } from "./line.js";
import { keyTone, KEYS, Ringer } from "./ringer.js";
import { Sound } from "./sound.js";

const query = new URLSearchParams(location.search);
const TITLE = document.title;
const INSECURE =
  "The browser gives pages of this address no microphone and no sound: open it as http://localhost " +
  "or over https. Here it only rings and texts.";
const counters = { frames: 0, clearedAt: null, clearAskedAt: null };
const ringer = new Ringer();
let call = null; // { call, from, state: ringing | answering | calling | talking, since }
let muted = false;

function ownKey() {
  const fresh = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const key = sessionStorage.getItem("phone-key") ?? fresh();
  sessionStorage.setItem("phone-key", key);
  return key;
}

const line = new Line(ownKey(), query.get("number")?.replace(/^ ?\+?/, "+") ?? "", {
  state(name, why) {
    drawLink(name);
    if (name === "elsewhere") byId("state").textContent = "This phone is open in another page.";
    if (name === "refused") trouble(`${why} Open this page without “?number=” to get another one.`);
    if (name === "elsewhere" || name === "refused") over();
    byId("here").hidden = name !== "elsewhere";
  },
  welcome({ number, text_to, console, current, texts }) {
    drawLink("live");
    byId("number").textContent = pretty(number);
    byId("text-to").textContent = pretty(text_to);
    byId("copy").hidden = !navigator.clipboard;
    byId("dial").disabled = false;
    byId("console").hidden = !console;
    if (console) byId("console").href = `${console}/?to=${encodeURIComponent(number)}`;
    document.title = TITLE;
    byId("copy").dataset.number = number;
    byId("texts").replaceChildren();
    texts.forEach(drawText);
    sound.tell({ type: "restart" });
    if (!current) return call ? ended({ how: call.state === "talking" ? "over" : "missed" }) : draw("Ready. Call this number.");
    const known = call?.call === current.call ? call.state : null;
    call = { ...current, state: known === "answering" && current.state === "ringing" ? known : current.state };
    call.since = performance.now() - current.for_ms;
    if (call.state === "ringing") rings();
    else if (call.state === "calling") draw(`Calling ${pretty(call.from)}…`);
    else draw(sound.isOn ? `In a call with ${pretty(call.from)}.` : "The call goes on. Come back to it.");
  },
  ring(message) {
    call = { ...message, state: "ringing", since: performance.now() };
    rings();
  },
  calling(message) {
    call = { ...message, state: "calling", since: performance.now() };
    draw(`Calling ${pretty(call.from)}…`);
  },
  answered({ call: sid }) {
    if (call?.call !== sid) return;
    ringer.stop();
    sound.tell({ type: "restart" });
    call = { ...call, state: "talking", since: performance.now() };
    draw(`In a call with ${pretty(call.from)}.`);
    byId("mute").focus();
  },
  ended(message) {
    if (call?.call === message.call) ended(message);
  },
  frame(number, frame, at) {
    counters.frames++;
    sound.tell({ type: "frame", number, frame, at }, [frame]);
  },
  mark: ({ id, after }) => sound.canPlay ? sound.tell({ type: "mark", id, after }) : line.say("played", { mark: id }),
  clear() {
    counters.clearAskedAt = performance.timeOrigin + performance.now();
    sound.tell({ type: "clear" });
  },
  text({ text }) {
    if (!text.mine) byId("text-to").textContent = pretty(text.from);
    drawText(text);
  },
});

const sound = new Sound({
  frame(frame) {
    if (call?.state === "talking") line.sound(frame);
  },
  played: (mark) => line.say("played", { mark }),
  cleared: () => { counters.clearedAt = performance.timeOrigin + performance.now(); },
  changed: () => draw(),
  unplugged: () => microphone().then(() => draw()),
}, { raw: query.has("raw") });

function trouble(words) {
  byId("trouble").textContent = words;
}

// What to say about the call, and the buttons that fit it.
function draw(words) {
  const state = call?.state ?? "idle";
  const away = state === "talking" && !sound.isOn;
  byId("call").dataset.state = state;
  if (words) byId("state").textContent = words;
  byId("answer").hidden = state !== "ringing" && !away;
  byId("answer").textContent = away ? "Back to the call" : "Answer";
  byId("decline").hidden = state !== "ringing" && state !== "answering";
  byId("hang-up").hidden = state !== "talking" && state !== "calling";
  byId("mute").hidden = state !== "talking" || away;
  byId("retry").hidden = state !== "talking" || !sound.canPlay || Boolean(sound.stream);
  byId("timer").hidden = state !== "talking";
  byId("reached").hidden = state !== "idle";
  byId("sound-on").hidden = sound.isOn || state === "answering" || away;
  for (const key of byId("keys").children) key.disabled = state !== "talking";
}

function rings() {
  document.title = "☎ Ringing";
  draw(`${pretty(call.from)} is calling.`);
  if (!document.activeElement?.closest("input, select")) byId("answer").focus();
  ringAloud();
}

async function ringAloud() {
  if (!sound.isOn && navigator.userActivation?.hasBeenActive) await sound.start();
  if (call?.state !== "ringing" || !sound.isOn || !byId("aloud").checked) return ringer.stop();
  ringer.start(sound.context, 0.15);
}

// The microphone, or why there is none; without one the call can still be heard.
async function microphone() {
  trouble("");
  if (!navigator.mediaDevices) {
    return trouble(INSECURE);
  }
  try {
    await sound.listen(byId("device").value);
    await listDevices();
  } catch (fault) {
    const words = {
      NotAllowedError: "The microphone is not allowed. Allow it in the browser’s address bar and try again. You can only listen.",
      NotFoundError: "There is no microphone. You can only listen.",
      NotReadableError: "The microphone is used by another program. You can only listen.",
      OverconstrainedError: "That microphone is gone. Choose another one.",
    };
    trouble(words[fault.name] ?? `The microphone does not work: ${fault.message}`);
  }
}

async function listDevices() {
  const devices = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "audioinput" && one.deviceId);
  const chosen = byId("device").value;
  const usual = new Option("Usual microphone", "");
  const others = devices.filter((one) => one.deviceId !== "default");
  byId("device").replaceChildren(usual, ...others.map((one, at) => new Option(one.label || `Microphone ${at + 1}`, one.deviceId)));
  if (others.some((one) => one.deviceId === chosen)) byId("device").value = chosen;
}

async function answer() {
  const { call: sid, state } = call;
  if (state === "ringing") call.state = "answering";
  ringer.stop();
  draw(state === "ringing" ? "Answering…" : "");
  await sound.start();
  await microphone();
  if (call?.call !== sid) return sound.close();
  if (state === "ringing") line.say("answer", { call: sid });
  draw(state === "ringing" ? "" : `In a call with ${pretty(call.from)}.`);
}

function over() {
  const leads = document.activeElement?.closest("#call");
  ringer.stop();
  sound.close();
  sound.tell({ type: "restart" });
  call = null;
  setMuted(false);
  document.title = TITLE;
  draw();
  if (leads) byId("state").focus();
}

function ended({ how }) {
  const { from, state, since } = call;
  const length = clock(performance.now() - since);
  over();
  trouble("");
  if (state === "calling") return draw("Not answered.");
  draw(how === "missed" && state !== "declined" ? `Missed call from ${pretty(from)}.` : state === "talking" ? `The call is over, after ${length}.` : "Declined.");
}

function hangUp() {
  if (call.state === "ringing" || call.state === "answering") call.state = "declined";
  line.say("hang_up", { call: call.call });
}

function setMuted(value) {
  muted = value;
  sound.mute(muted);
  byId("mute").setAttribute("aria-pressed", String(muted));
  byId("mute").textContent = muted ? "Microphone is muted" : "Mute microphone";
}

function press(digit) {
  if (call?.state !== "talking") return;
  line.say("key", { digit });
  if (sound.isOn) keyTone(sound.context, digit);
  byId("pressed").textContent = `Pressed ${digit}`;
}

for (const digit of KEYS) {
  const key = document.createElement("button");
  key.type = "button";
  key.textContent = digit;
  key.disabled = true;
  key.addEventListener("click", () => press(digit));
  byId("keys").append(key);
}
byId("keys").addEventListener("keydown", ({ key, ctrlKey, altKey, metaKey }) => {
  if (KEYS.includes(key) && key.length === 1 && !ctrlKey && !altKey && !metaKey) press(key);
});
byId("dial").addEventListener("click", async () => {
  await sound.start();
  await microphone();
  if (call === null) line.say("dial");
});
byId("answer").addEventListener("click", answer);
byId("decline").addEventListener("click", hangUp);
byId("hang-up").addEventListener("click", hangUp);
byId("mute").addEventListener("click", () => setMuted(!muted));
byId("here").addEventListener("click", () => line.open());
byId("sound-on").addEventListener("click", async () => {
  await sound.start();
  draw();
  ringAloud();
});
byId("aloud").addEventListener("change", ringAloud);
byId("copy").addEventListener("click", async ({ target }) => {
  await navigator.clipboard.writeText(target.dataset.number);
  target.textContent = "Copied";
  setTimeout(() => { target.textContent = "Copy number"; }, 2000);
});
byId("volume").addEventListener("input", ({ target }) => sound.setVolume(target.value / 100));
const retry = () => { if (sound.isOn && call?.state === "talking") microphone().then(() => draw()); };
byId("device").addEventListener("change", retry);
byId("retry").addEventListener("click", retry);
byId("text").addEventListener("submit", (event) => {
  event.preventDefault();
  const body = byId("body").value.trim();
  if (!body) return;
  if (line.say("text", { body })) byId("body").value = "";
  else trouble("Not sent: the connection is lost.");
});
navigator.mediaDevices?.addEventListener("devicechange", listDevices);
if (!navigator.mediaDevices) trouble(INSECURE);

setInterval(() => {
  drawMeters(call?.state === "talking", muted, sound);
  if (call?.state === "talking") byId("timer").textContent = clock(performance.now() - call.since);
}, 100);
setInterval(() => drawFigures(call?.state === "talking" && sound.isOn, sound, line), 1000);

draw();
line.open();
window.phone = { counters, line, sound };
