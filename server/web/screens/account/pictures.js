// Pictures: what was done by day, how calls ended, how many were answered, how long they were and how
// soon the agent spoke; each picture with the same figures as a table behind it.
import { h } from "../../core/dom.js";
import { capital, clock, words } from "../../core/format.js";
import { href } from "../../core/router.js";
import { isOver } from "../../core/store.js";
import { many } from "../../core/words.js";
import { bars, beside } from "./charts.js";
import { empty, head, loaded, panel, view } from "../parts.js";

const SPANS = [7, 30, 90];
const STEPS = { endpointing: "Knowing that they have finished", recognising: "Recognising", thinking: "Thinking", first_sound: "First sound", total: "Altogether" };

export function pictures(app, { query }) {
  const days = SPANS.includes(Number(query.days)) ? Number(query.days) : 30;
  const path = `/v1/me/statistics?days=${days}`;
  return [
    head(app, "Pictures", SPANS.map((each) => view(`${each} days`, href(["pictures"], { days: each }), each === days)), h("button", { onclick: () => app.reload(path) }, "Read again")),
    loaded(app, path, drawn),
  ];
}

// A day as it is written where people are: "29 Nov".
const day = (iso) => new Date(`${iso}T12:00`).toLocaleDateString([], { day: "numeric", month: "short" });

export const share = (part, whole) => (whole ? Math.round((part / whole) * 100) : null);

const chart = (title, isThere, draw) => panel(title, {}, isThere ? draw(title) : empty("Nothing in these days."));

function drawn(found) {
  const { days, latency } = found;
  const outcomes = found.outcomes.filter(isOver);
  const over = outcomes.reduce((total, one) => total + one.calls, 0);
  const sum = (name) => days.reduce((total, one) => total + one[name], 0);
  const [calls, answered, seconds] = ["calls", "answered", "seconds"].map(sum);
  return [
    h("ul.sums", { key: "sums" }, [
      [calls, calls === 1 ? "call" : "calls"], [calls ? `${share(answered, calls)} %` : "–", "answered"], [clock(seconds * 1000), "on the phone"],
      [sum("texts"), sum("texts") === 1 ? "text" : "texts"], [sum("emails"), sum("emails") === 1 ? "e-mail" : "e-mails"],
    ].map(([value, name]) => h("li", { key: name }, h("b", value), " ", name))),
    h("p.meta", { key: "zone" }, `${day(found.first_day)} to ${day(found.last_day)}, days of ${found.time_zone}.`),
    h("div.charts", { key: "charts" },
      chart("Calls by day", calls, (title) => bars(title, days.map((one) => ({ name: day(one.day), parts: [one.answered, one.calls - one.answered] })), ["answered", "not answered"])),
      chart("How calls ended", outcomes.length, (title) => beside(title, outcomes.map((one) => ({ name: capital(words(one.status)), values: [one.calls], text: `${one.calls} (${share(one.calls, over)} %)` })), ["calls"])),
      chart("Minutes by day", seconds, (title) => bars(title, days.map((one) => ({ name: day(one.day), parts: [Math.round(one.seconds / 6) / 10] })), ["minutes"])),
      chart("Share answered by day, in percent", answered, (title) => bars(title, days.map((one) => ({ name: day(one.day), parts: [share(one.answered, one.calls) ?? 0] })), ["% answered"], 100)),
      chart("Texts and e-mails by day", sum("texts") + sum("emails"), (title) => bars(title, days.map((one) => ({ name: day(one.day), parts: [one.texts, one.emails] })), ["texts", "e-mails"])),
      panel("Until the agent speaks", {}, latency.turns ? [
        beside("Milliseconds until the agent speaks", latency.steps.map((one) => ({ name: STEPS[one.step] ?? one.step, values: [one.p50_ms, one.p95_ms], text: `${one.p50_ms} / ${one.p95_ms} ms` })), ["median (p50)", "slowest of twenty (p95)"]),
        h("p.meta", `${many(latency.turns, "turn")} since `, new Date(latency.since).toLocaleString([], { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }), "; kept for three days."),
      ] : empty("No conversation in the last three days."))),
  ];
}
