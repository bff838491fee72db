// The live link against a socket and a clock of our own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Link } from "../../server/web/core/link.js";
import { Session } from "../../server/web/core/session.js";

class Wire {
  constructor() {
    this.readyState = 1;
    this.sent = [];
  }
  send(text) { this.sent.push(JSON.parse(text)); }
  close() { this.readyState = 3; }
  tell(...messages) { this.onmessage({ data: messages.map((one) => JSON.stringify(one)).join("\n") }); }
  ops(op) { return this.sent.filter((one) => one.op === op); }
}

const WELCOME = { op: "welcome", ping_s: 25, role: "user", node: "n1", now: "1970-01-01T00:05:00.000Z" };
const snapshot = (seq, data = { calls: [] }) => ({ op: "snapshot", topic: "me", epoch: "k", seq, data });
const event = (seq) => ({ op: "event", topic: "me", epoch: "k", seq, type: "call.dtmf", subject: "call:a", data: {} });

async function world({ tickets = async () => "t" } = {}) {
  const it = { now: 0, wires: [], events: [], snapshots: [] };
  it.link = new Link({
    newTicket: tickets, clock: () => it.now,
    open: () => { it.wires.push(new Wire()); return it.wires.at(-1); },
    handlers: { status: () => {}, snapshot: (_, data) => it.snapshots.push(data), event: (message) => it.events.push(message.seq) },
  });
  it.greet = async () => {
    await it.link.open();
    const wire = it.wires.at(-1);
    wire.onopen();
    wire.tell(WELCOME);
    return wire;
  };
  return it;
}

test("it comes back at the place where it was", async () => {
  const it = await world();
  (await it.greet()).tell(snapshot(5), event(6));
  it.wires[0].onclose({ code: 1012, reason: "" });
  assert.deepEqual([it.link.state, it.link.ahead], ["lost", 300000]);
  const wire = await it.greet();
  assert.deepEqual(wire.ops("hello")[0].subs, [{ topic: "me", cursor: { epoch: "k", seq: 6 } }]);
});

test("an event that came already is not told again", async () => {
  const it = await world();
  (await it.greet()).tell(snapshot(5), event(5), event(6), event(6));
  assert.deepEqual(it.events, [6]);
});

test("a gap is asked for once and nothing after it is told before it is filled", async () => {
  const it = await world();
  const wire = await it.greet();
  wire.tell(snapshot(5), event(7), event(8));
  assert.deepEqual(it.events, []);
  assert.deepEqual(wire.ops("resume"), [{ op: "resume", topic: "me", cursor: { epoch: "k", seq: 5 } }]);
  wire.tell(event(6), event(7), event(8));
  assert.deepEqual(it.events, [6, 7, 8]);
  assert.equal(it.link.asked.size, 0);
});

test("a quiet server that stands further on is asked for what is missing", async () => {
  const it = await world();
  const wire = await it.greet();
  wire.tell(snapshot(5), { op: "at", topic: "me", seq: 5 });
  assert.equal(wire.ops("resume").length, 0);
  wire.tell({ op: "at", topic: "me", seq: 6 });
  assert.equal(wire.ops("resume").length, 1);
});

test("a snapshot in pages is handed on whole", async () => {
  const it = await world();
  const page = (number, last, calls) => ({ ...snapshot(5, { calls, messages: { [number]: [] } }), page: number, last });
  (await it.greet()).tell(page(1, false, [1]), page(2, true, [2]));
  assert.deepEqual(it.snapshots, [{ calls: [1, 2], messages: { 1: [], 2: [] } }]);
});

test("a command without an answer is repeated under the same id, also on a new socket", async () => {
  const it = await world();
  const first = await it.greet();
  const ack = it.link.command("call.say", { text: "Hello" });
  it.now += 5001;
  it.link.tick();
  first.onclose({ code: 1006, reason: "" });
  const second = await it.greet();
  const sent = [...first.ops("cmd"), ...second.ops("cmd")];
  assert.equal(sent.length, 3);
  assert.equal(new Set(sent.map((one) => one.id)).size, 1);
  second.tell({ op: "ack", id: sent[0].id, ok: true, data: {} });
  assert.equal((await ack).ok, true);
  it.now += 5001;
  it.link.tick();
  assert.equal(second.ops("cmd").length, 1);
});

test("an answer that the first asking still runs is waited out", async () => {
  const it = await world();
  const wire = await it.greet();
  const ack = it.link.command("call.start", {});
  const [{ id }] = wire.ops("cmd");
  wire.tell({ op: "ack", id, ok: false, error: { code: "idempotency_in_progress" } });
  it.now += 5001;
  it.link.tick();
  wire.tell({ op: "ack", id, ok: true, data: { done: 1 } });
  assert.deepEqual((await ack).data, { done: 1 });
});

test("what is done while the link is away is done when it is back", async () => {
  const it = await world();
  it.link.command("call.hangup", { call: "a" });
  const wire = await it.greet();
  assert.equal(wire.ops("cmd")[0].name, "call.hangup");
});

test("a socket that is silent for longer than a beat and ten seconds is given up", async () => {
  const it = await world();
  const wire = await it.greet();
  it.now += 34000;
  it.link.tick();
  assert.equal(it.link.state, "live");
  wire.tell({ op: "ping" });
  assert.equal(wire.ops("pong").length, 1);
  it.now += 35001;
  it.link.tick();
  assert.equal(it.link.state, "lost");
  assert.equal(wire.readyState, 3);
});

test("waking up looks at once: a dead socket is left, a wait is cut short", async () => {
  const it = await world();
  await it.greet();
  it.now += 3600000;
  it.link.wake();
  assert.equal(it.link.state, "lost");
  it.link.wake();
  assert.equal(it.link.state, "joining");
});

test("pauses grow to twenty seconds, are random, and start small again after ten healthy seconds", async () => {
  const it = await world();
  const pauses = [];
  for (let at = 0; at < 12; at++) {
    await it.link.open();
    it.wires.at(-1).onclose({ code: 1006, reason: "" });
    pauses.push(it.link.dueAt - it.now);
  }
  pauses.forEach((pause, at) => assert.ok(pause >= 0 && pause <= Math.min(20000, 500 * 2 ** at), `${at}: ${pause}`));
  assert.equal(new Set(pauses).size, 12);
  await it.greet();
  it.now += 10001;
  it.wires.at(-1).onclose({ code: 4001, reason: "" });
  assert.ok(it.link.dueAt - it.now <= 500);
});

test("from 4500 on it stops and says why", async () => {
  const it = await world();
  await it.greet();
  it.wires[0].onclose({ code: 4505, reason: "account closed" });
  assert.deepEqual([it.link.state, it.link.why, it.link.dueAt], ["refused", "account closed", null]);
});

test("a token is renewed in time by a clock that is an hour slow, once for all who wait", async () => {
  const now = Date.now;
  let passed = 0;
  Date.now = () => now() - 3600000 + passed;
  const kept = new Map();
  globalThis.sessionStorage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
  const tokens = ["old", "new"];
  globalThis.fetch = async () => Response.json({ access_token: tokens.shift(), expires_in: 3600, expires_at: now() / 1000 + 3600 });
  try {
    const session = new Session({ auth_url: "" });
    await session.signIn("a@example.com", "secret");
    assert.equal(await session.token(), "old");
    passed = 3590000;
    assert.deepEqual(await Promise.all([session.token(), session.token()]), ["new", "new"]);
    assert.equal(await session.token(), "new");
  } finally {
    Date.now = now;
  }
});

test("a refused ticket ends it; a server that is away does not", async () => {
  const refused = await world({ tickets: async () => { throw Object.assign(new Error("expired"), { status: 401 }); } });
  await refused.link.open();
  assert.deepEqual([refused.link.state, refused.link.why], ["refused", "expired"]);
  const unrenewed = await world({ tickets: async () => { throw Object.assign(new Error("Invalid Refresh Token"), { status: 400 }); } });
  await unrenewed.link.open();
  assert.deepEqual([unrenewed.link.state, unrenewed.link.why], ["refused", ""]);
  const away = await world({ tickets: async () => { throw new TypeError("fetch failed"); } });
  await away.link.open();
  assert.equal(away.link.state, "lost");
});

test("a further topic is asked for once, kept only if it is granted, and its numbers may have gaps", async () => {
  const it = await world();
  const wire = await it.greet();
  wire.tell(snapshot(5));
  it.link.subscribe("fleet");
  it.link.subscribe("fleet");
  const [ask, ...more] = wire.ops("cmd");
  assert.deepEqual([ask.name, ask.args, more], ["sub.add", { topic: "fleet" }, []]);
  wire.tell({ op: "ack", id: ask.id, ok: true, data: {} });
  await Promise.resolve();
  wire.tell({ ...event(1), topic: "fleet" }, { ...event(9), topic: "fleet" });
  assert.deepEqual(it.events, [1, 9]);
  const refused = await world();
  const other = await refused.greet();
  refused.link.subscribe("fleet");
  other.tell({ op: "ack", id: other.ops("cmd")[0].id, ok: false, error: { code: "unknown_command" } });
  await new Promise(setImmediate);
  assert.deepEqual([...refused.link.cursors.keys()], ["me"]);
});
