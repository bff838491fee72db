// What the client sends, again where it helps and under one key, and how it says what was refused.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Client,
  ConflictError,
  ConnectionFailedError,
  ProblemError,
  RateLimitedError,
  type Settings,
  TalkingError,
} from "../src/index.js";
import { type Answer, type Fault, answering } from "./server.js";

const AT_ONCE = { attempts: 3, firstPauseSeconds: 0, mostPauseSeconds: 1 };
const CALL = { id: "c1", topic: "bread", status: "initiating", a_member_of_later: 1 };
const MADE: Answer = { status: 201, body: CALL };

function refused(status: number, code: string, headers: Record<string, string> = {}): Answer {
  const body = { type: `/errors/${code}`, title: "No", status, detail: "Not now.", code, used: 3 };
  return { status, body, headers };
}

function client(url: string, settings: Settings = {}): Client {
  return new Client(url, "tk", { retries: AT_ONCE, ...settings });
}

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const found = [];
  for await (const row of rows) found.push(row);
  return found;
}

test("a call is placed with what was given alone", async () => {
  await using server = await answering(MADE);
  const call = await client(`${server.url}/`).calls.place({ topic: "bread", to: "+12025550100" });
  assert.deepEqual([call.status, call.topic], ["initiating", "bread"]);
  const [asked, ...more] = server.asked;
  assert.deepEqual([asked?.method, asked?.url.pathname], ["POST", "/v1/calls"]);
  assert.deepEqual(asked?.body, { topic: "bread", to: "+12025550100" });
  assert.equal(asked?.headers.authorization, "Bearer tk");
  assert.ok(asked?.headers["idempotency-key"]);
  assert.equal(more.length, 0);
});

test("a recording is given as it is", async () => {
  await using server = await answering({ status: 200, body: "RIFF\u0000" });
  const wav = await client(server.url).calls.recording("id");
  assert.deepEqual([...wav], [82, 73, 70, 70, 0]);
});

const AGAIN: Record<string, Answer | Fault> = {
  "a cut": "cut",
  "half an answer": "half",
  "no answer": "silent",
  "a server that is away": refused(503, "unavailable", { "Retry-After": "0" }),
  "one that is away for an unknown time": refused(503, "unavailable"),
  "one that is asked too fast": refused(429, "rate_limited", { "Retry-After": "0" }),
  "one that is still at it": refused(409, "idempotency_in_progress", { "Retry-After": "0" }),
};

for (const [name, first] of Object.entries(AGAIN)) {
  test(`after ${name} a write is sent again under the same key`, async () => {
    await using server = await answering(first, MADE);
    const talking = client(server.url, { timeoutSeconds: first === "silent" ? 0.2 : 20 });
    await talking.calls.place({ topic: "bread" });
    const keys = server.asked.map((one) => one.headers["idempotency-key"]);
    assert.equal(keys.length, 2);
    assert.equal(new Set(keys).size, 1);
  });
}

test("two writes have two keys, and what is read has none", async () => {
  await using server = await answering(MADE);
  const talking = client(server.url);
  await talking.calls.place({ topic: "bread" });
  await talking.calls.place({ topic: "bread" });
  await talking.usage();
  const [one, other, read] = server.asked.map((asked) => asked.headers["idempotency-key"]);
  assert.notEqual(one, other);
  assert.equal(read, undefined);
});

test("what stays away is told with the key to go on with", async () => {
  await using server = await answering("cut");
  const placed = client(server.url).calls.place({ topic: "bread" }, { idempotencyKey: "mine" });
  await assert.rejects(placed, (fault) => {
    assert.ok(fault instanceof ConnectionFailedError);
    assert.equal(fault.idempotencyKey, "mine");
    return true;
  });
  assert.equal(server.asked.length, AT_ONCE.attempts);
});

test("a refusal is an error with its code", async () => {
  await using server = await answering(refused(409, "wrong_state", { "X-Request-Id": "r1" }));
  await assert.rejects(client(server.url).calls.hangUp("c1"), (fault) => {
    assert.ok(fault instanceof ConflictError);
    const { name, code, detail, requestId, status, title, extra } = fault;
    assert.deepEqual(
      { name, code, detail, requestId, status, title, extra },
      {
        name: "ConflictError", code: "wrong_state", detail: "Not now.", requestId: "r1",
        status: 409, title: "No", extra: { used: 3 },
      },
    );
    return true;
  });
  assert.equal(server.asked.length, 1);
});

test("who would wait too long is told how long", async () => {
  await using server = await answering(refused(429, "too_many_calls", { "Retry-After": "3600" }));
  await assert.rejects(client(server.url).calls.place({ topic: "bread" }), (fault) => {
    assert.ok(fault instanceof RateLimitedError);
    assert.equal(fault.retryAfterSeconds, 3600);
    return true;
  });
});

test("a proxy's page, a redirect and an answer of another shape are told apart", async () => {
  await using proxy = await answering({ status: 502, body: "<h1>Bad gateway</h1>" });
  await assert.rejects(client(proxy.url).usage(), { name: "ProblemError", code: "http_502" });
  await using moved = await answering({ status: 302, headers: { Location: proxy.url }, body: "" });
  await assert.rejects(client(moved.url).usage(), { name: "ProblemError", code: "http_302" });
  await using odd = await answering({ status: 200, body: "hello" });
  await assert.rejects(client(odd.url).usage(), (fault) => {
    return fault instanceof TalkingError && !(fault instanceof ProblemError);
  });
});

test("a list goes on from cursor to cursor with its filters", async () => {
  await using server = await answering(
    { status: 200, body: { calls: [CALL, CALL], cursor: "c1" } },
    { status: 200, body: { calls: [CALL], cursor: null } },
  );
  const since = new Date("2026-11-01T00:00:00Z");
  const filters = { status: "busy", since, limit: 2, topic: undefined } as const;
  assert.equal((await all(client(server.url).calls.list(filters))).length, 3);
  const [first, second] = server.asked.map((one) => Object.fromEntries(one.url.searchParams));
  const asked = { status: "busy", since: "2026-11-01T00:00:00.000Z", limit: "2" };
  assert.deepEqual(first, asked);
  assert.deepEqual(second, { ...asked, cursor: "c1" });
});

test("an id stays a part of its path, and each request has the token of its time", async () => {
  await using server = await answering(refused(503, "unavailable"), MADE);
  let count = 0;
  const token = async () => `tk${(count += 1)}`;
  await new Client(server.url, token, { retries: AT_ONCE }).calls.get("a/b?c", {
    expand: "transcript",
  });
  assert.equal(server.asked[1]?.url.pathname, "/v1/calls/a%2Fb%3Fc");
  assert.equal(server.asked[1]?.url.search, "?expand=transcript");
  assert.deepEqual(
    server.asked.map((one) => one.headers.authorization),
    ["Bearer tk1", "Bearer tk2"],
  );
});

test("a signal ends a request, and the pause before the next attempt", async () => {
  await using silent = await answering("silent");
  const reason = new Error("enough");
  const stopped = client(silent.url).usage({ signal: AbortSignal.abort(reason) });
  await assert.rejects(stopped, reason);
  await using away = await answering(refused(503, "unavailable", { "Retry-After": "3600" }));
  const stop = new AbortController();
  const talking = client(away.url, {
    retries: { mostPauseSeconds: 3600 },
    fetch: async (...request) => {
      const answer = await fetch(...request);
      setTimeout(() => stop.abort(reason));
      return answer;
    },
  });
  await assert.rejects(talking.usage({ signal: stop.signal }), reason);
  assert.equal(away.asked.length, 1);
});

test("the compiler refuses what the API would", () => {
  const refused = (talking: Client) => [
    // @ts-expect-error: a call has a topic
    talking.calls.place({ to: "+12025550100" }),
    // @ts-expect-error: no call is ever asleep
    talking.calls.list({ status: "asleep" }),
    // @ts-expect-error: lists of calls only are sorted by duration
    talking.texts.list({ sort: "-duration_seconds" }),
    // @ts-expect-error: an answer has what the description says alone
    talking.usage().then((usage) => usage.faxes),
    // @ts-expect-error: what is read is done any number of times
    talking.usage({ idempotencyKey: "once" }),
  ];
  assert.equal(refused.length, 1);
});
