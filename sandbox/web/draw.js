// Small drawings from values. What anybody said is set as text, so none of it can become markup.

export const byId = (id) => document.getElementById(id);

const LINK = {
  joining: "Connecting…", live: "Connected", lost: "Connection lost, trying again…",
  elsewhere: "Open in another page", refused: "No number",
};
const FLOOR_DB = -60;
const NOTHING = "No call, no delay.";

export const pretty = (number) => number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "+1 $1-$2-$3");

export function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function drawLink(name) {
  byId("link").textContent = LINK[name];
  byId("link").dataset.state = name;
}

// Loudness as a share of the range a listener can make out.
const share = (level) =>
  Math.max(0, Math.min(1, 1 - (20 * Math.log10(Math.max(level, 1e-6))) / FLOOR_DB));

export function drawMeters(talking, muted, sound) {
  byId("mine").value = talking && !muted ? share(sound.micLevel) : 0;
  byId("theirs").value = talking ? share(sound.figures.level ?? 0) : 0;
}

// How long a word takes each way, as far as a page can know it: the devices, the frame that has to be
// full, the way there, and what waits so that it sounds even.
export function drawFigures(talking, sound, line) {
  const { held = 0, jitter = 0, underruns = 0, dropped = 0 } = sound.figures;
  const way = (line.counters.roundTrip ?? 0) / 2;
  const there = 20 + (sound.inputLatency ?? 0) * 1000 + way + line.counters.buffered;
  const back = way + held + sound.outputLatency * 1000;
  const text = talking
    ? `Delay: you to them ${Math.round(there)} ms, them to you ${Math.round(back)} ms. ` +
      `Jitter ${jitter.toFixed(1)} ms, gaps ${underruns}, dropped ${dropped + line.counters.dropped * 20} ms.`
    : NOTHING;
  if (byId("figures").textContent !== text) byId("figures").textContent = text;
}

export function drawText({ mine, from, body, media, at }) {
  const thread = byId("thread");
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 40;
  const item = document.createElement("li");
  const small = document.createElement("small");
  const time = new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  item.className = mine ? "mine" : "theirs";
  item.textContent = body || `(${media} pictures)`;
  small.textContent = `${mine ? "You" : pretty(from)}, ${time}`;
  item.append(small);
  byId("texts").append(item);
  if (atEnd || mine) thread.scrollTop = thread.scrollHeight;
}
