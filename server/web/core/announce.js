// What a screen reader is told: one polite line, at most once a second and with counts, and an
// assertive one for what failed.

const EVERY_MS = 1000;

export class Announcer {
  constructor(polite, assertive) {
    this.polite = polite;
    this.assertive = assertive;
    this.pending = [];
    this.timer = null;
  }

  say(text) {
    this.pending.push(text);
    this.timer ??= setTimeout(() => this.flush(), EVERY_MS);
  }

  flush() {
    this.timer = null;
    const { length } = this.pending;
    const last = this.pending.at(-1);
    this.polite.textContent = length > 1 ? `${length} changes, last: ${last}` : last;
    this.pending = [];
  }

  fail(text) {
    this.assertive.textContent = text;
  }
}

/** What is worth saying of an event, or nothing; `failed` when it went wrong. */
export function spokenOf({ type, data }) {
  const { call, conversation, message, email } = data;
  if (call && type.startsWith("call.")) {
    const failed = ["failed", "lost"].includes(call.status);
    return { text: `Call about ${call.topic}: ${call.status.replaceAll("_", " ")}`, failed };
  }
  if (type === "sms.received") return { text: `Text about ${conversation.topic}`, failed: false };
  if (type === "sms.failed") return { text: `Text not delivered: ${message?.error?.message ?? "no reason given"}`, failed: true };
  if (["email.bounced", "email.failed"].includes(type)) return { text: `E-mail not delivered: ${email?.subject ?? ""}`, failed: true };
  if (type.startsWith("limit.")) return { text: `${data.metric ?? "Plan"}: ${type === "limit.reached" ? "limit reached" : "limit is near"}`, failed: false };
  return null;
}
