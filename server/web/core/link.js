// The live socket: says hello, resumes where it was, comes back with a growing random pause, and
// keeps every command until it is answered. Knows topics and positions, not what events mean.

const ACK_MS = 5000;
const FIRST_PAUSE_MS = 500;
const MOST_PAUSE_MS = 20000;
const HEALTHY_MS = 10000;
const MARGIN_S = 10;
// Ids of events kept, to hand on once what comes by two topics.
const KNOWN = 4000;
// A server gives up to 64 and takes none back.
const MOST_TOPICS = 40;
// Close codes from here on: stop and say why.
const FINAL = 4500;

export class Link {
  /** `handlers`: status(link), snapshot(topic, data), event(message). `clock` gives milliseconds. */
  constructor({ newTicket, handlers, clock = Date.now, open = socketTo }) {
    Object.assign(this, { newTicket, handlers, clock, opener: open });
    this.cursors = new Map([["me", null]]);
    this.waiting = new Map();
    this.asking = new Set();
    this.known = new Set();
    // Topics whose gap is being filled.
    this.asked = new Set();
    // Topics that show a part of a stream: no gap means anything.
    this.filtered = new Set(["fleet"]);
    this.pause = FIRST_PAUSE_MS;
    this.pingSeconds = 25;
    this.heardAt = clock();
    this.eventAt = null;
    this.state = "joining";
    this.why = "";
    this.dueAt = null;
    this.healthyAt = null;
    // The server's clock, of ours, in ms.
    this.ahead = 0;
  }

  async open() {
    this.dueAt = null;
    this.show("joining");
    let ticket;
    try {
      ticket = await this.newTicket();
    } catch (fault) {
      // 400 is the sign-in service's, of a session that it does not renew.
      if (fault.status === 401 || fault.status === 400) return this.show("refused", fault.status === 400 ? "" : fault.message);
      return this.again();
    }
    if (this.state !== "joining") return;
    const socket = this.opener();
    this.socket = socket;
    this.heardAt = this.clock();
    socket.onopen = () => {
      const subs = [...this.cursors].map(([topic, cursor]) => ({ topic, cursor }));
      this.send({ op: "hello", v: 1, ticket, subs, caps: ["batch", "interim"] });
    };
    socket.onmessage = (message) => {
      if (socket !== this.socket) return;
      this.heardAt = this.clock();
      for (const line of message.data.split("\n")) this.receive(JSON.parse(line));
    };
    socket.onclose = (close) => {
      if (socket === this.socket) this.closed(close.code, close.reason);
    };
  }

  closed(code, reason) {
    this.socket = null;
    this.asked.clear();
    if (code >= FINAL) this.show("refused", reason);
    else this.again();
  }

  again() {
    if (this.healthyAt !== null && this.clock() - this.healthyAt > HEALTHY_MS) {
      this.pause = FIRST_PAUSE_MS;
    }
    this.healthyAt = null;
    this.dueAt = this.clock() + Math.random() * this.pause;
    this.pause = Math.min(this.pause * 2, MOST_PAUSE_MS);
    this.show("lost");
  }

  /** Called each second by a worker, whose timers are not slowed down in a hidden tab. */
  tick() {
    const now = this.clock();
    if (this.dueAt !== null && now >= this.dueAt) this.open();
    else if (this.socket && now - this.heardAt > (this.pingSeconds + MARGIN_S) * 1000) this.drop();
    for (const each of this.waiting.values()) {
      if (now - each.sentAt < ACK_MS) continue;
      each.late();
      this.transmit(each);
    }
    this.handlers.status(this);
  }

  /** The page was shown, or the network came back: find out now, not at the next beat. */
  wake() {
    if (this.dueAt !== null) this.open();
    else this.tick();
  }

  /** The network is gone, or nothing came for too long. */
  drop() {
    if (!this.socket) return;
    const socket = this.socket;
    this.closed(4003, "");
    socket.close();
  }

  close() {
    const socket = this.socket;
    this.socket = null;
    this.dueAt = null;
    this.state = "off";
    socket?.close();
  }

  show(state, why = "") {
    this.state = state;
    this.why = why;
    this.handlers.status(this);
  }

  receive(message) {
    switch (message.op) {
      case "welcome":
        this.pingSeconds = message.ping_s;
        this.node = message.node;
        this.ahead = Date.parse(message.now) - this.clock() || 0;
        this.healthyAt = this.clock();
        this.show("live");
        for (const each of this.waiting.values()) this.transmit(each);
        break;
      case "ping": this.send({ op: "pong" }); break;
      case "snapshot": this.snapshot(message); break;
      case "event": this.event(message); break;
      case "at":
        if (this.filtered.has(message.topic)) break;
        if (message.seq > (this.cursors.get(message.topic)?.seq ?? -1)) this.resume(message.topic);
        break;
      case "ack": this.acknowledged(message); break;
    }
  }

  // A long list comes in pages; it is handed on whole.
  snapshot({ topic, epoch, seq, data, page = 1, last = true, filtered = false }) {
    if (filtered) this.filtered.add(topic);
    if (page === 1) this.pages = {};
    for (const [name, value] of Object.entries(data)) {
      const known = this.pages[name];
      if (Array.isArray(value) && known) this.pages[name] = [...known, ...value];
      else if (known && typeof value === "object") this.pages[name] = { ...known, ...value };
      else this.pages[name] = value;
    }
    if (!last) return;
    this.asked.delete(topic);
    this.cursors.set(topic, { epoch, seq });
    this.handlers.snapshot(topic, this.pages);
  }

  event(message) {
    const { topic, seq, epoch } = message;
    if (seq) {
      const cursor = this.cursors.get(topic);
      if (cursor?.epoch === epoch) {
        if (seq <= cursor.seq) return;
        if (seq > cursor.seq + 1 && !this.filtered.has(topic)) return this.resume(topic);
      }
      this.asked.delete(topic);
      this.cursors.set(topic, { epoch, seq });
    }
    this.eventAt = this.clock();
    if (!this.isKnown(message.id)) this.handlers.event(message);
  }

  isKnown(id) {
    if (id === undefined || id === null) return false;
    if (this.known.has(id)) return true;
    this.known.add(id);
    if (this.known.size > KNOWN) this.known.delete(this.known.values().next().value);
    return false;
  }

  resume(topic) {
    if (this.asked.has(topic)) return;
    this.asked.add(topic);
    this.send({ op: "resume", topic, cursor: this.cursors.get(topic) ?? null });
  }

  /** See a further topic, too, if this server has it and one may. */
  async subscribe(topic) {
    if (this.cursors.has(topic) || this.asking.has(topic)) return;
    if (this.cursors.size >= MOST_TOPICS) this.forgetCalls();
    // Asked once; a refusal is not asked again.
    this.asking.add(topic);
    const ack = await this.command("sub.add", { topic });
    if (ack.ok && !this.cursors.has(topic)) this.cursors.set(topic, null);
  }

  // Only a new socket has fewer topics.
  forgetCalls() {
    for (const topic of [...this.cursors.keys()]) if (topic.startsWith("call:")) this.cursors.delete(topic);
    this.asking.clear();
    this.drop();
  }

  /** Do something. The promise is the ack; `late` is called each time it is overdue. */
  command(name, args, late = () => {}) {
    const id = newId();
    return new Promise((resolve) => {
      const kept = { message: { op: "cmd", id, name, args }, resolve, late, sentAt: this.clock() };
      this.waiting.set(id, kept);
      if (this.state === "live") this.transmit(kept);
    });
  }

  transmit(kept) {
    kept.sentAt = this.clock();
    if (this.state === "live") this.send(kept.message);
  }

  acknowledged(message) {
    const kept = this.waiting.get(message.id);
    if (!kept) return;
    // The first asking still runs.
    if (message.error?.code === "idempotency_in_progress") return;
    this.waiting.delete(message.id);
    kept.resolve(message);
  }

  send(message) {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }
}

function socketTo() {
  const address = new URL("/live", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(address, "dash.v1");
}

/** Unlike any other; also on a page without TLS, where randomUUID is missing. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `c-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
