// What is sent over REST. Written from the API's description; never edited.

/** A day or a time with a zone, as a text; or a time. */
export type Moment = string | Date;

/**
 * `to` defaults to the user's verified number; `consent` are the words in which the person called
 * agreed to it; `agent` talks, by id or slug, as it is now.
 */
export interface StartCall {
  readonly topic: string;
  readonly to?: string | null | undefined;
  readonly consent?: string | null | undefined;
  readonly agent?: string | null | undefined;
}

/**
 * A call at `start_at`, a time with a zone; without one as soon as it may be. `to` defaults to the
 * user's verified number; `consent` are the words in which the person called agreed to it; `agent`
 * talks, by id or slug, as it is then.
 */
export interface ScheduleCall {
  readonly topic: string;
  readonly to?: string | null | undefined;
  readonly start_at?: string | null | undefined;
  readonly consent?: string | null | undefined;
  readonly agent?: string | null | undefined;
}

/** Many calls at once; each is taken or refused by itself. */
export interface ScheduleBatch {
  readonly calls: readonly ScheduleCall[];
}

/** Words for the caller; `interrupt` cuts the agent short. */
export interface Say {
  readonly text: string;
  /** Left out: false. */
  readonly interrupt?: boolean | undefined;
}

/**
 * `phone_number` defaults to the user's verified number; for another one, `consent` holds the words
 * in which its owner agreed to be texted, unless they are on record. `agent` writes, by id or slug,
 * each time as it then is.
 */
export interface StartConversation {
  readonly topic: string;
  readonly phone_number?: string | null | undefined;
  readonly consent?: string | null | undefined;
  readonly agent?: string | null | undefined;
}

/** A text in the agent's place. */
export interface WriteText {
  readonly text: string;
}

/**
 * A request for an e-mail: to the user without a `recipient_email`; without `content` the model
 * writes it, as `agent`, by id or slug. `template` and its `variables` are for type `template`.
 */
export interface SendEmail {
  readonly topic: string;
  readonly type: "custom" | "template";
  readonly recipient_email?: string | null | undefined;
  readonly subject?: string | null | undefined;
  readonly content?: string | null | undefined;
  readonly template?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly agent?: string | null | undefined;
}

/** What is to be noted: lines of printable characters. */
export interface WriteNote {
  readonly text: string;
}

/** Where to send what; no `types`: everything. */
export interface MakeWebhook {
  readonly url: string;
  /** Left out: []. */
  readonly types?: readonly string[] | undefined;
}

/** What is to be another; what is not there stays. */
export interface ChangeWebhook {
  readonly url?: string | null | undefined;
  readonly types?: readonly string[] | null | undefined;
  readonly enabled?: boolean | null | undefined;
}

/** How long both secrets sign. */
export interface RotateSecret {
  readonly overlap_hours?: number | null | undefined;
}

/** The user's calls, newest first: which, and how. */
export interface CallFilters {
  readonly limit?: number | undefined;
  readonly since?: Moment | undefined;
  readonly until?: Moment | undefined;
  readonly status?:
    "answered" | "busy" | "canceled" | "ended" | "failed" | "initiating" | "lost" | "no_answer" |
    "ringing" | "talking" | "voicemail" | "waiting" | undefined;
  readonly min_duration_seconds?: number | undefined;
  readonly max_duration_seconds?: number | undefined;
  readonly topic?: string | undefined;
  readonly tag?: string | undefined;
  readonly direction?: "inbound" | "outbound" | undefined;
  readonly search?: string | undefined;
  readonly sort?:
    "-created_at" | "-duration_seconds" | "created_at" | "duration_seconds" | undefined;
  readonly expand?: "transcript" | undefined;
}

/** The user's scheduled calls, newest first: which, and how. */
export interface ScheduledCallFilters {
  readonly limit?: number | undefined;
  readonly status?: "calling" | "canceled" | "done" | "failed" | "scheduled" | undefined;
}

/** The user's text conversations, newest first: which, and how. */
export interface ConversationFilters {
  readonly limit?: number | undefined;
  readonly since?: Moment | undefined;
  readonly until?: Moment | undefined;
  readonly status?: "active" | "ended" | "paused" | undefined;
  readonly topic?: string | undefined;
  readonly search?: string | undefined;
  readonly sort?: "-created_at" | "created_at" | undefined;
  readonly expand?: "messages" | undefined;
}

/** The user's e-mails and the answers to them: which, and how. */
export interface EmailFilters {
  readonly limit?: number | undefined;
  readonly since?: Moment | undefined;
  readonly until?: Moment | undefined;
  readonly status?: "failed" | "pending" | "sent" | undefined;
  readonly delivery?:
    "accepted" | "blocked" | "bounce" | "deferred" | "delivered" | "dropped" | "processed" |
    "queued" | "received" | "refused" | "sending" | "spamreport" | "unknown" | "writing" |
    undefined;
  readonly direction?: "inbound" | "outbound" | undefined;
  readonly topic?: string | undefined;
  readonly search?: string | undefined;
  readonly sort?: "-created_at" | "created_at" | undefined;
}

/** What was sent and what came back: which, and how. */
export interface DeliveryFilters {
  readonly limit?: number | undefined;
  readonly state?: "canceled" | "delivered" | "failed" | "waiting" | undefined;
}
