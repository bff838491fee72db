// The client against a node and its sandbox, as somebody's program would use it. Where they are and
// whom they know comes as JSON in TALKING_WORLD.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";

import {
  Client,
  type Event,
  InvalidError,
  Live,
  LiveRefusedError,
  NotFoundError,
  PaymentRequiredError,
  ProblemError,
  type Snapshot,
  UnauthenticatedError,
  isEvent,
  verify,
} from "../src/index.js";
import { wayTo } from "./cut.js";

/** People's numbers by what they do, and tokens: of a user with much room, of one with little. */
interface World {
  readonly url: string;
  readonly token: string;
  readonly tokenOfFree: string;
  readonly brief: string;
  readonly busy: string;
  readonly patient: string;
  readonly silent: string;
}

const GIVEN = process.env["TALKING_WORLD"];
const { url, token, ...world }: World = JSON.parse(GIVEN ?? '{"url":""}');
const OPTIONS = { skip: GIVEN === undefined ? "no node is given" : false, timeout: 60_000 };
const talking = new Client(url, token);

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const found = [];
  for await (const row of rows) found.push(row);
  return found;
}

/** The types of a call's events until it has ended. */
async function untilEnded(live: Live, id: string): Promise<string[]> {
  const seen: string[] = [];
  for await (const given of live) {
    if (given.op === "event" && given.subject === `call:${id}`) seen.push(given.type);
    if (isEvent(given, "call.ended") && given.data.call.id === id) break;
  }
  return seen;
}

test("a call is placed and followed to its end", OPTIONS, async () => {
  const live = new Live(url, token);
  const rows = live[Symbol.asyncIterator]();
  assert.equal((await rows.next()).value?.op, "snapshot");
  const call = await talking.calls.place({ topic: "growing tomatoes", to: world.brief });
  await rows.return();
  const seen = await untilEnded(live, call.id); // from where the first look at it ended
  assert.equal(seen[0], "call.initiating");
  assert.ok(seen.includes("call.talking"));
  const ended = await talking.calls.get(call.id, { expand: "transcript" });
  const words = await talking.calls.transcript(call.id);
  assert.equal(ended.status, "ended");
  assert.deepEqual(ended.transcript, words.turns);
  assert.equal(new Set(words.turns.map((turn) => turn.speaker)).size, 2);
  assert.ok((await talking.usage()).calls.used >= 1);
});

test("lists are filtered and paged by themselves", OPTIONS, async () => {
  const made: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    const live = new Live(url, token);
    const rows = live[Symbol.asyncIterator]();
    await rows.next();
    const call = await talking.calls.place({ topic: "patience", to: world.busy });
    made.push(call.id);
    await rows.return();
    await untilEnded(live, call.id);
  }
  const since = new Date(Date.now() - 3_600_000);
  const busy = await all(talking.calls.list({ status: "busy", limit: 2, since }));
  const sorted = { topic: "PATIENCE", sort: "created_at", limit: 2 } as const;
  const upwards = await all(talking.calls.list(sorted));
  assert.deepEqual(busy.map((one) => one.id), [...made].reverse());
  assert.deepEqual(upwards.map((one) => one.id), made);
  assert.deepEqual(await all(talking.calls.list({ topic: "haste" })), []);
  await assert.rejects(all(talking.calls.list({ since: "yesterday" })), (fault) => {
    return fault instanceof InvalidError && fault.code === "bad_request";
  });
  const [first = ""] = made;
  const { tags } = await talking.calls.tag(first, "späte Rückfrage");
  const tagged = await all(talking.calls.list({ tag: "SPÄTE rückfrage" }));
  assert.deepEqual(tagged.map((one) => one.id), [first]);
  assert.equal((await talking.calls.usedTags()).find(({ tag }) => tag === tags[0])?.calls, 1);
  const note = await talking.calls.addNote(first, { text: "Was busy." });
  const changed = await talking.calls.changeNote(first, note.id, { text: "Is busy." });
  const written = await talking.calls.annotations(first);
  assert.deepEqual([written.tags, written.notes], [tags, [changed]]);
  assert.equal((await talking.calls.deleteNote(first, note.id)).id, note.id);
  assert.deepEqual((await talking.calls.untag(first, "späte Rückfrage")).tags, []);
  await assert.rejects(talking.calls.recording(first), NotFoundError);
});

test("refusals are errors with code, detail and request id", OPTIONS, async () => {
  const refused = async (asked: Promise<unknown>, kind: typeof ProblemError, code: string) => {
    await assert.rejects(asked, (fault) => {
      assert.ok(fault instanceof kind);
      assert.equal(fault.code, code);
      return Boolean(fault.detail && fault.requestId);
    });
  };
  const free = new Client(url, world.tokenOfFree);
  const ask = { topic: "limits", to: world.silent };
  const call = await free.calls.place(ask);
  await refused(free.calls.place(ask), PaymentRequiredError, "plan_limit");
  await refused(free.calls.get("00000000-0000-4000-8000-000000000001"), NotFoundError, "not_found");
  await free.calls.hangUp(call.id);
  await refused(new Client(url, "nobody's").me(), UnauthenticatedError, "unauthenticated");
});

test("a write sent twice under one key is done once", OPTIONS, async () => {
  const ask = { topic: "keys", to: world.silent };
  const first = await talking.calls.place(ask, { idempotencyKey: "once" });
  const second = await talking.calls.place(ask, { idempotencyKey: "once" });
  await talking.calls.hangUp(first.id);
  assert.deepEqual(second, first);
});

test("a live socket that is cut goes on without a gap", OPTIONS, async () => {
  await using way = await wayTo(url);
  const live = new Live(way.url, token, { retries: { firstPauseSeconds: 0.05 } });
  const seen: (Snapshot | Event)[] = [];
  let id = "";
  for await (const given of live) {
    seen.push(given);
    if (given.op === "snapshot") {
      id = (await talking.calls.place({ topic: "cuts", to: world.patient })).id;
    } else if (given.subject !== `call:${id}`) {
      continue;
    } else if (given.type === "call.ringing" || given.type === "call.answered") {
      way.cut();
    } else if (given.type === "call.talking") {
      way.cut();
      await talking.calls.hangUp(id); // while nobody listens
    } else if (given.type === "call.ended") {
      break;
    }
  }
  const durable = seen.flatMap((one) => (one.op === "event" && one.seq != null ? [one.seq] : []));
  const first = durable[0] ?? 0;
  assert.ok(first > 0);
  assert.deepEqual(durable, durable.map((_, index) => first + index));
  assert.equal(seen.filter((one) => one.op === "snapshot").length, 1);
  assert.ok(way.opened >= 3);
  const at = live.positions["me"];
  assert.ok(at);
  assert.equal(at.seq, durable.at(-1));

  // What was read in another life is not read again: a program may keep its position.
  const kept = JSON.parse(JSON.stringify({ me: { ...at, seq: at.seq - 1 } }));
  for await (const given of new Live(url, token, { topics: kept })) {
    assert.equal(given.op, "event");
    if (given.seq == null) continue;
    assert.equal(given.seq, at.seq);
    break;
  }
});

test("a live socket of nobody is told so and ends", OPTIONS, async () => {
  await assert.rejects(new Live(url, "nobody's")[Symbol.asyncIterator]().next(), (fault) => {
    return fault instanceof LiveRefusedError && fault.closeCode === 4501;
  });
});

test("texts and e-mails are sent and listed", OPTIONS, async () => {
  const consent = "I agree to get texts.";
  const ask = { topic: "Bread", phone_number: world.patient, consent };
  const started = await talking.texts.start(ask);
  assert.equal((await talking.texts.get(started.id)).conversation.id, started.id);
  assert.equal((await talking.texts.pause(started.id)).status, "paused");
  assert.equal((await talking.texts.resume(started.id)).status, "active");
  assert.equal((await talking.texts.write(started.id, "One moment.")).message_text, "One moment.");
  assert.equal((await talking.texts.end(started.id)).status, "ended");
  const [listed] = await all(talking.texts.list({ status: "ended", expand: "messages" }));
  assert.ok(listed?.messages?.length);
  const email = await talking.emails.send({ topic: "Bread", type: "custom", content: "Hello." });
  assert.equal((await talking.emails.get(email.id)).topic, "Bread");
  const sent = await all(talking.emails.list({ direction: "outbound" }));
  assert.deepEqual(sent.map((one) => one.id), [email.id]);
});

test("a webhook is made, and what it brings is proven", OPTIONS, async () => {
  const receiver = createServer();
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
  const made = await talking.webhooks.make({ url: address, types: ["call.ended"] });
  const call = await talking.calls.place({ topic: "webhooks", to: world.silent });
  const came = once(receiver, "request");
  await talking.calls.hangUp(call.id);
  const [request, response] = await came;
  const body = await text(request);
  response.end();
  const event = await verify(made.secret ?? "", request.headers, body);
  assert.ok(isEvent(event, "call.ended"));
  assert.equal(event.data.call.id, call.id);
  assert.deepEqual((await talking.webhooks.all()).map((one) => one.id), [made.id]);
  const [sent] = await all(talking.webhooks.deliveries(made.id, { limit: 1 }));
  assert.equal(sent?.message_id, event.id);
  await talking.webhooks.delete(made.id);
  assert.deepEqual(await talking.webhooks.all(), []);
  receiver.closeAllConnections();
  receiver.close();
});
