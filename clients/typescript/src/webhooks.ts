// Proves that a webhook was sent by the one who knows its secret (Standard Webhooks, v1), by the
// platform's Web Crypto.

import { WebhookRefusedError } from "./errors.js";

/** An event as it was sent; `id` is the same when it comes again. `isEvent` tells its `data`. */
export interface Received {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly subject: string;
  readonly seq: number | null;
  readonly rev: number | null;
  readonly data: unknown;
}

/** A request's headers: those of `fetch`, or a table of them, looked up in any case. */
export type GivenHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
  /** When it was received, in seconds since 1970; now unless said otherwise. */
  readonly now?: number | undefined;
  /** How long ago it may have been signed; 300 unless said otherwise. */
  readonly toleranceSeconds?: number | undefined;
}

const PREFIX = "whsec_";

/** The event in this request. `body` is as it came. Throws WebhookRefusedError. */
export async function verify(
  secret: string,
  headers: GivenHeaders,
  body: string | Uint8Array,
  { now = Date.now() / 1000, toleranceSeconds = 300 }: VerifyOptions = {},
): Promise<Received> {
  const id = header(headers, "webhook-id");
  const at = header(headers, "webhook-timestamp");
  const signatures = header(headers, "webhook-signature").split(" ");
  const key = bytes(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret);
  if (key === null || key.length === 0 || !/^\d+$/.test(at)) {
    throw new WebhookRefusedError("the secret or the time cannot be read");
  }
  if (Math.abs(now - Number(at)) > toleranceSeconds) {
    throw new WebhookRefusedError("it was signed too long ago, or in the future");
  }
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const signed = joined(`${id}.${at}.`, body);
  if (!(await isSigned(key, signatures, signed))) {
    throw new WebhookRefusedError("no signature is by this secret");
  }
  return { ...event(text), id };
}

async function isSigned(
  secret: Uint8Array<ArrayBuffer>,
  signatures: readonly string[],
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["verify"]);
  for (const one of signatures) {
    const given = one.startsWith("v1,") ? bytes(one.slice(3)) : null;
    if (given !== null && (await crypto.subtle.verify("HMAC", key, given, signed))) return true;
  }
  return false;
}

function header(headers: GivenHeaders, name: string): string {
  const found =
    typeof headers.get === "function"
      ? headers.get(name)
      : Object.entries(headers).find(([one]) => one.toLowerCase() === name)?.[1];
  if (typeof found !== "string") throw new WebhookRefusedError(`there is no header ${name}`);
  return found;
}

function bytes(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  } catch {
    return null;
  }
}

function joined(head: string, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const first = encoder.encode(head);
  const rest = typeof body === "string" ? encoder.encode(body) : body;
  const whole = new Uint8Array(first.length + rest.length);
  whole.set(first);
  whole.set(rest, first.length);
  return whole;
}

function event(text: string): Omit<Received, "id"> {
  try {
    const { type, timestamp, subject, seq = null, rev = null, data } = JSON.parse(text);
    if ([type, timestamp, subject].every((one) => typeof one === "string") && data !== undefined) {
      return { type, timestamp, subject, seq, rev, data };
    }
  } catch {
    // told below
  }
  throw new WebhookRefusedError("the body is no event");
}
