// Messages that were signed as the specification says are proven, and no others.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";

import { type GivenHeaders, WebhookRefusedError, isEvent, verify } from "../src/index.js";

const BODY = JSON.stringify({
  type: "call.ended", timestamp: "2026-11-29T16:00:00.000Z", subject: "call:1", seq: 17, rev: 9,
  data: { call: { status: "ended" } },
});
const AT = 1_800_000_000;
const SECRET = `whsec_${Buffer.alloc(24, "k").toString("base64")}`;
const OTHER = `whsec_${Buffer.alloc(24, "o").toString("base64")}`;

function signature(secret: string, body: string): string {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  return `v1,${createHmac("sha256", key).update(`msg_1.${AT}.${body}`).digest("base64")}`;
}

function headers(body: string, ...secrets: string[]) {
  return {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(AT),
    "webhook-signature": secrets.map((one) => signature(one, body)).join(" "),
  };
}

const HEADERS = headers(BODY, OTHER, SECRET);

test("a message signed by either secret is read, from headers of any kind", async () => {
  const titled = Object.fromEntries(
    Object.entries(HEADERS).map(([name, value]) => [name.toUpperCase(), value]),
  );
  for (const secret of [SECRET, OTHER, SECRET.slice("whsec_".length)]) {
    for (const given of [HEADERS, titled, new Headers(HEADERS)]) {
      for (const body of [BODY, new TextEncoder().encode(BODY)]) {
        const event = await verify(secret, given, body, { now: AT + 9 });
        assert.deepEqual([event.id, event.seq, event.subject], ["msg_1", 17, "call:1"]);
        assert.ok(isEvent(event, "call.ended"));
        assert.equal(event.data.call.status, "ended");
      }
    }
  }
});

const REFUSED: Record<string, [string, GivenHeaders, string, number]> = {
  "another secret": [`whsec_${Buffer.alloc(24).toString("base64")}`, HEADERS, BODY, AT],
  "another id": [SECRET, { ...HEADERS, "webhook-id": "msg_2" }, BODY, AT],
  "another time": [SECRET, { ...HEADERS, "webhook-timestamp": String(AT + 1) }, BODY, AT],
  "no time": [SECRET, { ...HEADERS, "webhook-timestamp": "soon" }, BODY, AT],
  "an empty signature": [SECRET, { ...HEADERS, "webhook-signature": "v1," }, BODY, AT],
  "one of another version": [SECRET, { ...HEADERS, "webhook-signature": "v2,ü" }, BODY, AT],
  "one that is no base64": [SECRET, { ...HEADERS, "webhook-signature": "v1,ü" }, BODY, AT],
  "another body": [SECRET, HEADERS, `${BODY} `, AT],
  "a late one": [SECRET, HEADERS, BODY, AT + 301],
  "an early one": [SECRET, HEADERS, BODY, AT - 301],
  "no secret": ["whsec_!", HEADERS, BODY, AT],
  "an empty secret": ["", HEADERS, BODY, AT],
  "a missing header": [SECRET, {}, BODY, AT],
  "no event": [SECRET, headers("{}", SECRET), "{}", AT],
  "no JSON": [SECRET, headers("hello", SECRET), "hello", AT],
};

for (const [name, [secret, given, body, now]] of Object.entries(REFUSED)) {
  test(`${name} is refused`, async () => {
    await assert.rejects(verify(secret, given, body, { now }), WebhookRefusedError);
  });
}
