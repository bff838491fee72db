// The page's reducer: what events make of what was known.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, empty, fromSnapshot, isOver } from "../../server/web/core/store.js";
import { annotated } from "../../server/web/screens/calls/annotations.js";

let count = 0;
const event = (type, subject, data, more = {}) => ({ op: "event", topic: "me", id: `e${count++}`, type, subject, data, ts: "2026-11-23T09:00:00.000Z", ...more });
const row = (status) => ({ id: "a", status, topic: "bread", created_at: "2026-11-23T09:00:00.000Z" });
const fold = (events, from = empty) => events.reduce(apply, from);

test("a row that comes late does not take a call back", () => {
  const state = fold([
    event("call.talking", "call:a", { call: row("talking") }, { rev: 7, seq: 2 }),
    event("call.ringing", "call:a", { call: row("ringing") }, { rev: 3, seq: 3 }),
  ]);
  assert.equal(state.calls.a.status, "talking");
});

test("two rows of one moment share a revision and both count", () => {
  const state = fold([
    event("call.answered", "call:a", { call: row("answered") }, { rev: 3, seq: 1 }),
    event("call.waiting", "call:a", { call: row("waiting") }, { rev: 3, seq: 2 }),
  ]);
  assert.equal(state.calls.a.status, "waiting");
});

test("after a snapshot revisions count anew", () => {
  const before = fold([event("call.talking", "call:a", { call: row("talking") }, { rev: 7, seq: 2 })]);
  const after = fromSnapshot({ calls: [row("ringing")], conversations: [], messages: {}, transcripts: {} }, before);
  const next = apply(after, event("call.waiting", "call:a", { call: row("waiting") }, { rev: 2, seq: 3 }));
  assert.equal(next.calls.a.status, "waiting");
});

test("a final line replaces what was heard of it so far", () => {
  const state = fold([
    event("transcript.interim", "call:a", { speaker: "caller", text: "I wou", segment: 1 }, { eph: "caller" }),
    event("transcript.interim", "call:a", { speaker: "agent", text: "Well", segment: 2 }, { eph: "agent" }),
  ]);
  assert.equal(state.interims.a.caller.text, "I wou");
  const next = apply(state, event("transcript.final", "call:a", { speaker: "caller", text: "I would.", heard: "I would." }, { seq: 1 }));
  assert.deepEqual(Object.keys(next.interims.a), ["agent"]);
  assert.equal(next.transcripts.a[0].heard, "I would.");
});

test("a latency belongs to the agent's next line and to no other", () => {
  const lap = { turn: 2, total_ms: 800 };
  const state = fold([
    event("turn.metrics", "call:a", lap, { seq: 1 }),
    event("transcript.final", "call:a", { speaker: "operator", text: "Hm.", heard: "Hm." }, { seq: 2 }),
    event("transcript.final", "call:a", { speaker: "agent", text: "Yes.", heard: "Yes." }, { seq: 3 }),
    event("transcript.final", "call:a", { speaker: "agent", text: "So.", heard: "So." }, { seq: 4 }),
  ]);
  assert.deepEqual(state.transcripts.a.map((turn) => turn.lap?.turn), [undefined, 2, undefined]);
});

test("a line that was cut off is marked as a barge-in", () => {
  const state = fold([event("transcript.final", "call:a", { speaker: "agent", text: "Well, I", heard: "Well", cut: true }, { seq: 1 })]);
  assert.deepEqual(state.marks.a.map((mark) => mark.kind), ["barge-in"]);
});

test("what becomes of a recording is a mark, and the call's row tells how it stands", () => {
  const state = fold(["asking", "on"].map((recording, at) => event("call.recording", "call:a", { call: { id: "a", status: "talking", recording } }, { seq: at + 1, rev: at + 1 })));
  assert.deepEqual(state.marks.a.map((mark) => mark.kind), ["recording.asking", "recording.on"]);
  assert.equal(state.calls.a.recording, "on");
});

test("muting and taking over are remembered until they end", () => {
  const held = (kinds) => fold(kinds.map((kind) => event(kind, "call:a", {}, { seq: 1 }))).holds.a;
  assert.deepEqual(held(["ai.muted", "takeover.started"]), { muted: true, taken: true, by: "" });
  assert.deepEqual(held(["ai.muted", "takeover.started", "takeover.ended", "ai.unmuted"]), { muted: false, taken: false, by: "" });
});

test("a text is told once, with its newest state", () => {
  const conversation = { id: "c", status: "active" };
  const message = (status) => ({ id: "m", status, message_text: "Hello" });
  const state = fold(["queued", "sent", "delivered"].map((status, at) => event(`sms.${status}`, "conv:c", { conversation, message: message(status) }, { rev: at, seq: at + 1 })));
  assert.deepEqual(state.messages.c.map((one) => one.status), ["delivered"]);
});

test("what passes is not kept among the events, and neither list grows for ever", () => {
  let state = empty;
  for (let at = 0; at < 2000; at++) {
    state = apply(state, event("audio.level", "call:a", { side: "caller", level: 0.5 }, { eph: "level" }));
    state = apply(state, event("call.dtmf", "call:b", { digit: "1" }, { seq: at + 1 }));
  }
  assert.equal(state.recent.length, 500);
  assert.ok(state.recent.every((one) => !one.eph));
  assert.equal(state.levels.a.length, 1500);
});

test("a snapshot in the middle keeps transcripts of calls that are over, and their latencies", () => {
  const seen = fold([
    event("turn.metrics", "call:a", { turn: 1, total_ms: 500 }, { seq: 1 }),
    event("transcript.final", "call:a", { speaker: "agent", text: "Hello.", heard: "Hello." }, { seq: 2 }),
    event("transcript.final", "call:b", { speaker: "agent", text: "Bye.", heard: "Bye." }, { seq: 3 }),
  ]);
  const turn = { speaker: "agent", text: "Hello.", heard: "Hello.", at: "2026-11-23T09:00:00.000Z" };
  const after = fromSnapshot({ calls: [], conversations: [], messages: {}, transcripts: { a: [turn] } }, seen);
  assert.equal(after.transcripts.a[0].lap.total_ms, 500);
  assert.equal(after.transcripts.b.length, 1);
});

test("every terminal status is over, and no other", () => {
  const over = ["ended", "busy", "no_answer", "failed", "canceled", "lost"];
  const running = ["initiating", "ringing", "answered", "waiting", "talking", "voicemail"];
  assert.ok(over.every((status) => isOver({ status })));
  assert.ok(running.every((status) => !isOver({ status })));
});

test("words in the making that come after their final line are not shown again", () => {
  const state = fold([
    event("transcript.final", "call:a", { speaker: "caller", text: "Yes.", heard: "Yes.", segment: "caller:3" }, { seq: 1 }),
    event("transcript.interim", "call:a", { speaker: "caller", text: "Ye", segment: "caller:3" }, { eph: "interim:caller" }),
    event("transcript.interim", "call:a", { speaker: "caller", text: "And", segment: "caller:4" }, { eph: "interim:caller" }),
  ]);
  assert.equal(state.interims.a.caller.text, "And");
  assert.equal(fold([event("transcript.interim", "call:a", { speaker: "caller", text: "Ye", segment: "caller:3" }, { eph: "i" })], { ...state, interims: {} }).interims.a, undefined);
});

test("a node's news replace what was known of it", () => {
  const node = (name, state) => event(`node.${state}`, `node:${name}`, { node: { node: name, state } }, { topic: "fleet", eph: "state" });
  const state = fold([node("b", "up"), node("a", "up"), node("b", "draining")]);
  assert.deepEqual(state.fleet.nodes, [{ node: "a", state: "up" }, { node: "b", state: "draining" }]);
});

test("tags and notes are as the last event of each told, until they are read anew", () => {
  const note = (id, text) => ({ note: { id, text, created_at: "2026-11-23T09:00:00.000Z" } });
  const state = fold([
    event("call.tagged", "call:a", { tags: ["VIP"] }), event("call.noted", "call:a", note("n", "first")), event("call.noted", "call:a", note("m", "second")),
    event("call.noted", "call:a", note("n", "changed")), event("call.note_deleted", "call:a", { note_id: "o" }),
  ]);
  const read = { tags: [], notes: [note("o", "gone").note, note("p", "kept").note] };
  const found = annotated(read, state.tags.a, state.notes.a);
  assert.deepEqual([found.tags, found.notes.map(({ text }) => text)], [["VIP"], ["kept", "changed", "second"]]);
  assert.deepEqual(fromSnapshot({}, state).notes, {});
  assert.deepEqual(annotated(read, undefined, undefined).notes.length, 2);
});
