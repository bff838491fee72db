// The data of the live channel's events. Written from the API's description; never edited.

import type {
  CallOut, ScheduledCallOut, NoteOut, ConversationOut, MessageOut, EmailOut, MetricOut, WebhookOut,
} from "./models.js";

/** The call as it now is. */
export interface CallData {
  readonly call: CallOut;
}

/**
 * A piece of evidence: its source, what was heard, what it points to, and how many times likelier
 * it makes that (natural logarithm).
 */
export interface AnsweringReason {
  readonly source: string;
  readonly note: string;
  readonly verdict: string;
  readonly weight: number;
}

/**
 * Who or what picked up, by whose word, after how long; without a word, what is assumed. `verdict`,
 * its `probability` and `reasons` are there when it follows from what was heard.
 */
export interface VerdictData {
  readonly answered_by: string | null;
  readonly took_ms: number | null;
  readonly by?: string | null;
  readonly assumed?: string | null;
  readonly verdict?: string | null;
  readonly probability?: number | null;
  /** Left out: []. */
  readonly reasons?: readonly AnsweringReason[];
}

/** How probable each kind of answerer is by now (shares of 1), and why, strongest first. */
export interface AnsweringData {
  readonly shares: Readonly<Record<string, number>>;
  readonly reasons: readonly AnsweringReason[];
}

/** A key the caller pressed. */
export interface DigitData {
  readonly digit: string;
}

/** All tags that the call now has. */
export interface CallTagged {
  readonly tags: readonly string[];
}

/** The note as it now is. */
export interface CallNoted {
  readonly note: NoteOut;
}

/** It is no more. */
export interface CallNoteDeleted {
  readonly note_id: string;
}

/** The scheduled call as it now is. */
export interface ScheduledCallData {
  readonly scheduled_call: ScheduledCallOut;
}

/** A turn of the conversation: what was meant, what reached the other side. */
export interface TurnData {
  readonly speaker: string;
  readonly text: string;
  readonly heard: string;
  /** Left out: false. */
  readonly cut?: boolean;
  /** Left out: "". */
  readonly segment?: string;
}

/** Where the time went between the caller's last word and the agent's first. */
export interface MetricsData {
  readonly turn: number;
  readonly endpointing_ms: number;
  readonly recognising_ms: number;
  readonly thinking_ms: number;
  readonly speaking_ms: number;
  readonly total_ms: number;
}

/** Words of the operator that are being spoken. */
export interface OperatorData {
  readonly text: string;
  readonly turn: number;
}

/** The type says it all. */
export interface NothingData {
}

/**
 * The number of the takeover; as it begins, who holds the call (`by`, absent for its owner); and
 * when it ended, why: released or away.
 */
export interface TakeoverData {
  readonly takeover: number;
  readonly reason?: string | null;
  readonly by?: string | null;
}

/** Who listens, by a name for this once. */
export interface ListenerData {
  readonly listener: string;
}

/** Keys that were sent into the call. */
export interface DigitsData {
  readonly digits: string;
}

/** Where the call is passed on to. */
export interface TransferData {
  readonly to: string;
}

/** The carrier's number for why not; 0 if it had none. */
export interface RefusalData {
  readonly code: number;
}

/** How loud a side is, 0 to 1. */
export interface LevelData {
  readonly side: string;
  readonly level: number;
}

/** Words of an utterance that goes on; the final turn has the same segment. */
export interface InterimData {
  readonly speaker: string;
  readonly text: string;
  readonly segment: string;
}

/** The engine that failed: recogniser, thinker or voice. */
export interface EngineData {
  readonly engine: string;
}

/** What the agent does: listening, thinking or speaking. */
export interface StateData {
  readonly state: string;
}

/** How much of the conversation's time is left. */
export interface HintData {
  readonly hint: string;
  readonly left_seconds: number;
}

/** The text conversation as it now is, and the text this is about. */
export interface TextData {
  readonly conversation: ConversationOut;
  readonly message?: MessageOut | null;
}

/** The e-mail as it now is; of its content the beginning. */
export interface EmailData {
  readonly email: EmailOut;
}

/** What is used and reserved this month. */
export interface UsageData {
  readonly calls: MetricOut;
  readonly texts: MetricOut;
  readonly emails: MetricOut;
}

/** A limit that came near or was reached. */
export interface LimitData {
  readonly metric: string;
  readonly limit: number;
  readonly used: number;
  readonly reserved: number;
  readonly resets_at: string;
}

/** A change of plan that was asked for and has not happened yet. */
export interface ChangeOut {
  readonly id: string;
  readonly plan: string;
  readonly interval: string | null;
  readonly change_type: string;
  readonly takes_effect: string;
  readonly effective_date: string | null;
  readonly requested_at: string | null;
}

/**
 * A user's plan. `plan_in_force` is the one whose limits hold: an unpaid plan stops counting at
 * `entitled_until`. `ends_at`: it was cancelled and ends then.
 */
export interface SubscriptionOut {
  readonly plan: string;
  readonly plan_in_force: string;
  readonly status: string;
  readonly interval: string | null;
  readonly period_start: string | null;
  readonly period_end: string | null;
  readonly ends_at: string | null;
  readonly past_due_since: string | null;
  readonly entitled_until: string | null;
  readonly pending: ChangeOut | null;
}

/** Something the user should know; the rest is as in a problem document. */
export interface NoticeData {
  readonly about: string;
  readonly code: string;
  readonly detail: string;
}

/** The webhook as it now is. */
export interface WebhookData {
  readonly webhook: WebhookOut;
}

/** Where it is, GET /v1/me/export says. */
export interface ExportReadyData {
  readonly id: string;
  readonly expires_at: string | null;
}

/** Sign out: nothing can be done with this account any more. */
export interface AccountErasingData {
  readonly asked_at: string;
}

/** The last event of an account. */
export interface AccountErasedData {
  readonly done_at: string;
}

/** The shape of each event's `data` by its type. */
export interface EventData {
  readonly "call.initiating": CallData;
  readonly "call.updated": CallData;
  readonly "call.submission_unknown": CallData;
  readonly "call.ringing": CallData;
  readonly "call.answered": CallData;
  readonly "call.waiting": CallData;
  readonly "call.amd.result": VerdictData;
  readonly "call.answering": AnsweringData;
  readonly "call.talking": CallData;
  readonly "call.recording": CallData;
  readonly "call.language": CallData;
  readonly "call.voicemail": CallData;
  readonly "call.dtmf": DigitData;
  readonly "call.ended": CallData;
  readonly "call.lost": CallData;
  readonly "call.tagged": CallTagged;
  readonly "call.noted": CallNoted;
  readonly "call.note_deleted": CallNoteDeleted;
  readonly "scheduled_call.updated": ScheduledCallData;
  readonly "transcript.final": TurnData;
  readonly "turn.metrics": MetricsData;
  readonly "operator.said": OperatorData;
  readonly "ai.muted": NothingData;
  readonly "ai.unmuted": NothingData;
  readonly "takeover.started": TakeoverData;
  readonly "takeover.ended": TakeoverData;
  readonly "listen.started": ListenerData;
  readonly "listen.ended": ListenerData;
  readonly "dtmf.sent": DigitsData;
  readonly "transfer.started": TransferData;
  readonly "transfer.failed": RefusalData;
  readonly "audio.level": LevelData;
  readonly "transcript.interim": InterimData;
  readonly "engine.failed": EngineData;
  readonly "ai.state": StateData;
  readonly "timer.hint": HintData;
  readonly "conv.started": TextData;
  readonly "conv.paused": TextData;
  readonly "conv.resumed": TextData;
  readonly "conv.ended": TextData;
  readonly "sms.received": TextData;
  readonly "sms.queued": TextData;
  readonly "sms.sent": TextData;
  readonly "sms.delivered": TextData;
  readonly "sms.failed": TextData;
  readonly "email.queued": EmailData;
  readonly "email.sent": EmailData;
  readonly "email.delivered": EmailData;
  readonly "email.bounced": EmailData;
  readonly "email.complained": EmailData;
  readonly "email.failed": EmailData;
  readonly "email.received": EmailData;
  readonly "usage.updated": UsageData;
  readonly "limit.warning": LimitData;
  readonly "limit.reached": LimitData;
  readonly "plan.changing": SubscriptionOut;
  readonly "plan.changed": SubscriptionOut;
  readonly "server.notice": NoticeData;
  readonly "webhook.disabled": WebhookData;
  readonly "export.ready": ExportReadyData;
  readonly "account.erasing": AccountErasingData;
  readonly "account.erased": AccountErasedData;
}
