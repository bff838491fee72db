// What is sent again, and when: by the answer alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { filled, pauseAfterAnswer, pauseAfterCut, seconds, wait } from "../src/retries.js";

const USUAL = { attempts: 3, firstPauseSeconds: 1, mostPauseSeconds: 10 };

function after(status: number, code: string, retryAfterSeconds: number | null, attempt = 1) {
  return pauseAfterAnswer(USUAL, attempt, 1, { status, code, retryAfterSeconds });
}

test("pauses double up to a most and end", () => {
  const patient = { attempts: 9, firstPauseSeconds: 1, mostPauseSeconds: 5 };
  assert.deepEqual(
    [1, 2, 3, 4].map((attempt) => pauseAfterCut(patient, attempt, 1)),
    [1, 2, 4, 5],
  );
  assert.equal(pauseAfterCut(patient, 1, 0), 0.5);
  assert.equal(pauseAfterCut(patient, 9, 1), null);
  assert.equal(pauseAfterCut({ ...patient, attempts: Infinity }, 5000, 1), 5);
});

test("what is not said of them is as usual", () => {
  assert.deepEqual(filled(USUAL, { attempts: undefined, firstPauseSeconds: 0 }), {
    ...USUAL,
    firstPauseSeconds: 0,
  });
});

test("a refusal that will not change stands", () => {
  for (const status of [400, 401, 402, 403, 404, 409, 422, 500, 502]) {
    assert.equal(after(status, "whatever", 1), null);
  }
});

test("Retry-After is waited for to the second, but not too long", () => {
  assert.equal(after(429, "rate_limited", 7), 7);
  assert.equal(after(503, "unavailable", 2, 2), 2);
  assert.equal(after(409, "idempotency_in_progress", 1), 1);
  assert.equal(after(429, "too_many_calls", 3600), null);
  assert.equal(after(503, "at_capacity", 2, 3), null);
});

test("without a time only what is away is tried again", () => {
  assert.equal(after(429, "too_many_at_once", null), null);
  assert.equal(after(503, "", null), 1);
});

test("a header is read as seconds", () => {
  assert.equal(seconds(null), null);
  assert.equal(seconds("12"), 12);
  assert.equal(seconds("Sun, 29 Nov 2026 08:30:00 GMT"), null);
});

test("a wait ends when it is told to", async () => {
  const stop = new AbortController();
  const waited = wait(3600, stop.signal);
  stop.abort();
  await waited;
  await wait(3600, stop.signal);
});
