// One call: how far it is and since when, what was said and heard, its time line, its facts and
// events, and, for whoever may act on it, everything an operator can do to it.
import { h, icon, once } from "../../core/dom.js";
import { capital, clock, masked, took, words } from "../../core/format.js";
import { now } from "../../core/now.js";
import { isOver, isWaiting } from "../../core/store.js";
import { cost, language, sums } from "../../core/words.js";
import { annotations } from "./annotations.js";
import { detector, gist, namer } from "./live.js";
import { foot } from "./foot.js";
import { copyButton, copyId, empty, facts, head, loaded, panel, shown, status, time } from "../parts.js";
import { fromJournal, heldBy, holderOf, isHeldFrom, merged, spansOf, stages, standingOf, talkingSince, transferOf } from "./past.js";
import { playerOf, recording, seeker, seekOf } from "./recording.js";
import { lanesOf, legend, markList, timeline } from "./timeline.js";
import { place } from "../../audio/player.js";

// A reply slower than this is shown as slow.
const BUDGET_MS = 1500;
const DRAWN_LINES = 400;
// A running call's journal is read anew so often at most.
const AFRESH_MS = 4000;

export function call(app, { path, query }) {
  const id = path[1];
  const key = `call:${id}`;
  const known = app.state.calls[id] ?? app.state.others[id];
  const entry = known ? { status: "ready", data: known } : app.get(`/v1/calls/${id}`, key);
  app.title = entry.data?.topic;
  return entry.data ? whole(app, entry.data, query) : [head(app, "Call"), shown(app, key, entry)];
}

function whole(app, row, query) {
  const isMine = !app.me || row.user_id === app.me.id;
  // Its sound's levels, and another person's call at all.
  if (!isOver(row)) app.link?.subscribe(`call:${row.id}`);
  const journal = past(app, row);
  const marks = merged(app.state.marks[row.id] ?? [], fromJournal(journal));
  const turns = spokenTurns(app, row);
  const mayAct = isMine || app.me?.role === "operator";
  return [
    h("div.head", { key: "head" },
      h("div", h("h1", row.topic), h("p.meta", status(row.status), " ", masked(row.user_phone_number),
        row.direction === "inbound" ? " · they called us" : "", row.answered_by ? ` · answered by ${words(row.answered_by)}` : "", row.end_reason ? ` · ${words(row.end_reason)}` : "")),
      h("div.actions", copyId(app, row), copyButton(app, "Copy link", () => `${location.origin}/#/calls/${row.id}`))),
    isMine ? null : h("p.notice", { key: "other" }, "This is another person's call; that you look at it is written down.", mayAct ? "" : " Only its owner and operators act on it."),
    passedOn(row, marks),
    stepper(row, talkingSince(app.state.stamps[row.id], journal)),
    isWaiting(row) && h("div.panel", { key: "detector" }, detector(app, row, mayAct)),
    recording(app, row, mayAct, isHeldFrom(app.me, row, holds(app, row))),
    line(app, row, marks, journal),
    h("div.call-grid", { key: "grid" },
      panel("Transcript", { class: "talk", key: "talk" }, transcript(app, row, turns, journal)),
      h("div.stack", { key: "right" },
        annotations(app, row, mayAct),
        panel("Facts", {}, callFacts(app, row)),
        isOver(row) && app.me && app.me.role !== "user" && costs(app, row),
        raw(app, row, query, journal))),
    isOver(row) || !mayAct ? null : foot(app, row, holds(app, row), marks),
  ];
}

// How handing the call on goes, while it does and when it failed.
function passedOn(row, marks) {
  const last = transferOf(marks);
  if (!last || (isOver(row) && !last.failed)) return null;
  return h("p.notice", { key: "passed", role: "status" }, last.failed ? `It could not be handed on to ${last.to || "the other number"}; the agent goes on.` : `Being handed on to ${last.to} since `,
    last.failed ? null : h("run-timer", { own: true, since: new Date(last.at).toISOString() }));
}

// While a call runs, events tell most; its journal, which has the stretches of speech, follows.
function past(app, row) {
  const key = `journal:${row.id}:${isOver(row)}`;
  const ask = () => app.session.get(`/v1/calls/${row.id}/journal`);
  const entry = app.load(key, ask);
  const turns = app.state.transcripts[row.id]?.length ?? 0;
  if (!isOver(row) && entry.status === "ready" && entry.turns !== turns && !(Date.now() - entry.readAt < AFRESH_MS)) {
    app.reload(key, ask);
    Object.assign(app.loaded.get(key), { turns, readAt: Date.now() });
  }
  return entry.data?.events ?? [];
}

// Asked anew for each who takes it over, as no event has a name.
const standingAt = (app, row) => [`standing:${row.id}:${app.state.holds[row.id]?.by ?? ""}`, () => app.session.get(`/v1/calls/${row.id}/operators`)];

// What the journal and events tell; the call itself is asked only who holds it, where somebody does. One that
// nobody holds may end at any moment, and could not answer.
function holds(app, row) {
  const told = { ...heldBy(past(app, row)), ...app.state.holds[row.id] };
  const asked = row.status === "talking" && told.taken ? app.load(...standingAt(app, row)) : {};
  const known = asked.status === "ready" ? standingOf(row, asked.data) : {};
  const held = { ...told, ...known, ...app.state.holds[row.id] };
  return held.by === known.by ? held : { ...held, name: null };
}

function spokenTurns(app, row) {
  const known = app.state.transcripts[row.id];
  if (known || !isOver(row)) return known ?? [];
  const entry = app.get(`/v1/calls/${row.id}/transcript`);
  return entry.status === "ready" ? entry.data.turns.map((turn) => ({ ...turn, text: turn.spoken })) : [];
}

function stepper(row, talking) {
  return h("ol.stepper", { key: "stepper", "aria-label": "How far the call is" }, stages(row, talking).map((stage) => h("li", {
    key: stage.name, class: stage.state, "aria-current": stage.state === "now" && "step",
  }, h("b", stage.name), " ",
  stage.state === "now" ? h("run-timer", { own: true, since: stage.since }) : h("span", stage.ms === null ? "" : took(stage.ms)))));
}

function transcript(app, row, turns, journal) {
  const to = seeker(app, playerOf(app, row));
  const spans = to ? spansOf(journal) : [];
  const draw = (turn, at) => (to ? lineOf(turn, at, beganAt(turn, spans)) : once(turn, () => lineOf(turn, at)));
  const interims = Object.values(app.state.interims[row.id] ?? {}).filter((one) => one.text);
  const drawn = turns.slice(-DRAWN_LINES);
  return [
    h("stick-end", { key: "lines", "aria-label": "Transcript, scrolls", role: "group" },
      drawn.length < turns.length ? h("p.meta", `${turns.length - drawn.length} earlier lines are in the export.`) : null,
      h("div", { role: "log", "aria-label": "Transcript" }, h("ol.turns", { onclick: seekOf(to) }, drawn.map((turn, at) => draw(turn, turns.length - drawn.length + at)))),
      interims.length ? h("div.interim", { "aria-hidden": "true" }, interims.map((one) => h("p", { key: one.speaker }, h("b", capital(one.speaker)), " ", one.text))) : null),
    turns.length || interims.length ? null : empty(isOver(row) ? "Nothing was said." : "Nothing has been said yet."),
  ];
}

// When a turn's first word was, which is told when its last one was.
const beganAt = (turn, spans) => spans.findLast((one) => one.side === turn.speaker && one.from < Date.parse(turn.at))?.from ?? Date.parse(turn.at);

function lineOf(turn, at, began = null) {
  const rest = turn.text.startsWith(turn.heard) ? turn.text.slice(turn.heard.length).trim() : "";
  const { lap } = turn;
  return h("li", { key: at, class: `turn ${turn.speaker}`, "data-line": true },
    h("p.who", h("b", capital(turn.speaker)), " ", began === null ? time(turn.at, { seconds: true })
      : h("button.seek", { "data-at": began, "aria-label": `Play from here: ${turn.heard}` }, time(turn.at, { seconds: true }), icon("play")),
      lap && h("span", { class: `chip ${lap.total_ms > BUDGET_MS ? "bad" : ""}`, title: `pause ${lap.endpointing_ms}, recognising ${lap.recognising_ms}, thinking ${lap.thinking_ms}, speaking ${lap.speaking_ms} ms` },
        `${lap.recognising_ms + lap.endpointing_ms} → ${lap.thinking_ms} → ${lap.speaking_ms} = ${lap.total_ms} ms`)),
    h("p.words", turn.heard, rest ? [" ", h("s", { title: "meant, but not heard" }, rest)] : null,
      rest ? h("span.unseen", " (the struck words were not heard)") : null));
}

// Levels and stretches of speech on one clock; no panel where there is neither.
function line(app, row, marks, journal) {
  const player = playerOf(app, row);
  const levels = player?.levels ?? app.state.levels[row.id] ?? [];
  const spans = spansOf(journal);
  const seek = seeker(app, player);
  if (!row.answered_time || (isOver(row) && !levels.length && !spans.length)) return null;
  const from = Date.parse(row.answered_time);
  const until = row.ended_time ? Date.parse(row.ended_time) : Math.max(now(), from + 30000);
  const by = namer(app, row);
  const here = marks.filter((mark) => mark.at >= from - 1000).map((mark) => ({ ...mark, words: gist({ data: mark.data ?? {} }, by) }));
  const talking = talkingSince(app.state.stamps[row.id], journal);
  return panel("Time line", {}, legend(from, until, lanesOf(spans, levels)),
    timeline({ from, until, spans, levels, marks: here, room: [from, talking ?? until], seek, playhead: player && player.began + place(player) * 1000 }), silence(row, levels), markList(here, from, seekOf(seek)));
}

// Connected, and still not a sound from a side that should be heard.
function silence(row, levels) {
  if (row.status !== "talking" || !levels.length) return null;
  const last = Math.max(...levels.filter((one) => one.side === "caller").map((one) => one.at), Date.parse(row.answered_time));
  const seconds = Math.floor((now() - last) / 1000);
  return seconds < 4 ? null : h("p.notice", `Connected, no sound from the caller for ${seconds} s.`);
}

function callFacts(app, row) {
  const hint = app.state.hints[row.id] ?? {};
  const held = holds(app, row);
  return facts([
    ["Agent", isOver(row) ? null : held.taken ? ["paused, taken over", (held.by ?? null) !== null && ` by ${holderOf(held.by, app.me, row, held.name)}`] : held.muted ? "muted" : hint.state],
    ["Time left", hint.left_seconds ? `${hint.left_seconds} s (${words(hint.hint)})` : null],
    ["Number", row.user_phone_number], ["Answered by", words(row.answered_by)], ["Language", language(row.language)],
    ["Asked for", time(row.created_at, { seconds: true })], ["Answered", time(row.answered_time, { seconds: true })],
    ["Ended", time(row.ended_time, { seconds: true })], ["Why", words(row.end_reason)],
    ["Charged", row.duration_seconds === null ? null : clock(row.duration_seconds * 1000)], ["Carrier's id", row.twilio_call_sid], ["Id", row.id],
  ]);
}

function costs(app, row) {
  return loaded(app, `/v1/admin/calls/${row.id}/costs`, (data) => panel("Costs", {},
    facts([...data.costs.map((one) => [one.what, cost(one)]), ["All", sums(data.amounts)]])));
}

function raw(app, row, query, journal) {
  const own = app.state.recent.filter((event) => event.subject === `call:${row.id}`);
  const events = own.length ? own : journal;
  return h("details.panel", { key: "raw" }, h("summary", `Events as they came (${events.length})`),
    h("div.actions", copyButton(app, "Copy all", () => JSON.stringify(events, null, 1))),
    h("ol.feed", events.slice(-200).map((event) => h("li", { key: event.id ?? event.seq }, time(event.ts ?? event.at, { seconds: true }), " ", h("code", JSON.stringify(event.type ? { type: event.type, data: brief(event.data) } : event.event))))));
}

const brief = (data) => (data.call ? { call: data.call.status } : data);
