// How frames become messages, and which ends a socket has, by a socket that does what it is told.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";

import { ConnectionFailedError, Live, LiveRefusedError } from "../src/index.js";
import { Connection, MOST_WAITING, type Socket, address } from "../src/socket.js";

/** What the platform's socket would do, done by the test. */
class Told implements Socket {
  static opened: Told[] = [];
  binaryType = "";
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  onerror: Socket["onerror"] = null;
  sent: unknown[] = [];
  isClosed = false;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    Told.opened.push(this);
  }

  send(frame: string): void {
    this.sent.push(JSON.parse(frame));
  }

  close(): void {
    this.isClosed = true;
  }
}

function opened(): { connection: Connection; socket: Told } {
  const connection = new Connection(Told, "ws://talking.example/live", { op: "hello" });
  const socket = Told.opened.at(-1);
  assert.ok(socket);
  return { connection, socket };
}

/** A port that nobody listens to. */
async function unused(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("hello is first, a frame has a message a line, and pings are answered at once", async () => {
  const { connection, socket } = opened();
  assert.equal(socket.protocol, "dash.v1");
  socket.onopen?.({});
  socket.onmessage?.({ data: '{"op":"resync","topic":"a"}\n{"op":"ping"}' });
  socket.onmessage?.({ data: new TextEncoder().encode('{"op":"resync","topic":"ü"}').buffer });
  assert.deepEqual(socket.sent, [{ op: "hello" }, { op: "pong" }]);
  assert.deepEqual(await connection.next(), { op: "resync", topic: "a" });
  assert.deepEqual(await connection.next(), { op: "resync", topic: "ü" });
  const waiting = connection.next();
  socket.onclose?.({ code: 4001, reason: "stops" });
  assert.equal(await waiting, null);
  assert.deepEqual(connection.end, { code: 4001, reason: "stops" });
});

test("what is no message is thrown", async () => {
  for (const data of ["hello", "", "null"]) {
    const { connection, socket } = opened();
    socket.onmessage?.({ data });
    await assert.rejects(connection.next(), { name: "TalkingError" });
    connection.close();
  }
});

test("who is silent for longer than pings are apart is given up", async () => {
  const { connection, socket } = opened();
  socket.onmessage?.({ data: '{"op":"welcome","ping_s":-9.99,"subs":[]}' });
  socket.onmessage?.({ data: '{"op":"ping"}' });
  assert.equal((await connection.next())?.op, "welcome");
  assert.equal(await connection.next(), null);
  assert.match(connection.end?.reason ?? "", /^nothing came/);
  assert.ok(socket.isClosed);
});

test("what nobody reads is not kept without an end", async () => {
  const { connection, socket } = opened();
  const frame = Array(MOST_WAITING + 1).fill('{"op":"resync","topic":"a"}').join("\n");
  socket.onmessage?.({ data: frame });
  assert.ok(socket.isClosed);
  for (let count = 0; count <= MOST_WAITING; count += 1) assert.ok(await connection.next());
  assert.equal(await connection.next(), null);
});

test("a close that says stay away ends it, and any other after as many as are wanted", async () => {
  for (const [code, attempts, kind, sockets] of [
    [4501, 9, LiveRefusedError, 1],
    [1006, 3, ConnectionFailedError, 3],
  ] as const) {
    Told.opened = [];
    class Closing extends Told {
      constructor(url: string, protocol: string) {
        super(url, protocol);
        setImmediate(() => {
          this.onerror?.({ message: "why" });
          this.onclose?.({ code, reason: "" });
        });
      }
    }
    const retries = { attempts, firstPauseSeconds: 0 };
    const live = new Live("https://talking.example", "tk", { WebSocket: Closing, retries });
    await assert.rejects(live[Symbol.asyncIterator]().next(), (fault) => {
      assert.ok(fault instanceof kind);
      assert.match(fault.message, /why$/);
      return true;
    });
    assert.equal(Told.opened.length, sockets);
    assert.equal(Told.opened[0]?.url, "wss://talking.example/live");
  }
});

const PLATFORM = { skip: globalThis.WebSocket ? false : "no WebSocket of the platform's" };

test("a server that is away is tried again as often as is wanted", PLATFORM, async () => {
  const port = await unused();
  const retries = { attempts: 3, firstPauseSeconds: 0 };
  const live = new Live(`http://127.0.0.1:${port}`, "tk", { retries });
  const started = performance.now();
  await assert.rejects(live[Symbol.asyncIterator]().next(), ConnectionFailedError);
  assert.ok(performance.now() - started < 5000); // told by the platform, not by our own patience
});

test("it is closed from outside while somebody waits, and for good", async () => {
  const live = new Live("https://talking.example", "tk", { WebSocket: Told });
  const rows = live[Symbol.asyncIterator]();
  const waiting = rows.next();
  setImmediate(() => live.close());
  assert.deepEqual(await waiting, { done: true, value: undefined });
  assert.ok(Told.opened.at(-1)?.isClosed);
  assert.equal((await live[Symbol.asyncIterator]().next()).done, true);
});

test("an address is the server's own", () => {
  assert.equal(address("https://talking.example/"), "wss://talking.example/live");
  assert.equal(address("http://127.0.0.1:1"), "ws://127.0.0.1:1/live");
});

test("the platform's socket is one that can be given", () => {
  const kinds: (typeof Told | typeof WebSocket | undefined)[] = [Told, globalThis.WebSocket];
  for (const kind of kinds) {
    if (kind) assert.ok(new Live("https://talking.example", "tk", { WebSocket: kind }));
  }
});
