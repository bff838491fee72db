// One call on one clock, drawn as SVG: who sounded when and how loud, what was said, how long answers
// took, marks and the verdict who picked up. `drawn` is pure; its list tells the same in words.
import { h } from "../../core/dom.js";
import { capital, clock, took } from "../../core/format.js";
import { happening } from "../../core/words.js";

const LANE = 36;
const TOP = 14;
const STEPS_S = [5, 10, 30, 60, 120, 300, 600, 1800];
const MOST_LINES = 8;

/** The lanes there are: both sides, and an operator who spoke. */
export const lanesOf = (spans, levels) => ["caller", "agent", ...(["operator"].filter((side) => spans.some((one) => one.side === side) || levels.some((one) => one.side === side)))];

/** Seconds between two lines, so that there are few enough. */
export const stepOf = (ms) => STEPS_S.find((step) => ms / 1000 / step <= MOST_LINES) ?? 3600;

/** The picture. Times in ms; spans are {side, from, until, text}, levels {side, at, level} of 0 to 1,
    marks {at, kind, words};
    `playhead` is where a recording is played, `seek` takes the time of a place that is clicked. */
export function timeline({ from, until, spans, levels, marks, room, playhead = null, seek = null }) {
  const whole = Math.max(1, until - from);
  const x = (at) => `${(Math.min(1, Math.max(0, (at - from) / whole)) * 100).toFixed(2)}%`;
  const wide = (since, to) => `${(Math.max(0.2, Math.min(100, ((Math.min(to, until) - Math.max(since, from)) / whole) * 100))).toFixed(2)}%`;
  const lanes = lanesOf(spans, levels);
  const height = TOP + lanes.length * LANE + 4;
  const lines = Array.from({ length: Math.floor(whole / 1000 / stepOf(whole)) + 1 }, (_, at) => at * stepOf(whole) * 1000);
  const y = (side) => TOP + lanes.indexOf(side) * LANE;
  const upright = (name, at, y1, ...kids) => h(`line.${name}`, { x1: x(at), x2: x(at), y1, y2: height }, kids);
  const clicked = seek && ((event) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    seek(from + ((event.clientX - left) / width) * whole);
  });
  return h("svg", { class: seek ? "timeline seeks" : "timeline", onclick: clicked, height: height, width: "100%", role: "img", key: "picture", "aria-label": `Time line of ${clock(whole)}: ${spans.length} stretches of speech, ${marks.length} marks; told below` },
    room && h("rect.room", { x: x(room[0]), width: wide(...room), y: TOP, height: height - TOP }, h("title", `Waiting room, ${took(room[1] - room[0])}`)),
    lines.map((at) => [upright("grid", from + at, TOP),
      at / whole < 0.95 ? h("text.tick-text", { x: x(from + at), dx: "3", y: "10" }, clock(at)) : null]),
    lanes.map((side) => h("line.axis", { x1: "0", x2: "100%", y1: y(side) + LANE / 2, y2: y(side) + LANE / 2 })),
    gaps(spans).map((gap) => h("rect", { class: gap.until - gap.from > 1500 ? "gap slow" : "gap", x: x(gap.from), width: wide(gap.from, gap.until), y: y("agent") - 2, height: "4" }, h("title", `Answer after ${took(gap.until - gap.from)}`))),
    spans.map((span) => h("rect", { class: `span ${span.side}`, rx: "3", x: x(span.from), width: wide(span.from, span.until), y: y(span.side) + 4, height: LANE - 8 },
      h("title", `${clock(span.from - from)} ${capital(span.side)}: ${span.text || "(no words)"}`))),
    lanes.map((side) => h("svg", { x: "0", width: "100%", y: y(side), height: LANE, viewBox: `0 -1 1000 2`, preserveAspectRatio: "none" }, h("path", { class: `level ${side}`, d: outline(levels.filter((one) => one.side === side), from, whole) }))),
    marks.map((mark) => upright(`mark.${mark.kind === "barge-in" || mark.kind.endsWith("failed") ? "bad" : mark.kind.startsWith("call.amd") ? "verdict" : "warn"}`, mark.at, TOP, h("title", told(mark, from)))),
    playhead === null ? null : upright("playhead", playhead, 0));
}

const outline = (levels, from, whole) => levels.map(({ at, level }) => {
  const half = Math.max(0.03, Math.min(1, level));
  return `M${(((at - from) / whole) * 1000).toFixed(1)} ${(-half).toFixed(2)}v${(2 * half).toFixed(2)}`;
}).join("");

// From the caller's end to the agent's next beginning.
function gaps(spans) {
  return spans.flatMap((span, at) => {
    const next = spans[at + 1];
    return span.side === "caller" && next?.side === "agent" && next.from > span.until ? [{ from: span.until, until: next.from }] : [];
  });
}

const told = (mark, from) => `${clock(mark.at - from)} ${happening(mark.kind)} ${mark.words}`;

/** The marks in words, which is what a reader of screens gets of the picture. */
export function markList(marks, from, onclick = null) {
  if (!marks.length) return null;
  return h("ol.marks", { "aria-label": "Marks", tabindex: "0", onclick }, marks.map((mark) => h("li", { key: `${mark.at}-${mark.kind}` },
    onclick ? h("button.seek.tabular", { "data-at": mark.at }, clock(mark.at - from)) : h("span.tabular", clock(mark.at - from)), " ", h("b", happening(mark.kind)), " ", h("span", mark.words))));
}

const KEYS = { room: "Waiting room", gap: "Answer awaited" };

/** What the colours of the picture mean, and how long it is. */
export const legend = (from, until, lanes) => h("p.legend", [...lanes, ...Object.keys(KEYS)].map((one) => h(`span.key.${one}`, { key: one }, KEYS[one] ?? capital(one))), h("span.meta", clock(until - from)));
