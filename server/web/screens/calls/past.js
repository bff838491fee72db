// What a call's rows, stamps and journal say about its past: its stages with their times, its marks.
// Pure; tested under Node.
import { isOver } from "../../core/store.js";

const ORDER = ["Initiating", "Ringing", "Waiting room", "Talking", "Ended"];

/** When the conversation began, in ms, by the event we saw or by the journal; null if it did not. */
export function talkingSince(stamps, journal) {
  const seen = stamps?.talking ?? stamps?.voicemail;
  if (seen) return Date.parse(seen);
  const spoke = journal.find(({ event }) => ["sound_began", "speech_began"].includes(event.type));
  return spoke ? Date.parse(spoke.at) : null;
}

/** [{name, since, ms, state: done | now | skipped | next}]: how long the call was in each stage. */
export function stages(call, talking) {
  const times = [call.initiated_time ?? call.created_at, call.ringing_time, call.answered_time,
    talking === null ? null : new Date(talking).toISOString(), call.ended_time];
  const starts = times.map((at) => (at ? Date.parse(at) : null));
  const last = starts.findLastIndex((at) => at !== null);
  return ORDER.map((name, at) => {
    if (starts[at] === null) return { name, since: null, ms: null, state: at < last || isOver(call) ? "skipped" : "next" };
    const following = starts.slice(at + 1).find((next) => next !== null);
    const isNow = at === last && !isOver(call);
    const ms = following === undefined ? null : Math.max(0, following - starts[at]);
    return { name, since: times[at], ms, state: isNow ? "now" : "done" };
  }).filter(({ name }) => call.direction !== "inbound" || (name !== "Initiating" && name !== "Waiting room"));
}

const NOTABLE = {
  amd_verdict: "call.amd.result", keyed: "call.dtmf", dtmf_asked: "dtmf.sent", operator_said: "operator.said", engine_failed: "engine.failed",
  ai_muted: "ai.muted", ai_unmuted: "ai.unmuted", takeover_asked: "takeover.started", takeover_released: "takeover.ended",
  transfer_asked: "transfer.started", transfer_refused: "transfer.failed",
  record_pause_asked: "recording.paused", record_stop_asked: "recording.stopped",
};

/** How handing the call on goes, by its last mark: {to, failed, at} or null. */
export function transferOf(marks) {
  const last = marks.findLast((mark) => mark.kind.startsWith("transfer."));
  const asked = marks.findLast((mark) => mark.kind === "transfer.started");
  return last ? { to: asked?.data?.to ?? "", failed: last.kind === "transfer.failed", at: last.at } : null;
}

/** The keys that were pressed and sent, in order. */
export const keysOf = (marks) => marks.filter((mark) => ["call.dtmf", "dtmf.sent"].includes(mark.kind)).map(({ kind, data = {} }) => ({ by: kind === "dtmf.sent" ? "you" : "they", keys: data.digits ?? data.digit ?? "" }));

const TELLING = new Set(["answered_by", "digit", "digits", "text", "heard", "to", "engine"]);

const HOLDS = {
  ai_muted: { muted: true }, ai_unmuted: { muted: false }, takeover_asked: { taken: true }, takeover_released: { taken: false },
};

/** Whether the AI is muted or taken over, as the journal tells. */
export const heldBy = (journal) => journal.reduce((held, { event }) => ({ ...held, ...HOLDS[event.type] }), {});

/** The same, and `by` whom ("" the call's owner, null nobody in particular), as the call says itself, with a name to administrators. */
export const standingOf = (row, { muted, operator, held_by: by, held_by_name: name }) => ({ muted, taken: operator !== "", by: by === row.user_id ? "" : by ?? null, ...(name && { name }) });

/** Whether somebody else took the call over, so that they alone act on it. */
export const isHeldFrom = (me, row, { taken, by = null }) => Boolean(taken) && by !== null && me !== null && (by || row.user_id) !== me?.id;

/** Whoever holds a call, by their id or "" for its owner, as told to `me`; only administrators know a name. */
export const holderOf = (by, me, row, name) => (me && (by || row.user_id) === me.id ? "you" : name ?? (by ? "an operator" : "the call's owner"));

/** Who sounded from when to when, with the words: [{side, from, until, text}], as the journal tells. */
export function spansOf(journal) {
  const spans = [];
  const open = {};
  for (const { at, event } of journal) {
    const now = Date.parse(at);
    const heard = `${event.side}:${event.utterance}`;
    if (event.type === "speech_began") spans.push(open[heard] = { side: event.side, from: now, until: now, text: "" });
    else if (event.type === "speech_paused" && open[heard]) open[heard].until = Math.max(open[heard].from, event.ended_at * 1000);
    else if (event.type === "recognised" && open[heard]) open[heard].text = event.text;
    else if (event.type === "sound_began") spans.push(open[event.turn] = { side: "agent", from: now, until: now, text: "" });
    else if (event.type === "spoken" && open[event.turn]) Object.assign(open[event.turn], { until: now, text: event.heard });
  }
  return spans.filter((span) => span.until > span.from).sort((a, b) => a.from - b.from);
}

/** The marks a journal holds. */
export function fromJournal(journal) {
  return journal.flatMap(({ at, event }) => {
    // What nobody heard of was not interrupted.
    const kind = event.type === "spoken" && event.cut && event.heard ? "barge-in" : NOTABLE[event.type];
    if (!kind) return [];
    const told = Object.entries(event).filter(([name, value]) => TELLING.has(name) && value);
    const more = kind === "barge-in" ? { speaker: "agent" } : kind === "takeover.started" ? { takeover: 1, by: event.operator_id } : {};
    return [{ at: Date.parse(at), kind, data: { ...more, ...Object.fromEntries(told) } }];
  });
}

/** Marks from both sources; what events told already is not told twice. */
export function merged(seen, journal) {
  const more = journal.filter((one) => !seen.some((known) => known.kind === one.kind && Math.abs(known.at - one.at) < 50));
  return [...seen, ...more].sort((a, b) => a.at - b.at);
}
