// A way to a server by TCP that can be cut, as networks are: at once and without a goodbye.

import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import process from "node:process";

// Node 20 may look for ever for the end of a request of a connection that was reset, once nothing
// else is left to do.
process.once("beforeExit", () => process.exit());

export interface Way {
  readonly url: string;
  opened: number;
  /** End every connection there is, on both sides; later ones go through. */
  cut(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function wayTo(url: string): Promise<Way> {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  const server = createServer((here) => {
    way.opened += 1;
    const there = connect(Number(port), hostname);
    for (const [one, other] of [[here, there], [there, here]] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => open.delete(one));
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const way: Way = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    opened: 0,
    cut() {
      for (const one of open) one.writableEnded ? one.destroy() : one.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      this.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return way;
}
