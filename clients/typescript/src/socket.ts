// One socket of the live channel: its frames as messages, and how it ended. Answers pings by
// itself, so that who is slow to read does not seem to be away. Knows no positions.

import { LIVE_PROTOCOL } from "./contract.js";
import { TalkingError } from "./errors.js";
import type { Incoming } from "./messages.js";

/** What is used of a WebSocket: the platform's, or that of the package `ws`. */
export interface Socket {
  binaryType: string;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(frame: string): void;
  close(): void;
}

export type SocketConstructor = new (url: string, protocol: string) => Socket;

/** How a socket ended: by a close code, 1006 when nobody closed it. */
export interface End {
  readonly code: number;
  readonly reason: string;
}

const OPEN_SECONDS = 10;
const QUIET_SECONDS = 25; // until a server says how often it pings
const MARGIN_SECONDS = 10;
const CUT = 1006;
export const MOST_WAITING = 10_000; // messages that nobody reads, until the socket is given up

/** Where the live channel of this server is. */
export function address(baseUrl: string): string {
  return `${baseUrl.replace(/\/+$/, "").replace(/^http/, "ws")}/live`;
}

export class Connection {
  end: End | null = null;
  readonly #socket: Socket;
  readonly #waiting: (Incoming | TalkingError)[] = [];
  #wake: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pingSeconds = QUIET_SECONDS;
  #fault = "";

  /** Opens it; `hello` is sent as soon as it is open. */
  constructor(constructor: SocketConstructor, url: string, hello: object) {
    const socket = new constructor(url, LIVE_PROTOCOL);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#expect(this.#pingSeconds + MARGIN_SECONDS);
      this.send(hello);
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onerror = (event) => {
      this.#fault = String(event?.message ?? "");
      // Node 20 tells of no close after it; where there is one, it comes before any timer.
      setTimeout(() => this.#finish(CUT, this.#fault));
    };
    socket.onclose = ({ code, reason }) => this.#finish(code, reason || this.#fault);
    this.#expect(OPEN_SECONDS);
  }

  /** The next message; null when there are no more, and `end` says why. Throws TalkingError. */
  async next(): Promise<Incoming | null> {
    for (;;) {
      const first = this.#waiting.shift();
      if (first instanceof TalkingError) throw first;
      if (first !== undefined) return first;
      if (this.end !== null) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  send(message: object): void {
    if (this.end === null) this.#socket.send(JSON.stringify(message));
  }

  /** Nothing more is read. */
  close(): void {
    this.#waiting.length = 0;
    this.#finish(CUT, "closed here");
  }

  #receive(data: unknown): void {
    this.#expect(this.#pingSeconds + MARGIN_SECONDS);
    const frame = typeof data === "string" ? data : new TextDecoder().decode(data as ArrayBuffer);
    for (const line of frame.split("\n")) {
      const message = decoded(line);
      if (message instanceof TalkingError) {
        this.#waiting.push(message);
      } else if (message.op === "ping") {
        this.send({ op: "pong" });
      } else {
        if (message.op === "welcome") this.#pingSeconds = message.ping_s;
        this.#waiting.push(message);
      }
    }
    if (this.#waiting.length > MOST_WAITING) this.#finish(CUT, "what came was not read");
    this.#wake?.();
  }

  /** Give it up when nothing comes for so long. */
  #expect(seconds: number): void {
    clearTimeout(this.#timer);
    const late = () => this.#finish(CUT, `nothing came for ${seconds} s`);
    this.#timer = setTimeout(late, seconds * 1000);
  }

  #finish(code: number, reason: string): void {
    if (this.end !== null) return;
    this.end = { code, reason };
    clearTimeout(this.#timer);
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = () => {}; // of one that is closed before it is open
    socket.close();
    this.#wake?.();
  }
}

function decoded(line: string): Incoming | TalkingError {
  const told = `a message is not what ${LIVE_PROTOCOL} says`;
  try {
    const found: unknown = JSON.parse(line);
    const isMessage = typeof found === "object" && found !== null;
    return isMessage ? (found as Incoming) : new TalkingError(told);
  } catch (fault) {
    return new TalkingError(told, { cause: fault });
  }
}
