// The live socket: says hello, resumes where it was, comes back with a growing, random pause.

export class Link {
  constructor(newTicket, handlers) {
    this.newTicket = newTicket;
    this.handlers = handlers;
    this.cursor = null;
    this.pause = 500;
    this.waiting = new Map();
    this.next = 1;
  }

  async open() {
    this.handlers.state("joining");
    let ticket;
    try {
      ticket = await this.newTicket();
    } catch (fault) {
      if (fault.status === 401) return this.handlers.state("refused", fault.message);
      return this.again();
    }
    const address = new URL("/live", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(address, "dash.v1");
    this.socket.onopen = () =>
      this.send({ op: "hello", v: 1, ticket, subs: [{ topic: "me", cursor: this.cursor }], caps: ["batch"] });
    this.socket.onmessage = (message) =>
      message.data.split("\n").forEach((line) => this.receive(JSON.parse(line)));
    this.socket.onclose = (close) => {
      clearTimeout(this.silence);
      if (close.code >= 4500) this.handlers.state("refused", close.reason);
      else this.again();
    };
  }

  again() {
    this.handlers.state("lost");
    setTimeout(() => this.open(), Math.random() * this.pause);
    this.pause = Math.min(this.pause * 2, 20000);
  }

  receive(message) {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.socket.close(), 35000);
    if (message.op === "welcome") {
      this.pause = 500;
      this.handlers.state("live");
    } else if (message.op === "ping") this.send({ op: "pong" });
    else if (message.op === "snapshot") {
      this.pages = message.page === 1 ? message.data : joined(this.pages, message.data);
      if (!message.last) return;
      this.cursor = { epoch: message.epoch, seq: message.seq };
      this.handlers.snapshot(this.pages);
    } else if (message.op === "event") {
      if (message.seq) {
        if (this.cursor?.epoch === message.epoch && message.seq <= this.cursor.seq) return;
        this.cursor = { epoch: message.epoch, seq: message.seq };
      }
      this.handlers.event(message);
    } else if (message.op === "ack") {
      this.waiting.get(message.id)?.(message);
      this.waiting.delete(message.id);
    }
  }

  command(name, args) {
    const id = `${Date.now().toString(36)}-${this.next++}`;
    const answer = new Promise((resolve) => this.waiting.set(id, resolve));
    this.send({ op: "cmd", id, name, args });
    return answer;
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }
}

// A further page of a snapshot adds to the lists and tables of those before.
function joined(before, page) {
  const whole = { ...before };
  for (const [key, value] of Object.entries(page))
    whole[key] = Array.isArray(value) ? [...(before[key] ?? []), ...value] : { ...before[key], ...value };
  return whole;
}
