// What the console decides without a document: words, refusals, time lines, lists, charts, plans.
import assert from "node:assert/strict";
import { test } from "node:test";
import { noticeOf } from "../../server/web/core/notices.js";
import { countries, language, many, money, refused } from "../../server/web/core/words.js";
import { empty, apply, fromCall } from "../../server/web/core/store.js";
import { fromJournal, holderOf, keysOf, spansOf, transferOf } from "../../server/web/screens/calls/past.js";
import { roof } from "../../server/web/screens/account/charts.js";
import { gist, namer } from "../../server/web/screens/calls/live.js";
import { asked, sorted, sought, wanted, withLater } from "../../server/web/screens/calls/history.js";
import { soughtPlan } from "../../server/web/screens/account/plan.js";
import { stepOf } from "../../server/web/screens/calls/timeline.js";

const at = (second) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const entry = (second, type, rest = {}) => ({ at: at(second), event: { type, ...rest } });

test("a refusal is told at its field, in people's words, and leads to what helps", () => {
  const limit = refused({ code: "plan_limit", message: "Your plan allows 1 call a month.", extra: { metric: "calls", cheapest_plan: "pro" } });
  assert.deepEqual(limit.links, [["See the plan Pro", "#/plan?for=pro"]]);
  assert.equal(refused({ code: "bad_request", message: "The body: Expected `str` of length >= 1 - at `$.topic`." }).field, "topic");
  const { field, text } = refused({ code: "bad_request", message: "`follows_caller`: `moonshine` cannot tell." });
  assert.deepEqual([field, text], ["follows_caller", "moonshine cannot tell."]);
  assert.equal(refused({ code: "bad_request", message: "`recipient_email` is needed." }).field, "to");
  assert.equal(refused({ code: "bad_request", message: "`start_at` must be between now and then." }).field, "when");
  assert.equal(refused({ code: "consent_required" }).field, "consent");
  const missing = refused({ code: "bad_request", message: "args: Object missing required field `topic`." });
  assert.deepEqual([missing.text, missing.field], ["Write something here.", "topic"]);
  assert.equal(refused({ code: "bad_request", message: "The body: Expected `array` of length >= 1 - at `$.scopes`." }).text, "Choose one at least.");
  assert.match(refused({ code: "bad_request", message: "The body: Invalid enum value 'call.over' - at `$.types[0]`, which is one of call.ended, call.lost." }).text, /^There is no "call.over". There are call.ended, call.lost.$/);
  const late = refused({ code: "bad_request", message: "`start_at` must be between now and 2026-12-30T22:03:19.976Z." }).text;
  assert.match(late, /^It must be between now and .*2026/);
  assert.ok(!/regex|\$|T22:/.test(late + refused({ code: "bad_request", message: "The body: Expected `str` matching regex '^[a-z]$' - at `$.language`." }).text));
  assert.match(refused({ code: "country_not_allowed", extra: { allowed_countries: ["US", "CA"] } }).text, /United States and Canada/);
  assert.match(refused({ code: "too_many_calls", message: "Wait as long as Retry-After says.", extra: { retry_after: 600 } }).text, /10 minutes/);
  assert.equal(refused({ code: "bad_request", message: "The body: Expected `str` of length >= 1 - at `$.text`." }).text, "Write something here.");
  assert.match(refused(new TypeError("Failed to fetch")).text, /server cannot be reached/);
  assert.ok(!/[`/]|v1/.test(refused({ code: "checkout_required", message: "Buy with POST /v1/subscription" }).text));
});

test("counts, money and countries are written as people write them", () => {
  assert.deepEqual([many(1, "call"), many(2, "call")], ["1 call", "2 calls"]);
  assert.equal(money("8.9", "usd"), "$8.90");
  assert.equal(countries(["US"]), "United States");
  assert.deepEqual([language("de"), language(null), gist({ type: "call.language", data: { call: { language: "es" } } })], ["German", null, "Spanish"]);
});

test("the journal tells who sounded from when to when", () => {
  const spans = spansOf([
    entry(1, "sound_began", { turn: 1 }), entry(4, "spoken", { turn: 1, heard: "Hello." }),
    entry(5, "speech_began", { utterance: 1, side: "caller" }), entry(8, "speech_paused", { utterance: 1, side: "caller", ended_at: Date.parse(at(7)) / 1000 }),
    entry(8, "recognised", { utterance: 1, side: "caller", text: "Yes?" }), entry(9, "sound_began", { turn: 2 }),
  ]);
  assert.deepEqual(spans, [
    { side: "agent", from: Date.parse(at(1)), until: Date.parse(at(4)), text: "Hello." },
    { side: "caller", from: Date.parse(at(5)), until: Date.parse(at(7)), text: "Yes?" },
  ]);
  assert.deepEqual([8000, 61000, 7200000].map(stepOf), [5, 10, 1800]);
});

test("handing on and keys are shown as they go", () => {
  const marks = [{ at: 1, kind: "call.dtmf", data: { digit: "5" } }, { at: 2, kind: "dtmf.sent", data: { digits: "12" } }, { at: 3, kind: "transfer.started", data: { to: "+1" } }];
  assert.deepEqual(transferOf(marks), { to: "+1", failed: false, at: 3 });
  assert.deepEqual(transferOf([...marks, { at: 4, kind: "transfer.failed", data: {} }]), { to: "+1", failed: true, at: 4 });
  assert.deepEqual(keysOf(marks), [{ by: "they", keys: "5" }, { by: "you", keys: "12" }]);
});

test("who holds a call is named, to those who do as to others, as events and the journal tell", () => {
  const row = { user_id: "owner" };
  assert.deepEqual([holderOf("", { id: "owner" }, row), holderOf("", { id: "other" }, row), holderOf("")], ["you", "the call's owner", "the call's owner"]);
  assert.deepEqual([holderOf("261404cf-735b", { id: "261404cf-735b" }, row), holderOf("261404cf-735b", null, row)], ["you", "an operator"]);
  assert.deepEqual([holderOf("261404cf-735b", { id: "other" }, row, "Ada"), holderOf("", { id: "other" }, row, "Ada")], ["Ada", "Ada"]);
  for (const data of [{ takeover: 2, by: "261404cf-735b" }, fromJournal([entry(1, "takeover_asked", { operator_id: "261404cf-735b" })])[0].data]) assert.equal(gist({ data }), "by an operator");
  assert.deepEqual(["released", "away"].map((reason) => gist({ data: { takeover: 1, reason } })), ["", "their sound was gone"]);
  assert.equal(gist({ data: { takeover: 1 } }), "by the call's owner");
  assert.deepEqual([{ engine: "recogniser" }, { text: "Hello", turn: 2 }, { speaker: "agent", text: "Hello", heard: "Hel" }].map((data) => gist({ data })), ["ears", "Hello", "agent: Hel"]);
  const app = (role) => ({ me: { id: "ben", role }, named: (id) => (role === "user" ? null : `the one of ${id}`) });
  const told = (role, by) => gist({ data: { takeover: 2, by } }, namer(app(role), row));
  assert.deepEqual([told("admin", "anna"), told("user", "anna"), told("admin", "ben"), told("admin", undefined)], ["by the one of anna", "by an operator", "by you", "by the call's owner"]);
});

test("what nobody heard a word of was not interrupted", () => {
  const cut = (heard) => fromJournal([entry(1, "spoken", { turn: 1, text: "Hello, I call.", heard, cut: true })]);
  assert.deepEqual([cut("").length, cut("Hello,")[0].kind], [0, "barge-in"]);
});

test("a search has two characters and no more than the server takes, whatever they are", () => {
  assert.deepEqual([{}, { q: " x " }, { q: "🙂" }, { q: " 日本 " }].map(sought), [null, null, null, "日本"]);
  assert.equal([...sought({ q: "🙂".repeat(300) })].length, 100);
  assert.equal(asked({ one: "call", asked: "status" }, { q: "🙂" }), "");
});

test("history is filtered by day, state, direction and length, and sorted", () => {
  const kind = { asked: "status", direction: () => "outbound" };
  const row = { topic: "Bread", status: "ended", duration_seconds: 90, created_at: "2026-03-05T12:00:00Z" };
  for (const query of [{}, { q: "bre", state: "ended", direction: "outbound", length: "middle", from: "2026-03-04", to: "2026-03-06" }]) assert.ok(wanted(kind, row, query));
  for (const query of [{ state: "busy" }, { direction: "inbound" }, { length: "short" }, { from: "2026-03-07" }, { to: "2026-03-03" }]) assert.ok(!wanted(kind, row, query));
  const { from, to } = { from: new Date("2026-03-04T00:00").toISOString(), to: new Date("2026-03-07T00:00").toISOString() };
  const call = { one: "call", asked: "status" };
  const text = (...of) => Object.fromEntries(new URLSearchParams(asked(...of)));
  assert.deepEqual(text(call, { state: "ended", length: "middle", from: "2026-03-04", to: "2026-03-06", q: "bre", tag: "VIP", sort: "-duration_seconds" }),
    { status: "ended", min_duration_seconds: "60", max_duration_seconds: "299", since: from, until: to, search: "bre", tag: "VIP", sort: "-duration_seconds" });
  assert.deepEqual([asked(call, { q: "b" }), asked(call, { sort: "topic", direction: "inbound" }), asked(call, { sort: "-created_at" })], ["", "", ""]);
  assert.deepEqual(text({ one: "e-mail", asked: "delivery", direction: () => "" }, { state: "bounce", direction: "outbound", length: "long", q: "rye", tag: "VIP" }), { delivery: "bounce", direction: "outbound", search: "rye" });
  const names = (by) => sorted([{ n: 2 }, { n: null }, { n: 10 }], by).map((one) => one.n);
  assert.deepEqual([names("n"), names("-n")], [[2, 10, null], [10, 2, null]]);
});

test("a limit leads to the first plan that allows more", () => {
  const plans = [{ id: "free", phone_calls_limit: 1 }, { id: "pro", phone_calls_limit: 5 }, { id: "premium", phone_calls_limit: -1 }];
  assert.deepEqual(["free", "pro", "premium"].map((plan) => soughtPlan(plans, { plan_in_force: plan }, "calls")), ["pro", "premium", null]);
  assert.equal(soughtPlan(plans, { plan_in_force: "free" }, "premium"), "premium");
});

test("another person's call is followed, and is none of one's own", () => {
  const call = { id: "a", status: "talking" };
  const state = fromCall({ call, transcript: [] }, empty);
  const after = apply(state, { type: "call.ended", subject: "call:a", rev: 2, ts: at(1), data: { call: { id: "a", status: "ended" } } });
  assert.deepEqual([after.calls, after.others.a.status], [{}, "ended"]);
});

test("a notice is given of what waits for a person", () => {
  assert.equal(noticeOf({ type: "sms.received", data: { conversation: { id: "c", topic: "t" }, message: { message_text: "Hi" } } }).href, "#/messages/c");
  const over = (end_reason) => noticeOf({ type: "call.ended", subject: "call:a", data: { call: { id: "a", topic: "t", end_reason } } });
  assert.deepEqual([over("agent_goodbye"), over("engine_failure").title], [null, "A call ended badly"]);
  assert.ok(noticeOf({ type: "call.ended", subject: "call:a", data: { call: { id: "a", topic: "t", status: "failed", end_reason: "failed" } } }));
  const told = { type: "transfer.failed", subject: "call:a", data: {} };
  assert.equal(noticeOf(told, { calls: { a: { id: "a", topic: "bread" } } }).text, "bread");
  const failed = { type: "engine.failed", subject: "call:a", data: { engine: "thinker" } };
  assert.match(noticeOf(failed, { calls: { a: { id: "a", topic: "bread" } } }).title, /the agent's language model failed$/);
  for (const each of [told, { type: "usage.updated", data: {} }]) assert.equal(noticeOf(each), null);
  assert.deepEqual([0, 1, 3, 7, 21].map(roof), [1, 1, 5, 10, 50]);
});

test("a list that was read has what came to be since, where that can be told", () => {
  const [old, now] = [{ id: "a", topic: "bread", status: "talking" }, { id: "a", topic: "bread", status: "ended" }];
  const live = { a: now, b: { id: "b", topic: "bread again" }, c: { id: "c", topic: "cake" } };
  const ids = (read, query) => withLater(read, live, query).map((row) => row.id).sort().join("");
  assert.equal(ids({ rows: [old], cursor: "x" }, {}), "abc");
  assert.equal(withLater({ rows: [old], cursor: null }, live, {})[0], now);
  assert.equal(ids({ rows: [old], cursor: null }, { q: "Bread" }), "ab");
  for (const q of ["busy", "2026", "outbound"]) assert.equal(ids({ rows: [], cursor: "x" }, { q }), "", q);
  assert.equal(ids({ rows: [old], cursor: null }, { tag: "vip" }), "a");
  assert.equal(ids({ rows: [old], cursor: "x" }, { sort: "created_at" }), "a");
  assert.equal(ids({ rows: [], cursor: undefined }, {}), "");
});
