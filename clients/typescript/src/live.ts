// The live channel: everything that happens, as it happens.
//
// A socket that ends is replaced, and the new one goes on from the last event that was handed on
// (`positions`). Only a close that says "stay away" ends it. Knows nothing of what events mean.

import { ConnectionFailedError, LiveRefusedError, TalkingError } from "./errors.js";
import type { EventData } from "./events.js";
import type { Event, Snapshot } from "./messages.js";
import { Positions, type Topics } from "./positions.js";
import { type Retries, type SomeRetries, filled, pauseAfterCut, wait } from "./retries.js";
import type { Token } from "./sender.js";
import { Connection, type End, type SocketConstructor, address } from "./socket.js";
import type { Received } from "./webhooks.js";

/**
 * `topics` are names ("me": all that is the user's; "call:<id>": one call) with the positions that
 * were kept, to go on from there, or with null; without any, "me". `WebSocket` is the platform's
 * unless another is given. `retries` never end unless they say so.
 */
export interface LiveSettings {
  readonly topics?: Topics | undefined;
  readonly retries?: SomeRetries | undefined;
  readonly WebSocket?: SocketConstructor | undefined;
}

const FINAL = 4500; // close codes from here on: stop and say why
const FOREVER: Retries = { attempts: Infinity, firstPauseSeconds: 0.5, mostPauseSeconds: 20 };

/** What happens in some topics, to be read by `for await`. */
export class Live implements AsyncIterable<Snapshot | Event> {
  readonly #url: string;
  readonly #token: Token;
  readonly #retries: Retries;
  readonly #WebSocket: SocketConstructor;
  readonly #positions: Positions;
  readonly #stop = new AbortController();
  #failures = 0;

  constructor(baseUrl: string, token: Token, settings: LiveSettings = {}) {
    const kind = settings.WebSocket ?? globalThis.WebSocket;
    if (kind === undefined) {
      throw new TalkingError("no WebSocket here: give one as `WebSocket`, such as that of `ws`");
    }
    this.#WebSocket = kind;
    this.#url = address(baseUrl);
    this.#token = token;
    this.#retries = filled(FOREVER, settings.retries);
    this.#positions = new Positions(settings.topics ?? { me: null });
  }

  /** Where it is in each topic, to be kept and given to another one. */
  get positions(): Topics {
    return this.#positions.places;
  }

  /** Ends it, also while somebody waits for what comes next. */
  close(): void {
    this.#stop.abort();
  }

  /**
   * Snapshots and events, in order: a snapshot replaces what was known of its topic, and comes only
   * where there is no position, or the server does not know it any more. Throws LiveRefusedError
   * when the server wants no more of it, and ConnectionFailedError when too many sockets in a row
   * failed.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Snapshot | Event, void, undefined> {
    const { signal } = this.#stop;
    for (;;) {
      const token = typeof this.#token === "string" ? this.#token : await this.#token();
      if (signal.aborted) return;
      const hello = this.#positions.hello(token);
      const connection = new Connection(this.#WebSocket, this.#url, hello);
      const close = () => connection.close();
      signal.addEventListener("abort", close);
      try {
        yield* this.#read(connection);
      } finally {
        signal.removeEventListener("abort", close);
        connection.close();
      }
      if (signal.aborted) return;
      await wait(this.#pauseAfter(connection.end), signal);
    }
  }

  async *#read(connection: Connection): AsyncGenerator<Snapshot | Event, void, undefined> {
    for (;;) {
      const message = await connection.next();
      if (message === null) return;
      if (message.op === "welcome") this.#failures = 0;
      const step = this.#positions.take(message);
      if (step.send !== undefined) connection.send(step.send);
      if (step.give !== undefined) yield step.give;
    }
  }

  #pauseAfter(end: End | null): number {
    const { code, reason } = end ?? { code: 1006, reason: "" };
    if (code >= FINAL) throw new LiveRefusedError(code, reason);
    this.#failures += 1;
    const pause = pauseAfterCut(this.#retries, this.#failures, Math.random());
    if (pause === null) {
      throw new ConnectionFailedError(`the live channel: ${code} ${reason}`.trimEnd(), null);
    }
    return pause;
  }
}

/** Whether it is an event of this type; its `data` has that type's shape then. */
export function isEvent<Given extends Event | Received, Type extends keyof EventData>(
  given: Given | Snapshot,
  type: Type,
): given is Given & { readonly type: Type; readonly data: EventData[Type] } {
  return "type" in given && given.type === type;
}
