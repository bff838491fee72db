// Where a client of the live channel is in each topic, and what each message means to it. Pure.
//
// No event is handed on twice, and none is left out: what does not follow on the last one is asked
// for again from there. Knows no socket; what events mean is for others.

import type { At, Event, Incoming, Snapshot } from "./messages.js";

/** The last event that was seen of a topic; void when the epoch has changed. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** Topics by name, with the position to go on from, or null. */
export type Topics = Readonly<Record<string, Position | null>>;

/** What follows from a message: what to send, and what to hand on. */
export interface Step {
  readonly send?: object;
  readonly give?: Snapshot | Event;
}

/** Ids of events that are kept, for an event comes by every topic that shows it. */
export const MOST_KNOWN = 4000;

const NOTHING: Step = {};

/** The topics of one client, over all the sockets that it has one after the other. */
export class Positions {
  readonly #places: Map<string, Position | null>;
  readonly #filtered = new Set<string>();
  readonly #asked = new Set<string>();
  readonly #pages = new Map<string, Snapshot["data"]>();
  readonly #known = new Set<string>();

  constructor(topics: Topics) {
    this.#places = new Map(Object.entries(topics));
  }

  /** Where it is in each topic. */
  get places(): Topics {
    return Object.fromEntries(this.#places);
  }

  /** The first message on a new socket: go on from where this client is. */
  hello(token: string): object {
    this.#asked.clear();
    this.#pages.clear();
    const subs = Array.from(this.#places, ([topic, cursor]) => ({ topic, cursor }));
    return { op: "hello", v: 1, token, subs, caps: ["batch"] };
  }

  /** One message as it came. One of a kind that this version does not know means nothing. */
  take(message: Incoming): Step {
    switch (message.op) {
      case "welcome":
        for (const one of message.subs) if (one.filtered) this.#filtered.add(one.topic);
        return NOTHING;
      case "snapshot":
        return this.#snapshot(message);
      case "event":
        return this.#event(message);
      case "at":
        return this.#at(message);
      default:
        return NOTHING;
    }
  }

  /** A long one comes in pages and is handed on whole. */
  #snapshot(part: Snapshot): Step {
    const { topic, epoch, seq, page = 1, last = true, filtered = false } = part;
    if (filtered) this.#filtered.add(topic);
    const whole = { ...(page === 1 ? {} : this.#pages.get(topic)) };
    for (const [name, more] of Object.entries(part.data)) whole[name] = joined(whole[name], more);
    if (!last) {
      this.#pages.set(topic, whole);
      return NOTHING;
    }
    this.#pages.delete(topic);
    this.#asked.delete(topic);
    this.#places.set(topic, { epoch, seq });
    return { give: { ...part, data: whole, page: 1 } };
  }

  #event(event: Event): Step {
    const { topic, epoch, seq } = event;
    if (typeof seq === "number" && typeof epoch === "string") {
      const at = this.#places.get(topic);
      if (at?.epoch !== epoch) return this.#resume(topic);
      if (seq <= at.seq) return NOTHING;
      if (seq > at.seq + 1 && !this.#filtered.has(topic)) return this.#resume(topic);
      this.#asked.delete(topic);
      this.#places.set(topic, { epoch, seq });
    }
    if (this.#known.has(event.id)) return NOTHING;
    this.#known.add(event.id);
    if (this.#known.size > MOST_KNOWN) {
      for (const oldest of this.#known) {
        this.#known.delete(oldest);
        break;
      }
    }
    return { give: event };
  }

  /** A quiet topic's place: more than ours is a gap, but where only a part is shown. */
  #at({ topic, epoch, seq }: At): Step {
    const at = this.#places.get(topic);
    if (at?.epoch === epoch) {
      if (seq <= at.seq) return NOTHING;
      if (this.#filtered.has(topic)) {
        this.#places.set(topic, { epoch, seq });
        return NOTHING;
      }
    }
    return this.#resume(topic);
  }

  /** Asked once for each gap. */
  #resume(topic: string): Step {
    if (this.#asked.has(topic)) return NOTHING;
    this.#asked.add(topic);
    return { send: { op: "resume", topic, cursor: this.#places.get(topic) ?? null } };
  }
}

/** A member of a snapshot with what a further page has of it. */
function joined(known: unknown, more: unknown): unknown {
  if (Array.isArray(known) && Array.isArray(more)) return [...known, ...more];
  return isTable(known) && isTable(more) ? { ...known, ...more } : more;
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
