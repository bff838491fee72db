// Small pure things of the console: parts of a text, addresses, clocks, exports, a call's stages.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { clock, csv, masked, took } from "../../server/web/core/format.js";
import { agree, now } from "../../server/web/core/now.js";
import { href, parse } from "../../server/web/core/router.js";
import { plain, segments } from "../../server/web/screens/texts-and-mails/segments.js";
import { spokenOf } from "../../server/web/core/announce.js";
import { fromJournal, heldBy, isHeldFrom, merged, stages, standingOf, talkingSince } from "../../server/web/screens/calls/past.js";

test("parts of a text are counted as the server counts them", () => {
  const cases = JSON.parse(readFileSync(process.env.SEGMENT_CASES, "utf-8"));
  assert.ok(cases.length > 20);
  for (const { text, plain: expected, encoding, count } of cases) {
    assert.equal(plain(text), expected);
    const found = segments(expected);
    assert.deepEqual([found.encoding, found.count], [encoding, count], JSON.stringify(text));
  }
});

test("an address says where one is and can be written again", () => {
  const address = "#/history/a%2Fb?kind=calls&q=two+words";
  assert.deepEqual(parse(address), { path: ["history", "a/b"], query: { kind: "calls", q: "two words" } });
  assert.equal(href(["history", "a/b"], { kind: "calls", q: "two words", empty: "" }), address);
  assert.deepEqual(parse("").path, []);
  assert.equal(parse("#/calls/%E0%A4%A").path.length, 2);
  assert.deepEqual(parse(href(["a+b&c=d"])).path, ["a+b&c=d"]);
});

test("times are the server's, whatever this machine's clock says", () => {
  agree(300000);
  const ahead = now() - Date.now();
  agree(0);
  assert.ok(Math.abs(ahead - 300000) < 1000 && Math.abs(now() - Date.now()) < 1000, ahead);
});

test("times are short and never negative", () => {
  assert.deepEqual([0, 75000, 3725000, -5].map(clock), ["0:00", "1:15", "1:02:05", "0:00"]);
  assert.deepEqual([420, 12345, 125000].map(took), ["0.4 s", "12 s", "2:05"]);
});

test("a number on a screen can be told apart but not dialled", () => {
  assert.equal(masked("+12025550100"), "+1202 ••• 0100");
});

test("an export holds no formula and keeps quotes and lines", () => {
  const text = csv([{ topic: '=HYPERLINK("x")', note: "two\nlines" }], ["topic", "note"]);
  assert.equal(text, 'topic,note\r\n"\'=HYPERLINK(""x"")","two\nlines"');
});

const CALL = { status: "talking", created_at: "2026-11-23T09:00:00.000Z", initiated_time: "2026-11-23T09:00:00.000Z", ringing_time: "2026-11-23T09:00:01.000Z", answered_time: "2026-11-23T09:00:05.000Z", ended_time: null };

test("a running call shows how long each stage took and where it is now", () => {
  const found = stages(CALL, Date.parse("2026-11-23T09:00:07.500Z"));
  assert.deepEqual(found.map(({ state, ms }) => [state, ms]), [["done", 1000], ["done", 4000], ["done", 2500], ["now", null], ["next", null]]);
});

test("a call nobody answered skipped the stages between", () => {
  const found = stages({ ...CALL, status: "no_answer", answered_time: null, ended_time: "2026-11-23T09:00:31.000Z" }, null);
  assert.deepEqual(found.map(({ state }) => state), ["done", "done", "skipped", "skipped", "done"]);
});

test("a journal tells when talk began and what is worth a mark, and marks seen live are not doubled", () => {
  const journal = [
    { at: "2026-11-23T09:00:06.000Z", event: { type: "amd_verdict", answered_by: "human" } },
    { at: "2026-11-23T09:00:07.000Z", event: { type: "sound_began", turn: 1 } },
    { at: "2026-11-23T09:00:09.000Z", event: { type: "spoken", cut: true, text: "Well, so", heard: "Well" } },
    { at: "2026-11-23T09:00:10.000Z", event: { type: "record_pause_asked" } },
  ];
  assert.equal(talkingSince(undefined, journal), Date.parse("2026-11-23T09:00:07.000Z"));
  const marks = fromJournal(journal);
  assert.deepEqual(marks.map((mark) => mark.kind), ["call.amd.result", "barge-in", "recording.paused"]);
  assert.equal(merged(marks, marks).length, 3);
});

test("what failed is told at once, what is usual politely, and levels not at all", () => {
  const call = (status) => spokenOf({ type: "call.ended", data: { call: { topic: "bread", status } } });
  assert.deepEqual(call("ended"), { text: "Call about bread: ended", failed: false });
  assert.equal(call("lost").failed, true);
  assert.equal(spokenOf({ type: "usage.updated", data: {} }), null);
});

test("who holds a call acts on it alone, also where the call's owner does", () => {
  const row = { user_id: "owner" };
  const asked = (operator, held_by) => standingOf(row, { muted: false, operator, held_by });
  const held = (me, standing) => isHeldFrom(me && { id: me }, row, standing);
  assert.deepEqual(asked("present", "owner"), { muted: false, taken: true, by: "" });
  assert.deepEqual([held("owner", asked("present", "owner")), held("anna", asked("present", "owner"))], [false, true]);
  assert.deepEqual([held("owner", asked("away", "anna")), held("anna", asked("away", "anna")), held("ben", asked("away", "anna"))], [true, false, true]);
  assert.equal(standingOf(row, { muted: false, operator: "present", held_by: "anna", held_by_name: "Anna" }).name, "Anna");
  assert.equal(held("ben", asked("present", null)), false, "older takeovers are anybody's");
  assert.equal(held("ben", asked("", null)), false);
  assert.equal(held(null, asked("present", "anna")), false, "who is asking is not known yet");
});

test("a journal tells whether the AI is muted or taken over", () => {
  const after = (...types) => heldBy(types.map((type) => ({ event: { type } })));
  assert.deepEqual(after("ai_muted", "takeover_asked", "keyed"), { muted: true, taken: true });
  assert.deepEqual(after("ai_muted", "ai_unmuted", "takeover_asked", "takeover_released"), { muted: false, taken: false });
});
