// What REST answers. Written from the API's description; never edited.

/** One turn: what was meant (`spoken`) and what reached the other side (`heard`). */
export interface TurnOut {
  readonly at: string | null;
  readonly speaker: string;
  readonly spoken: string;
  readonly heard: string;
}

/** A call, with its words where `expand=transcript` asked for them. */
export interface CallExpanded {
  readonly id: string;
  readonly user_id: string;
  readonly user_phone_number: string;
  readonly topic: string;
  readonly twilio_call_sid: string | null;
  readonly status: string;
  readonly answered_by: string | null;
  readonly initiated_time: string | null;
  readonly ringing_time: string | null;
  readonly answered_time: string | null;
  readonly ended_time: string | null;
  readonly duration_seconds: number | null;
  readonly end_reason: string | null;
  readonly recording: string | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly direction: string;
  readonly language: string | null;
  readonly transcript?: readonly TurnOut[] | null;
}

/**
 * A call on the wire; `direction` is "inbound" where the user called us. `recording` is null while
 * nobody wanted one; one that is `stopped` can be heard, until its time is up. `language` is what
 * the caller made it go on in; null: it is in its agent's.
 */
export interface CallOut {
  readonly id: string;
  readonly user_id: string;
  readonly user_phone_number: string;
  readonly topic: string;
  readonly twilio_call_sid: string | null;
  readonly status: string;
  readonly answered_by: string | null;
  readonly initiated_time: string | null;
  readonly ringing_time: string | null;
  readonly answered_time: string | null;
  readonly ended_time: string | null;
  readonly duration_seconds: number | null;
  readonly end_reason: string | null;
  readonly recording: string | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly direction: string;
  readonly language: string | null;
}

/** Calls in the order that was asked for; `cursor` is null on the last page. */
export interface CallPage {
  readonly calls: readonly CallExpanded[];
  readonly cursor: string | null;
}

/**
 * A call to be placed later. `attempts` are the calls placed so far and `call_id` is the last of
 * them; `reason` says why it waits, or how it ended: a status of calls, or an error's code.
 */
export interface ScheduledCallOut {
  readonly id: string;
  readonly to: string;
  readonly topic: string;
  readonly agent: string | null;
  readonly start_at: string | null;
  readonly next_attempt_at: string | null;
  readonly status: string;
  readonly attempts: number;
  readonly reason: string | null;
  readonly call_id: string | null;
  readonly batch_id: string | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
}

/** Newest first; `cursor` is null on the last page. */
export interface ScheduledCallPage {
  readonly scheduled_calls: readonly ScheduledCallOut[];
  readonly cursor: string | null;
}

/** What became of an entry: the scheduled call, or the problem document of its refusal. */
export interface ScheduledBatchEntry {
  readonly scheduled_call: ScheduledCallOut | null;
  readonly problem: Readonly<Record<string, unknown>> | null;
}

/** What became of each entry, in their order; `id` is the `batch_id` of those taken. */
export interface ScheduledBatch {
  readonly id: string;
  readonly results: readonly ScheduledBatchEntry[];
}

/** A call's words. */
export interface Transcript {
  readonly call_id: string;
  readonly turns: readonly TurnOut[];
}

/** A note on a call; `author_id` is the call's owner or an operator. */
export interface NoteOut {
  readonly id: string;
  readonly call_id: string;
  readonly author_id: string;
  readonly text: string;
  readonly created_at: string | null;
  readonly updated_at: string | null;
}

/** What is written on the call, oldest first. */
export interface CallAnnotations {
  readonly call_id: string;
  readonly tags: readonly string[];
  readonly notes: readonly NoteOut[];
}

/** All tags of the call, oldest first. */
export interface CallTags {
  readonly call_id: string;
  readonly tags: readonly string[];
}

/** A tag as it was first written, and how many of the user's calls have it. */
export interface TagOut {
  readonly tag: string;
  readonly calls: number;
}

/** By their words. */
export interface UsedTags {
  readonly tags: readonly TagOut[];
}

/** It is on its way; the change itself comes as an event. */
export interface Done {
  /** Left out: true. */
  readonly ok?: boolean;
}

/** A text conversation on the wire. */
export interface ConversationOut {
  readonly id: string;
  readonly user_id: string;
  readonly phone_number: string;
  readonly topic: string;
  readonly message_count: number;
  readonly current_exchange: number;
  readonly status: string;
  readonly end_reason: string | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
}

/** Why something was not delivered, by the provider's number and in words. */
export interface FaultOut {
  readonly code: number | null;
  readonly message: string;
}

/** A text on the wire. `status`: received, queued, sent, delivered or failed. */
export interface MessageOut {
  readonly id: string;
  readonly conversation_id: string;
  readonly phone_number: string;
  readonly twilio_message_sid: string | null;
  readonly direction: string;
  readonly message_text: string;
  readonly type: string;
  readonly status: string;
  readonly segments: number;
  readonly media: number;
  readonly error: FaultOut | null;
  readonly created_at: string | null;
}

/** A conversation, with its newest messages, oldest first, where `expand=messages` asked. */
export interface ConversationExpanded {
  readonly id: string;
  readonly user_id: string;
  readonly phone_number: string;
  readonly topic: string;
  readonly message_count: number;
  readonly current_exchange: number;
  readonly status: string;
  readonly end_reason: string | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly messages?: readonly MessageOut[] | null;
}

/** Conversations in the order that was asked for; `cursor` is null on the last page. */
export interface ConversationPage {
  readonly conversations: readonly ConversationExpanded[];
  readonly cursor: string | null;
}

/** A conversation with its newest messages, oldest first. */
export interface Thread {
  readonly conversation: ConversationOut;
  readonly messages: readonly MessageOut[];
}

/**
 * An e-mail on the wire. `delivery` is how far it got: writing, queued, sending, unknown, accepted,
 * processed, deferred, delivered, bounce, blocked, dropped, spamreport or refused; an answer to one
 * of ours is `received` and says what it answers.
 */
export interface EmailOut {
  readonly id: string;
  readonly user_id: string;
  readonly recipient_email: string;
  readonly from_email: string;
  readonly subject: string;
  readonly content: string;
  readonly type: string;
  readonly topic: string | null;
  readonly status: string;
  readonly sendgrid_message_id: string | null;
  readonly template: string | null;
  readonly in_reply_to: string | null;
  readonly delivery: string;
  readonly error: string | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
}

/**
 * E-mails and the answers to them, in the order that was asked for; `cursor` is null on the last
 * page.
 */
export interface EmailPage {
  readonly emails: readonly EmailOut[];
  readonly cursor: string | null;
}

/** How much of one metric is used in the month; `limit` and `left` are -1 when unlimited. */
export interface MetricOut {
  readonly used: number;
  readonly reserved: number;
  readonly limit: number;
  readonly left: number;
}

/** A month's usage. */
export interface UsageOut {
  readonly month_year: string;
  readonly resets_at: string;
  readonly calls: MetricOut;
  readonly texts: MetricOut;
  readonly emails: MetricOut;
}

/**
 * The signed-in user. `phone` is where they are called and texted; `pending_phone` becomes it with
 * the code that was texted there (POST /v1/me/numbers/verify).
 */
export interface Me {
  readonly id: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly plan: string;
  readonly subscription_status: string;
  readonly role: string;
  readonly name: string | null;
  readonly language: string | null;
  readonly time_zone: string | null;
  readonly pending_phone: string | null;
  readonly created_at: string | null;
}

/** A webhook; no `types`: all of them. `failing_since`: without a success since then. */
export interface WebhookOut {
  readonly id: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly disabled_at: string | null;
  readonly disabled_reason: string | null;
  readonly failing_since: string | null;
  readonly created_at: string | null;
}

/** All of them, oldest first. */
export interface Webhooks {
  readonly webhooks: readonly WebhookOut[];
}

/**
 * A webhook with a secret just made, which is shown now and never again, also not to whoever
 * repeats the request.
 */
export interface WebhookShown {
  readonly id: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly disabled_at: string | null;
  readonly disabled_reason: string | null;
  readonly failing_since: string | null;
  readonly created_at: string | null;
  readonly secret: string | null;
}

/** One try: what came back, or why nothing did. */
export interface Attempt {
  readonly at: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly took_ms: number;
}

/**
 * What was sent, or waits: `message_id` is its header webhook-id; `next_attempt_at` while it waits;
 * `log` has every attempt.
 */
export interface DeliveryOut {
  readonly id: string;
  readonly message_id: string;
  readonly type: string;
  readonly subject: string;
  readonly state: string;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
  readonly delivered_at: string | null;
  readonly created_at: string | null;
  readonly log: readonly Attempt[];
}

/** Newest first; `cursor` is null on the last page. */
export interface Deliveries {
  readonly deliveries: readonly DeliveryOut[];
  readonly cursor: string | null;
}

/** It is no more. */
export interface Deleted {
  readonly id: string;
}
