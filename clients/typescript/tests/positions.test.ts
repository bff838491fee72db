// No event twice and none left out, whatever comes after which.

import assert from "node:assert/strict";
import { test } from "node:test";

import type { At, Event, Incoming, Snapshot, Welcome } from "../src/messages.js";
import { MOST_KNOWN, Positions } from "../src/positions.js";

function event(seq: number | null, more: Partial<Event> = {}): Event {
  const place = seq === null ? { eph: "x" } : { seq, epoch: "e" };
  return {
    op: "event", topic: "me", id: `id-${seq}`, type: "call.ended", v: 1, ts: "t", user_id: null,
    subject: "s", data: {}, ...place, ...more,
  };
}

function snapshot(seq: number, data: Snapshot["data"], more: Partial<Snapshot> = {}): Snapshot {
  return { op: "snapshot", topic: "me", epoch: "e", seq, data, ...more };
}

function place(seq: number, epoch = "e"): At {
  return { op: "at", topic: "me", epoch, seq };
}

function welcome(filtered: boolean): Welcome {
  return {
    op: "welcome", v: 1, session: "", node: "", now: "", ping_s: 25, token_exp: "", role: "user",
    limits: { frame: 1, cmd_per_s: 1, subs: 1 }, subs: [{ topic: "me", mode: "resumed", filtered }],
  };
}

function given(positions: Positions, ...messages: Incoming[]): unknown[] {
  return messages.flatMap((message) => {
    const { give } = positions.take(message);
    return give === undefined ? [] : [give.seq ?? null];
  });
}

function at(seq: number): Positions {
  return new Positions({ me: { epoch: "e", seq } });
}

const ASKED = { op: "resume", topic: "me", cursor: { epoch: "e", seq: 4 } };

test("events that follow are handed on once", () => {
  const positions = at(4);
  assert.deepEqual(given(positions, event(4), event(5), event(5), event(6)), [5, 6]);
  assert.deepEqual(positions.places, { me: { epoch: "e", seq: 6 } });
});

test("a gap is asked for once, and nothing after it is handed on before", () => {
  const positions = at(4);
  assert.deepEqual(positions.take(event(7)), { send: ASKED });
  assert.deepEqual(positions.take(event(8)), {});
  assert.deepEqual(given(positions, event(5), event(6), event(7)), [5, 6, 7]);
  assert.ok(positions.take(event(9)).send);
});

test("numbers of another epoch are never taken for ours", () => {
  for (const one of [event(5, { epoch: "another" }), place(1, "another")]) {
    assert.deepEqual(at(4).take(one), { send: ASKED });
  }
});

test("without a position a snapshot is waited for", () => {
  const positions = new Positions({ me: null });
  assert.deepEqual(positions.take(event(5)), { send: { ...ASKED, cursor: null } });
  assert.deepEqual(given(positions, snapshot(6, {}), event(6), event(7)), [6, 7]);
});

test("a quiet topic that is further is asked for what is missing", () => {
  const positions = at(4);
  assert.deepEqual(positions.take(place(4)), {});
  assert.deepEqual(positions.take(place(6)), { send: ASKED });
});

test("a part of a stream has gaps that mean nothing", () => {
  const positions = at(4);
  positions.take(welcome(true));
  assert.deepEqual(given(positions, event(9)), [9]);
  assert.deepEqual(positions.take(place(12)), {});
  assert.deepEqual(positions.places["me"], { epoch: "e", seq: 12 });
});

test("a snapshot of several pages is handed on whole", () => {
  const positions = new Positions({ me: null });
  const first = { calls: [1], messages: { a: 1 }, usage: 1 };
  assert.deepEqual(positions.take(snapshot(6, first, { last: false })), {});
  assert.equal(positions.places["me"], null);
  const whole = positions.take(snapshot(6, { calls: [2], messages: { b: 2 } }, { page: 2 })).give;
  assert.deepEqual(whole?.data, { calls: [1, 2], messages: { a: 1, b: 2 }, usage: 1 });
  assert.deepEqual(positions.places["me"], { epoch: "e", seq: 6 });
});

test("a new socket goes on from every place and forgets half a snapshot", () => {
  const positions = new Positions({ me: { epoch: "e", seq: 4 }, "call:1": null });
  positions.take(snapshot(9, { calls: [1] }, { last: false }));
  const subs = [
    { topic: "me", cursor: { epoch: "e", seq: 4 } },
    { topic: "call:1", cursor: null },
  ];
  const hello = { op: "hello", v: 1, token: "tk", subs, caps: ["batch"] };
  assert.deepEqual(positions.hello("tk"), hello);
  assert.deepEqual(given(positions, event(5)), [5]);
});

test("what comes by two topics is handed on once and both move on", () => {
  const start = { epoch: "e", seq: 4 };
  const positions = new Positions({ me: start, "call:1": start });
  assert.deepEqual(given(positions, event(5), event(5, { topic: "call:1" })), [5]);
  assert.deepEqual(Object.values(positions.places), Array(2).fill({ epoch: "e", seq: 5 }));
});

test("passing events move nothing, and known ones are forgotten in time", () => {
  const positions = at(4);
  assert.deepEqual(given(positions, event(null), event(null)), [null]);
  for (let name = 0; name < MOST_KNOWN; name += 1) {
    positions.take(event(null, { id: `other-${name}` }));
  }
  assert.deepEqual(given(positions, event(null)), [null]);
  assert.deepEqual(positions.places, { me: { epoch: "e", seq: 4 } });
});

test("the rest needs nothing, not even what this version does not know", () => {
  const positions = at(4);
  const later = { op: "song" } as unknown as Incoming;
  for (const quiet of [{ op: "ack", id: "1", ok: true }, { op: "resync", topic: "me" }] as const) {
    assert.deepEqual(positions.take(quiet), {});
  }
  assert.deepEqual(positions.take(later), {});
  assert.deepEqual(positions.take(welcome(false)), {});
});
