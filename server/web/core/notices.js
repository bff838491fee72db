// Desktop notifications and a short sound, each only where a person switched it on; what is worth
// one is decided by `noticeOf`, which is pure.
import { words } from "./words.js";

const SOUND_HZ = [660, 880];
const NOTE_SECONDS = 0.12;

// Reasons of calls that ended.
const BADLY = ["engine_failure", "no_media", "budget"];

/** What is worth a notice of an event: {title, text, href}, or null. `calls`: those there are. */
export function noticeOf({ type, data, subject = "" }, { calls = {} } = {}) {
  const { conversation, message, email } = data;
  const call = data.call ?? calls[subject.slice("call:".length)];
  const of = (title) => ({ title, text: call?.topic ?? "", href: `#/calls/${call?.id}` });
  switch (type) {
    case "call.ringing": return of("It rings");
    case "call.waiting": return of("Somebody picked up");
    case "transfer.failed": return call ? of("A call could not be handed on") : null;
    case "engine.failed": return call ? of(`A call needs somebody: the agent's ${words(data.engine)} failed`) : null;
    case "call.lost": return of("A call failed");
    case "call.ended": return call.status === "failed" || BADLY.includes(call.end_reason) ? of("A call ended badly") : null;
    case "sms.received": return { title: "A text came", text: message?.message_text ?? conversation.topic, href: `#/messages/${conversation.id}` };
    case "email.received": return { title: "An e-mail came", text: email.subject, href: `#/emails/${email.id}` };
    default: return null;
  }
}

/** Ask the browser, where it does not know yet; gives whether it allows notifications. */
export async function allowed() {
  if (!("Notification" in window)) return false;
  return (Notification.permission === "default" ? await Notification.requestPermission() : Notification.permission) === "granted";
}

/** Give the notice by the ways that are on: on the desktop only while the page is not looked at. */
export function give(app, notice) {
  if (app.kept("sound", "off") === "on") chime();
  if (app.kept("notify", "off") !== "on" || !document.hidden || Notification.permission !== "granted") return;
  const shown = new Notification(notice.title, { body: notice.text, icon: "/web/icon.svg", tag: notice.href });
  shown.onclick = () => { focus(); app.go(notice.href); shown.close(); };
}

export function chime() {
  const context = new AudioContext();
  const gain = new GainNode(context, { gain: 0.08 });
  gain.connect(context.destination);
  SOUND_HZ.forEach((frequency, at) => {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(gain);
    tone.start(context.currentTime + at * NOTE_SECONDS);
    tone.stop(context.currentTime + (at + 1) * NOTE_SECONDS);
    if (at === SOUND_HZ.length - 1) tone.onended = () => context.close();
  });
}
