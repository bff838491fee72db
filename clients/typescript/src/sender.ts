// Sends requests, waits and sends them again, and reads what comes back. What is asked for is
// `client`'s.

import { API_VERSION } from "./contract.js";
import { ConnectionFailedError, ProblemError, TalkingError, problemOf } from "./errors.js";
import {
  type Retries,
  type SomeRetries,
  USUAL,
  filled,
  pauseAfterAnswer,
  pauseAfterCut,
  seconds,
  wait,
} from "./retries.js";

/** An API key; of a session, which ends, what gives its token each time anew. */
export type Token = string | (() => string | Promise<string>);

/** How a client sends; what is left out is as usual: 4 attempts, each of 30 s at most. */
export interface Settings {
  readonly retries?: SomeRetries | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** For every request: what ends it early, which is then thrown as the signal's reason. */
export interface Options {
  readonly signal?: AbortSignal | undefined;
}

/** For what is done once under its key, also over a restart of your program. */
export interface WriteOptions extends Options {
  readonly idempotencyKey?: string | undefined;
}

export type Query = Readonly<Record<string, string | number | boolean | Date | undefined>>;

/** One request; whatever is not a GET writes. */
export interface Ask {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
}

const TIMEOUT_SECONDS = 30;

export class Sender {
  readonly #base: string;
  readonly #token: Token;
  readonly #retries: Retries;
  readonly #timeoutSeconds: number;
  readonly #fetch: typeof globalThis.fetch;

  constructor(baseUrl: string, token: Token, settings: Settings) {
    this.#base = baseUrl.replace(/\/+$/, "");
    this.#token = token;
    this.#retries = filled(USUAL, settings.retries);
    this.#timeoutSeconds = settings.timeoutSeconds ?? TIMEOUT_SECONDS;
    this.#fetch = settings.fetch ?? ((url, init) => fetch(url, init));
  }

  /**
   * Send it, also again where that may help. The answer has the shape that the API's description
   * says, which is not looked into. Throws ProblemError, ConnectionFailedError.
   */
  async send<Reply>(ask: Ask, options?: WriteOptions): Promise<Reply> {
    return read<Reply>(new TextDecoder().decode(await this.#bytes(ask, options)));
  }

  /** What is behind this path, which is no JSON. Throws as `send`. */
  async file(path: string, options?: Options): Promise<Uint8Array> {
    return new Uint8Array(await this.#bytes({ method: "GET", path }, options));
  }

  async #bytes(ask: Ask, { idempotencyKey, signal }: WriteOptions = {}): Promise<ArrayBuffer> {
    const key = ask.method === "GET" ? null : (idempotencyKey ?? crypto.randomUUID());
    const url = new URL(this.#base + ask.path);
    for (const [name, value] of Object.entries(ask.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, text(value));
    }
    for (let attempt = 1; ; attempt += 1) {
      const token = typeof this.#token === "string" ? this.#token : await this.#token();
      const headers = new Headers({ Accept: "application/json", Authorization: `Bearer ${token}` });
      if (key !== null) headers.set("Idempotency-Key", key);
      if (ask.body !== undefined) headers.set("Content-Type", "application/json");
      let pause: number | null;
      let failure: TalkingError;
      try {
        return await this.#once(ask, url, headers, signal);
      } catch (fault) {
        signal?.throwIfAborted();
        if (fault instanceof ProblemError) {
          failure = fault;
          pause = pauseAfterAnswer(this.#retries, attempt, Math.random(), fault);
        } else if (fault instanceof TalkingError) {
          throw fault;
        } else {
          const told = `${ask.method} ${ask.path}: ${fault}`;
          failure = new ConnectionFailedError(told, key, { cause: fault });
          pause = pauseAfterCut(this.#retries, attempt, Math.random());
        }
      }
      if (pause === null) throw failure;
      await wait(pause, signal);
      signal?.throwIfAborted();
    }
  }

  /** Every row of a list, page after page. */
  async *rows<Page extends { readonly cursor: string | null }, Row>(
    ask: Ask,
    of: (page: Page) => readonly Row[],
    options: Options,
  ): AsyncGenerator<Row, void, undefined> {
    let query: Query = { ...ask.query };
    for (;;) {
      const page = await this.send<Page>({ ...ask, query }, options);
      yield* of(page);
      if (page.cursor === null) return;
      query = { ...query, cursor: page.cursor };
    }
  }

  async #once(
    ask: Ask,
    url: URL,
    headers: Headers,
    signal: AbortSignal | undefined,
  ): Promise<ArrayBuffer> {
    const timeout = AbortSignal.timeout(this.#timeoutSeconds * 1000);
    const answer = await this.#fetch(url, {
      method: ask.method,
      headers,
      redirect: "manual",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
    });
    if (!answer.ok) {
      throw problemOf({
        status: answer.status,
        body: await answer.text(),
        requestId: answer.headers.get("X-Request-Id") ?? "",
        retryAfterSeconds: seconds(answer.headers.get("Retry-After")),
      });
    }
    return await answer.arrayBuffer();
  }
}

function read<Reply>(body: string): Reply {
  const told = `the answer is not what version ${API_VERSION} says`;
  let found: unknown;
  try {
    found = JSON.parse(body);
  } catch (fault) {
    throw new TalkingError(told, { cause: fault });
  }
  if (typeof found !== "object" || found === null) throw new TalkingError(told);
  return found as Reply;
}

function text(value: string | number | boolean | Date): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
