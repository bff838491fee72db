// Live: the calls of now in lanes by what they are doing, or as a table, and what just happened.
import { h, memo } from "../../core/dom.js";
import { capital, masked, words } from "../../core/format.js";
import { now } from "../../core/now.js";
import { href } from "../../core/router.js";
import { isOver, isWaiting, newestFirst } from "../../core/store.js";
import { happening, language, many } from "../../core/words.js";
import { holderOf } from "./past.js";
import { act, empty, listing, number, panel, state, status, time, topic, view } from "../parts.js";

const JUST_MS = 90000;
const SHOWN_EVENTS = 50;
const LANES = [
  ["Initiating", (call) => call.status === "initiating"],
  ["Ringing", (call) => call.status === "ringing"],
  ["Waiting room", isWaiting],
  ["Talking", (call) => ["talking", "voicemail"].includes(call.status)],
  ["Ending", isOver],
];

/** Running calls and those that ended just now, newest first. */
export function present(calls, now) {
  return newestFirst(calls).filter((call) => !isOver(call) || now - Date.parse(call.ended_time ?? call.updated_at) < JUST_MS);
}

export function live(app, { query }) {
  app.title = "Live";
  const { state } = app;
  const calls = present(state.calls, now());
  const asTable = query.view === "table";
  return [
    h("div.head", { key: "head" }, h("h1", "Live"), sums(state),
      h("div.actions", ["lanes", "table"].map((name) => view(capital(name), href([], name === "table" ? { view: name } : {}), asTable === (name === "table"))))),
    h("div.with-side", { key: "body" },
      h("div", { key: "calls" },
        !Object.keys(state.calls).length ? nothing(app) : null,
        asTable ? Object.keys(state.calls).length > 0 && callTable(app, calls) : lanes(app, calls)),
      panel("What happened", { class: "side", key: "feed" }, feed(app))),
  ];
}

function sums(state) {
  const running = Object.values(state.calls).filter((call) => !isOver(call));
  const waiting = running.filter(isWaiting).length;
  const hour = now() - 3600000;
  const failed = Object.values(state.calls).filter((call) => ["failed", "lost"].includes(call.status) && Date.parse(call.created_at) > hour).length;
  const used = state.usage?.calls;
  const pairs = [[running.length === 1 ? "call now" : "calls now", running.length], ["waiting", waiting], ["failed in the last hour", failed]];
  if (used) pairs.push([used.limit < 0 ? "used this month, unlimited" : `of ${many(used.limit, "call")} used this month`, used.used]);
  return h("ul.sums", pairs.map(([name, count]) => h("li", { key: name }, h("b", count), " ", name)));
}

const nothing = (app) => empty("No calls yet.",
  app.settings.phone_url ? h("a.button.primary", { href: app.settings.phone_url, target: "_blank" }, "Call yourself in the browser")
    : h("button.primary", { onclick: () => app.newCall() }, "Place the first call"));

function lanes(app, calls) {
  return h("div.lanes", { key: "lanes" }, LANES.map(([name, belongs]) => {
    const here = calls.filter(belongs);
    return h("section", { class: here.length ? "lane held" : "lane", key: name, "aria-label": name },
      h("h2", name, " ", h("span.count", here.length)),
      here.map((call) => card(app, call)),
      here.length ? null : h("p.none", { "aria-hidden": "true" }, "–"));
  }));
}

// Most calls are as they were in the frame before: their cards are neither described nor compared again.
function card(app, call) {
  const of = ["card", app.state.hints[call.id]?.state, ...changing(app, call)];
  return memo(call, of, () => drawn(app, call, of[1], of[2]));
}

// What of a call is not in its row: the last line, who picked up, and what waits of what one can do.
const changing = ({ state, pending }, call) => [state.transcripts[call.id]?.at(-1), state.answering[call.id], isWaiting(call) && [...pending].join()];

function drawn(app, call, ai, last) {
  return h("article.card", { key: call.id, "data-row": true, "data-id": call.id },
    h("a", { href: `#/calls/${call.id}` }, h("h3", call.topic)),
    h("p.meta", number(masked(call.user_phone_number)), " ", age(call)),
    isWaiting(call) && detector(app, call),
    last ? h("p.last", h("b", capital(last.speaker)), " ", last.heard || last.text) : null,
    call.status === "talking" && ai && h("p.meta", `Agent: ${ai}`),
    isOver(call) || call.status === "voicemail" ? h("p.meta", status(call.status), " ", call.end_reason === call.status ? "" : words(call.end_reason)) : null);
}

const age = (call) => h("run-timer", { own: true, since: call.initiated_time ?? call.created_at, until: call.ended_time });

/** The wait for a verdict: how long it is already, until when, and a person's own verdict. */
export function detector(app, call, mayAct = true) {
  const since = call.answered_time ?? call.updated_at;
  const patience = app.settings.amd_patience_seconds;
  const deadline = patience ? new Date(Date.parse(since) + patience * 1000).toISOString() : null;
  const verdict = (label, answered_by) => act(app, label, null, "call.verdict", { call: call.id, answered_by }, { class: "small" });
  return h("div.detector",
    h("p", call.answered_by ? `${capital(words(call.answered_by))}; waiting for the sound ` : "Finding out who picked up ",
      h("run-timer", { own: true, since }),
      deadline && [" · decides in ", h("run-timer", { own: true, down: deadline })]),
    evidence(app.state.answering[call.id]),
    call.answered_by || !mayAct ? null : h("div.actions", verdict("Treat as human", "human"), verdict("Treat as machine", "machine")));
}

// What tells who picked up, as far as it is known.
function evidence(known) {
  if (!known) return null;
  const likely = Object.entries(known.shares).filter(([, share]) => share >= .05).sort(([, a], [, b]) => b - a);
  return [
    h("p", likely.map(([kind, share]) => `${words(kind)} ${Math.round(share * 100)} %`).join(" · ")),
    h("ul.meta.reasons", { "aria-label": "Evidence" }, known.reasons.slice(0, 3).map((one) => h("li", { key: one.note },
      `${one.note}: ${one.weight < 0 ? "against" : "for"} ${words(one.verdict)}`))),
  ];
}

const callTable = (app, calls) => listing("No calls just now.", "Live calls", [
  topic,
  ["Number", (call) => number(masked(call.user_phone_number))],
  state,
  ["Time", age],
  ["Last line", (call) => app.state.transcripts[call.id]?.at(-1)?.heard ?? ""],
  ["Who picked up", (call) => isWaiting(call) ? detector(app, call) : words(call.answered_by)],
], calls, (call) => `#/calls/${call.id}`, { of: (call) => changing(app, call) });

function feed(app) {
  const last = app.state.recent.slice(-SHOWN_EVENTS).reverse();
  if (!last.length) return empty("Nothing since you opened this page.");
  return h("ol.feed", { tabindex: "0", "aria-label": "Last events" }, last.map((event) => {
    const words = gist(event, namer(app, rowOf(app, event.subject)));
    return memo(event, [words], () => happened(event, words));
  }));
}

const happened = (event, words) => h("li", { key: event.id },
  time(event.ts, { seconds: true }), " ", link(event, h("b", happening(event.type))), " ", h("span", words));

function link(event, content) {
  const [kind, id] = event.subject.split(":");
  const place = { call: "calls", conv: "messages", email: "emails" }[kind];
  return place ? h("a", { href: `#/${place}/${id}` }, content) : content;
}

const rowOf = ({ state }, subject) => {
  const id = subject.slice("call:".length);
  return state.calls[id] ?? state.others[id];
};

/** What whoever holds this call is called, by their id or "" for its owner. */
export const namer = (app, row = {}) => (by) => holderOf(by, app.me, row, by && app.named(by));

// The verdict who picked up: whose word it is, or how sure the detector was.
function verdict({ answered_by, assumed, verdict: kind, probability }) {
  const sure = probability ? ` (${Math.round(probability * 100)} %)` : "";
  return assumed ? `assumed ${assumed}` : `${words(kind ?? answered_by)}${sure}`;
}

/** One line about an event; `named` gives words for who holds a call. */
export function gist({ type, data }, named = holderOf) {
  if (data.message) return data.message.message_text;
  if (data.call) return type === "call.language" ? language(data.call.language) ?? "its agent's" : data.call.topic;
  if (data.scheduled_call) return data.scheduled_call.topic;
  if (data.conversation) return data.conversation.topic;
  if (data.email) return data.email.subject;
  if (data.tags) return data.tags.join(", ");
  if (data.note) return data.note.text;
  if (data.text) return (data.speaker ? `${data.speaker}: ` : "") + (data.heard ?? data.text);
  if (data.answered_by !== undefined) return verdict(data);
  if (data.engine) return words(data.engine);
  if (data.total_ms) return `${data.total_ms} ms`;
  if (data.listener) return ""; // a name for this once, which says nothing
  if (data.calls) return `${data.calls.used} of ${data.calls.limit < 0 ? "unlimited calls" : many(data.calls.limit, "call")}`;
  if (data.takeover) return data.reason === "away" ? "their sound was gone" : data.reason ? "" : `by ${named(data.by)}`;
  if (data.node) return data.node.node;
  return Object.values(data).filter((one) => typeof one !== "object").join(" ");
}

