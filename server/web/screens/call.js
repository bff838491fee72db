// One call: how far it is and since when, what was said and heard, its sound on one clock, its facts
// and events, and everything an operator can do to it.
import { h, icon, once } from "../core/dom.js";
import { capital, clock, masked, took, words } from "../core/format.js";
import { isOver, isWaiting } from "../core/store.js";
import { hush, listen } from "../audio/ear.js";
import { detector, gist } from "./live.js";
import { act, ask, empty, facts, field, panel, shown, status, time, value } from "./parts.js";
import { copyButton } from "./events.js";
import { fromJournal, heldBy, merged, stages, talkingSince } from "./callpast.js";

const BUDGET_MS = 1500; // a reply slower than this is shown as slow
const DRAWN_LINES = 400;

export function call(app, { path, query }) {
  const id = path[1];
  const key = `call:${id}`;
  const entry = app.state.calls[id] ? { status: "ready", data: app.state.calls[id] }
    : app.load(key, () => app.session.get(`/v1/calls/${id}`));
  app.title = entry.data?.topic ?? "Call";
  return shown(app, key, entry, (row) => whole(app, row, query));
}

function whole(app, row, query) {
  const journal = past(app, row);
  const marks = merged(app.state.marks[row.id] ?? [], fromJournal(journal));
  const turns = spokenTurns(app, row);
  return [
    h("div", { class: "head", key: "head" },
      h("div", {}, h("h1", {}, row.topic), h("p", { class: "meta" }, status(row.status), " ", masked(row.user_phone_number),
        row.answered_by ? ` · answered by ${words(row.answered_by)}` : "", row.end_reason ? ` · ${words(row.end_reason)}` : ""))),
    stepper(row, talkingSince(app.state.stamps[row.id], journal)),
    isWaiting(row) ? h("div", { class: "panel", key: "detector" }, detector(app, row)) : null,
    h("div", { class: "call-grid", key: "grid" },
      panel("Transcript", { class: "talk", key: "talk" }, transcript(app, row, turns)),
      h("div", { class: "stack", key: "right" },
        panel("Sound", { key: "sound" }, sound(app, row, marks)),
        panel("Facts", { key: "facts" }, callFacts(app, row)),
        raw(app, row, query, journal))),
    isOver(row) ? null : h("div", { key: "foot" }, foot(app, row)),
  ];
}

// The journal of a call that is over is read once; while it runs, events tell enough.
function past(app, row) {
  const key = `journal:${row.id}:${isOver(row)}`;
  return app.load(key, () => app.session.get(`/v1/calls/${row.id}/journal`)).data?.events ?? [];
}

const holds = (app, row) => ({ ...heldBy(past(app, row)), ...app.state.holds[row.id] });

function spokenTurns(app, row) {
  const known = app.state.transcripts[row.id];
  if (known || !isOver(row)) return known ?? [];
  const entry = app.load(`transcript:${row.id}`, () => app.session.get(`/v1/calls/${row.id}/transcript`));
  return entry.status === "ready" ? entry.data.turns.map((turn) => ({ ...turn, text: turn.spoken })) : [];
}

function stepper(row, talking) {
  return h("ol", { class: "stepper", key: "stepper", "aria-label": "How far the call is" }, stages(row, talking).map((stage) => h("li", {
    key: stage.name, class: stage.state, "aria-current": stage.state === "now" ? "step" : null,
  }, h("b", {}, stage.name), " ",
  stage.state === "now" ? h("run-timer", { own: true, since: stage.since }) : h("span", {}, stage.ms === null ? "" : took(stage.ms)))));
}

function transcript(app, row, turns) {
  const interims = Object.values(app.state.interims[row.id] ?? {}).filter((one) => one.text);
  const drawn = turns.slice(-DRAWN_LINES);
  return [
    h("stick-end", { key: "lines", "aria-label": "Transcript, scrolls", role: "group" },
      drawn.length < turns.length ? h("p", { class: "meta" }, `${turns.length - drawn.length} earlier lines are in the export.`) : null,
      h("div", { role: "log", "aria-label": "Transcript" }, h("ol", { class: "turns" }, drawn.map((turn, at) => once(turn, () => line(turn, turns.length - drawn.length + at))))),
      interims.length ? h("div", { class: "interim", "aria-hidden": "true" }, interims.map((one) => h("p", { key: one.speaker }, h("b", {}, capital(one.speaker)), " ", one.text))) : null),
    turns.length || interims.length ? null : empty(isOver(row) ? "Nothing was said." : "Nothing has been said yet."),
  ];
}

function line(turn, at) {
  const rest = turn.text.startsWith(turn.heard) ? turn.text.slice(turn.heard.length).trim() : "";
  const { lap } = turn;
  return h("li", { key: at, class: `turn ${turn.speaker}`, "data-line": true },
    h("p", { class: "who" }, h("b", {}, capital(turn.speaker)), " ", time(turn.at, { seconds: true }),
      lap ? h("span", { class: `chip ${lap.total_ms > BUDGET_MS ? "bad" : ""}`, title: `pause ${lap.endpointing_ms}, recognising ${lap.recognising_ms}, thinking ${lap.thinking_ms}, speaking ${lap.speaking_ms} ms` },
        `${lap.recognising_ms + lap.endpointing_ms} → ${lap.thinking_ms} → ${lap.speaking_ms} = ${lap.total_ms} ms`) : null),
    h("p", { class: "words" }, turn.heard, rest ? [" ", h("s", { title: "meant, but not heard" }, rest)] : null,
      rest ? h("span", { class: "unseen" }, " (the struck words were not heard)") : null));
}

function sound(app, row, marks) {
  const levels = app.state.levels[row.id] ?? [];
  const start = Date.parse(row.answered_time ?? row.initiated_time ?? row.created_at);
  const until = row.ended_time ? Date.parse(row.ended_time) : Math.max(Date.now(), start + 30000);
  const here = marks.filter((mark) => mark.at >= start - 1000);
  return [
    h("p", { class: "legend" }, h("span", { class: "key caller" }, "Caller"), h("span", { class: "key agent" }, "Agent"),
      h("span", { class: "meta" }, row.answered_time ? clock(until - start) : "")),
    h("level-strip", { own: true, key: "strip", role: "img", "aria-label": `Sound of both sides, ${levels.length} readings, ${here.length} marks`, ".sound": { levels, marks: here, from: start, until } }),
    silence(row, levels),
    here.length ? h("ol", { class: "marks", "aria-label": "Marks" }, here.map((mark) => h("li", { key: `${mark.at}-${mark.kind}` },
      h("span", { class: "tabular" }, clock(mark.at - start)), " ", h("b", {}, words(mark.kind.replace("call.", "").replace(".", " "))), " ", h("span", {}, gist({ data: mark.data ?? {} }))))) : h("p", { class: "meta" }, "No marks yet."),
  ];
}

// Connected, and still not a sound from a side that should be heard.
function silence(row, levels) {
  if (row.status !== "talking" || !levels.length) return null;
  const last = Math.max(...levels.filter((one) => one.side === "caller").map((one) => one.at), Date.parse(row.answered_time));
  const seconds = Math.floor((Date.now() - last) / 1000);
  return seconds < 4 ? null : h("p", { class: "notice" }, `Connected, no sound from the caller for ${seconds} s.`);
}

function callFacts(app, row) {
  const hint = app.state.hints[row.id] ?? {};
  const held = holds(app, row);
  return facts([
    ["AI", held.muted ? "muted" : held.taken ? "paused, taken over" : isOver(row) ? null : hint.state],
    ["Time left", hint.left_seconds ? `${hint.left_seconds} s (${words(hint.hint)})` : null],
    ["Number", row.user_phone_number], ["Answered by", words(row.answered_by)],
    ["Asked for", time(row.created_at, { seconds: true })], ["Answered", time(row.answered_time, { seconds: true })],
    ["Ended", time(row.ended_time, { seconds: true })], ["Why", words(row.end_reason)],
    ["Paid seconds", row.duration_seconds], ["Node", isOver(row) ? null : app.link?.node], ["Carrier's id", row.twilio_call_sid], ["Id", row.id],
  ]);
}

function raw(app, row, query, journal) {
  const own = app.state.recent.filter((event) => event.subject === `call:${row.id}`);
  const events = own.length ? own : journal;
  return h("details", { class: "panel", key: "raw" }, h("summary", {}, `Raw events (${events.length})`),
    h("div", { class: "actions" }, copyButton(app, "Copy all", () => JSON.stringify(events, null, 1))),
    h("ol", { class: "feed" }, events.slice(-200).map((event) => h("li", { key: event.id ?? event.seq }, time(event.ts ?? event.at, { seconds: true }), " ", h("code", {}, JSON.stringify(event.type ? { type: event.type, data: brief(event.data) } : event.event))))));
}

const brief = (data) => (data.call ? { call: data.call.status } : data);

function foot(app, row) {
  const held = holds(app, row);
  const ear = app.ear?.call === row.id ? app.ear : null;
  const talks = row.status === "talking";
  const only = { disabled: !talks };
  const args = { call: row.id };
  const sayIt = async (event) => {
    event.preventDefault();
    const form = event.target;
    const ack = await app.act(`say:${row.id}`, "call.say", { call: row.id, text: value(form, "words"), interrupt: form.elements.interrupt.checked });
    if (ack.ok) form.reset();
  };
  return h("div", { class: "foot", role: "group", "aria-label": "What you can do", key: "foot" },
    h("form", { class: "say", onsubmit: sayIt },
      h("input", { name: "words", "aria-label": "Say to the caller", placeholder: "Say…", maxlength: "500", required: true, autocomplete: "off" }),
      h("label", { class: "tick" }, h("input", { type: "checkbox", name: "interrupt" }), "cut in"),
      h("button", { "aria-busy": app.pending.has(`say:${row.id}`) ? "true" : null }, icon("say"), h("span", {}, "Say"))),
    h("div", { class: "actions" },
      held.muted ? act(app, { label: "Unmute AI", symbol: "unmute", name: "call.ai_unmute", args, hotkey: "m", ...only })
        : act(app, { label: "Mute AI", symbol: "mute", name: "call.ai_mute", args, hotkey: "m", ...only }),
      ear && !ear.talk ? h("button", { type: "button", key: "hush", onclick: () => hush(app) }, icon("listen"), h("span", {}, ear.state === "on" ? "Stop listening" : "Connecting…"))
        : act(app, { label: "Listen", symbol: "listen", name: "call.listen", args, ...only, after: (data) => listen(app, row.id, data, false) }),
      held.taken || ear?.talk ? act(app, { label: "Give back", symbol: "give", name: "call.release", args, hotkey: "t", class: "on", after: () => hush(app) })
        : act(app, { label: "Take over", symbol: "take", name: "call.takeover", args, hotkey: "t", ...only, after: (data) => listen(app, row.id, data, true) }),
      h("button", { type: "button", key: "keypad", disabled: !talks, onclick: () => app.open(() => keypad(app, row)) }, icon("keypad"), h("span", {}, "Keypad")),
      h("button", { type: "button", key: "transfer", disabled: !talks, onclick: () => app.open(() => transfer(app, row)) }, icon("transfer"), h("span", {}, "Transfer")),
      act(app, { label: "Hang up", symbol: "hangup", name: "call.hangup", args, hotkey: "x", class: "danger", confirm: `Hang up on ${masked(row.user_phone_number)}?` })),
    ear?.fault ? h("p", { class: "fault", role: "alert" }, ear.fault) : null);
}

function keypad(app, row) {
  const send = (digits) => app.act(`dtmf:${row.id}`, "call.dtmf", { call: row.id, digits });
  return [h("h2", {}, "Keypad"),
    h("div", { class: "keypad" }, [..."123456789*0#"].map((digit) => h("button", { type: "button", key: digit, onclick: () => send(digit) }, digit))),
    app.fault ? h("p", { class: "fault" }, app.fault.text) : null,
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => app.close() }, "Close"))];
}

function transfer(app, row) {
  const submit = (event) => {
    event.preventDefault();
    const to = value(event.target, "to");
    app.close();
    ask(app, `Hand this call to ${to}?`, "Transfer", () => app.act(`transfer:${row.id}`, "call.transfer", { call: row.id, to }));
  };
  return [h("form", { onsubmit: submit, key: "transfer" }, h("h2", {}, "Transfer"),
    field("To number", h("input", { name: "to", type: "tel", required: true, placeholder: "+12025550100" })),
    h("div", { class: "actions" }, h("button", { class: "primary" }, "Transfer…"), h("button", { type: "button", onclick: () => app.close() }, "Cancel")))];
}
