// What the server's names are to people: states, reasons, events, countries, refusals. Pure.

const NAMES = {
  caller_hung_up: "they hung up", caller_goodbye: "they said goodbye", node_lost: "our server failed", server_stopping: "our server stopped", agent_goodbye: "the agent said goodbye", operator: "hung up from here", user: "ended from here", idle: "nobody wrote any more",
  no_media: "no sound ever came", time_limit: "time was up", budget: "its budget was spent", engine_failure: "the agent could not go on",
  recogniser: "ears", thinker: "language model", sms_conversations: "text conversations",
  fax: "a fax machine", silence: "nobody spoke",
  ivr: "a menu of keys", not_reached: "the number was not reached", on_hold: "on hold for too long",
  mailbox_full: "the mailbox takes no messages", human: "a person", machine_start: "a machine", machine_end_beep: "a machine", machine_end_silence: "a machine", machine_end_other: "a machine", machine: "a machine",
  spamreport: "called spam", bounce: "bounced", past_due: "unpaid", trialing: "on trial",
  period_end: "at the end of the period", now: "at once",
};

/** A status or reason in plain words. */
export const words = (name) => (name ? NAMES[name] ?? name.replace(/[._]/g, " ") : "");

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const EVENTS = {
  "call.initiating": "Call begun",
  "call.waiting": "Waiting room", "call.ended": "Call over",
  "call.amd.result": "Who picked up", "call.dtmf": "They pressed",
  "dtmf.sent": "Keys sent", "call.answering": "Who picked up?", "transcript.final": "Said", "turn.metrics": "Answer took", "barge-in": "Interrupted",
  "ai.muted": "Agent muted", "ai.unmuted": "Agent speaks again", "takeover.started": "Taken over", "takeover.ended": "Given back",
  "transfer.started": "Handing on", "transfer.failed": "Could not be handed on",
  "listen.started": "Somebody listens",  "listen.ended": "They no longer listen",
  "recording.asking": "Asked to record",
  "conv.started": "Texting begun",
  "conv.paused": "Agent paused", "conv.resumed": "Agent goes on", "conv.ended": "Texting over",
};

/** What an event of this type is called. */
export const happening = (type) => EVENTS[type] ?? capital(type.replace(/^call\./, "").replace(/[._]/g, " ").replace(/^email/, "E-mail").replace(/^sms/, "Text"));

const named = new Intl.DisplayNames(["en"], { type: "region" });

const tongues = new Intl.DisplayNames(["en"], { type: "language" });

/** "de" -> "German" */
export const language = (code) => (code ? tongues.of(code) : null);

/** ["US", "CA"] -> "United States and Canada" */
export const countries = (codes) => new Intl.ListFormat("en").format((codes ?? []).map((code) => named.of(code)));

// What people do about a refusal, where the server's own words are for programs.
const HELP = {
  number_required: "Give a number, or prove one of your own first.",
  own_only: "Your plan reaches only your own numbers and addresses. Prove that this one is yours, or take a larger plan.",
  consent_required: "Nobody agreed to this at that number yet. Ask the person, and give the words they agreed in.",
  opted_out: "Whoever has this address asked not to be contacted. Only they can take it back.",
  checkout_required: "There is no paid plan to change yet. Choose one below.",
  billing_unavailable: "Plans cannot be bought just now. Try again shortly.",
  wrong_code: "This is not the code, or it is too old. Try again, or have another one sent.",
  mfa_verification_failed: "This is not the code, or it is too old. Try the next one.",
  invalid_credentials: "This is not the e-mail address and password of an account.",
  user_already_exists: "There is an account with this address already. Sign in, or set a new password.",
  email_not_confirmed: "This address is not confirmed yet. Follow the link in the mail that was sent to it.",
  same_password: "This is the password already. Choose another one.",
  signup_disabled: "Accounts are not made here. Ask whoever runs this server for one.",
  stale_rev: "It has changed meanwhile. Look again, and repeat it if it is still right.",
  unknown_command: "This server cannot do that yet.",
  unknown_agent: "There is no such agent any more. Choose another one.",
  agent_deleted: "This agent was deleted. Choose another one.",
  email_unavailable: "This server sends no e-mail.",
  confirmation_required: "This is not the account's address.",
};

for (const code of ["otp_expired", "flow_state_not_found", "flow_state_expired"]) HELP[code] = "This link is too old, or was used already. Ask for another one.";
HELP.bad_code_verifier = "This link works only in the browser in which it was asked for. If it was to confirm an address, that is done: sign in.";
for (const code of ["over_email_send_rate_limit", "over_request_rate_limit"]) HELP[code] = "Too many by now. Try again a little later.";

const FIELDS = {
  invalid_number: "to", number_required: "to", country_not_allowed: "to", own_only: "to", opted_out: "to", too_many_calls: "to", quiet_hours: "to",
  consent_required: "consent", wrong_code: "code", mfa_verification_failed: "code", links_not_allowed: "content",
  validation_failed: "email", user_already_exists: "email", email_address_invalid: "email", weak_password: "password", same_password: "password",
  unknown_agent: "agent", agent_deleted: "agent", agent_language: "agent", slug_taken: "slug", confirmation_required: "confirm",
};

const ALIASES = { recipient_email: "to", phone_number: "to", variables: "var", start_at: "when" };

/** A refusal as a screen shows it: {code, text, field, links}; `field` names the one at fault. */
export function refused({ code, message = "", extra = {} }) {
  const name = code === "bad_request" ? (/`\$\.(\w+)/.exec(message) ?? /^`(\w+)/.exec(message) ?? /required field `(\w+)/.exec(message))?.[1] : null;
  return { code, text: HELP[code] ?? told(code, message, extra).replace(`${name}: `, "").replace(RegExp(`^${name} `), "It "), field: name ? ALIASES[name] ?? name : FIELDS[code] ?? null, links: leads(code, extra) };
}

function told(code, message, extra) {
  // No answer, for which browsers have words of their own.
  if (!code) return "The server cannot be reached. Try again shortly.";
  if (/`str` of length >= 1 - at|missing required field/.test(message)) return "Write something here.";
  if (/`array` of length >= 1 - at/.test(message)) return "Choose one at least.";
  if (/matching regex/.test(message)) return "It is not written as it has to be; the example shows how.";
  const [, odd, those] = /^.*value '(.*)' - at .*, which is one of (.*)$/.exec(message) ?? [];
  if (odd) return `There is no "${odd}". There are ${those}`;
  if (code === "country_not_allowed" && extra.allowed_countries) return `Only numbers of these countries are called and texted: ${countries(extra.allowed_countries)}.`;
  if (code === "quiet_hours" && extra.opens_at) return `It is too early or too late there. It goes from ${new Date(extra.opens_at).toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit" })}.`;
  if (extra.retry_after > 90) return `${message.replace(/Wait as long as Retry-After says\.?/, "Too many by now.")} Try again in ${Math.ceil(extra.retry_after / 60)} minutes.`;
  return message.replace(/Wait as long as Retry-After says\.?/, "Too many by now. Try again a little later.").replaceAll("`", "").replace(/^The body: /, "").replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }));
}

// Where somebody gets what they were refused for want of.
function leads(code, { metric, cheapest_plan: plan }) {
  if (code === "plan_limit") return [[plan ? `See the plan ${capital(plan)}` : "See the plans", `#/plan?for=${plan ?? metric ?? ""}`]];
  if (code === "own_only") return [["Prove a number", "#/numbers"], ["See the plans", "#/plan"]];
  if (code === "number_required") return [["Prove a number", "#/numbers"]];
  if (code === "opted_out") return [["Your addresses", "#/numbers"]];
  return [];
}

/** 1, "call" -> "1 call"; 2 -> "2 calls" */
export const many = (count, one, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;

/** "9.9", "usd" -> "$9.90" */
export const money = (amount, currency = "usd") => new Intl.NumberFormat("en", { style: "currency", currency }).format(Number(amount));

/** Amounts are text, never calculated with. */
export const cost = (one) => `${one.quantity} ${one.unit}, ${one.amount ?? "not priced"}`;
export const sums = (amounts) => Object.entries(amounts).map(([currency, amount]) => `${amount} ${currency}`).join(", ");
