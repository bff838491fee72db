// Messages of the live channel, as they come. Written from the API's description; never edited.

/** What a client may cost. */
export interface ClientLimits {
  readonly frame: number;
  readonly cmd_per_s: number;
  readonly subs: number;
}

/** How a topic starts, as of `seq`: by the events missed, or by a snapshot. */
export interface Subscribed {
  readonly topic: string;
  readonly mode: string;
  /** Left out: 0. */
  readonly replayed?: number;
  /** Left out: "". */
  readonly epoch?: string;
  /** Left out: 0. */
  readonly seq?: number;
  /** Left out: false. */
  readonly filtered?: boolean;
}

/** The answer to hello. */
export interface Welcome {
  readonly op: "welcome";
  readonly v: number;
  readonly session: string;
  readonly node: string;
  readonly now: string;
  readonly ping_s: number;
  readonly token_exp: string;
  readonly limits: ClientLimits;
  readonly role: string;
  readonly subs: readonly Subscribed[];
}

/**
 * A topic's state as of `seq`; later events follow. The first page replaces what was known, further
 * ones add to its lists and tables, and the state is whole with the `last`. `filtered`: the topic
 * shows only a part of a stream, so its events' numbers have gaps.
 */
export interface Snapshot {
  readonly op: "snapshot";
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
  readonly data: Readonly<Record<string, unknown>>;
  /** Left out: 1. */
  readonly page?: number;
  /** Left out: true. */
  readonly last?: boolean;
  /** Left out: false. */
  readonly filtered?: boolean;
}

/** Something happened. Durable ones have `seq` and `epoch`; passing ones have `eph` instead. */
export interface Event {
  readonly op: "event";
  readonly topic: string;
  readonly id: string;
  readonly type: string;
  readonly v: number;
  readonly ts: string;
  readonly user_id: string | null;
  readonly subject: string;
  readonly data: unknown;
  readonly seq?: number | null;
  readonly epoch?: string | null;
  readonly rev?: number | null;
  readonly cause?: string | null;
  readonly eph?: string | null;
}

/**
 * All events of a quiet topic up to `seq` were sent. A client of an unfiltered topic whose last
 * number differs asks to resume; one of a filtered topic takes it as its place.
 */
export interface At {
  readonly op: "at";
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
}

/** Why a command was refused; `see` leads to what to do about it. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly retry: boolean;
  readonly see: string;
  readonly retry_ms?: number | null;
  /** Left out: {}. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The answer to the command with this id. */
export interface Ack {
  readonly op: "ack";
  readonly id: string;
  readonly ok: boolean;
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly error?: Fault | null;
}

/** Answer with pong. */
export interface Ping {
  readonly op: "ping";
}

/** This client read too slowly and lost events; a snapshot of the topic follows. */
export interface Resync {
  readonly op: "resync";
  readonly topic: string;
}

export type Incoming = Welcome | Snapshot | Event | At | Ack | Ping | Resync;
