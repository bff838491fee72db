// The socket to the sandbox: says hello, comes back when it is lost, and never lets sound pile up.
// Knows no sound and no document; what it is told goes to `handlers`.

const FRAME_BYTES = 160;
const MOST_WAITING = 10; // 200 ms: beyond, the oldest are dropped
const MOST_UNDERWAY = 3 * (FRAME_BYTES + 8);
const PING_MS = 2000;
const SILENT_MS = 12000;
const FINAL = { 4001: "elsewhere", 4002: "refused" };

export class Line {
  constructor(key, number, handlers) {
    Object.assign(this, { key, number, handlers });
    this.pause = 250;
    this.waiting = [];
    this.counters = { sent: 0, dropped: 0, roundTrip: null, buffered: 0 };
    addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => this.wake());
    setInterval(() => this.ping(), PING_MS);
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  open() {
    clearTimeout(this.timer);
    this.timer = null;
    this.handlers.state("joining");
    const address = new URL("/phone/socket", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = this.socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    this.askedAt = null;
    socket.onopen = () => this.say("hello", { key: this.key, number: this.number });
    socket.onmessage = ({ data }) => this.take(data);
    socket.onclose = ({ code, reason }) => {
      if (socket !== this.socket) return;
      this.waiting = [];
      if (FINAL[code]) this.handlers.state(FINAL[code], reason);
      else this.again();
    };
  }

  again() {
    this.handlers.state("lost");
    this.timer = setTimeout(() => this.open(), this.pause * (0.5 + Math.random()));
    this.pause = Math.min(this.pause * 2, 5000);
  }

  wake() {
    if (this.timer && document.visibilityState === "visible") this.open();
  }

  take(data) {
    const now = performance.now();
    this.askedAt = null;
    if (data instanceof ArrayBuffer) {
      this.handlers.frame(new DataView(data).getUint32(0), data, now);
      return;
    }
    const { type, ...message } = JSON.parse(data);
    if (type === "pong") {
      this.counters.roundTrip = now - message.at;
      this.counters.buffered = message.mouth_ms;
      return;
    }
    if (type === "welcome") {
      this.pause = 250;
      this.ping();
    }
    this.handlers[type]?.(message);
  }

  ping() {
    if (!this.isOpen) return;
    const now = performance.now();
    this.askedAt ??= now; // since when nothing has come back; a hidden page's timers may be slow
    if (now - this.askedAt > SILENT_MS) this.cut();
    else this.say("ping", { at: now });
  }

  // A socket nobody answers on may take minutes to close by itself.
  cut() {
    const { socket } = this;
    this.socket = null;
    socket.close();
    this.again();
  }

  say(type, fields = {}) {
    if (this.isOpen) this.socket.send(JSON.stringify({ type, ...fields }));
    return this.isOpen;
  }

  sound(frame) {
    if (!this.isOpen) return;
    this.waiting.push(frame);
    if (this.waiting.length > MOST_WAITING) {
      this.waiting.shift();
      this.counters.dropped++;
    }
    while (this.waiting.length && this.socket.bufferedAmount < MOST_UNDERWAY) {
      this.socket.send(this.waiting.shift());
      this.counters.sent++;
    }
  }
}
