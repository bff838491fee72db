// A web server that answers in turn, the last answer again and again, and keeps what was asked.

import { type IncomingHttpHeaders, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** Instead of an answer: the connection is cut, before it or in its middle; or none comes. */
export type Fault = "cut" | "half" | "silent";

export async function answering(
  ...answers: (Answer | Fault)[]
): Promise<{ url: string; asked: Asked[]; [Symbol.asyncDispose](): Promise<void> }> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const sent = await text(request);
    asked.push({
      method: request.method ?? "",
      url: new URL(request.url ?? "", "http://talking.example"),
      headers: request.headers,
      body: sent === "" ? undefined : JSON.parse(sent),
    });
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? "cut";
    if (answer === "silent") return;
    if (answer === "cut") {
      request.socket.destroy();
    } else if (answer === "half") {
      response.writeHead(200, { "Content-Length": "100" });
      response.write("{", () => request.socket.destroy());
    } else {
      response.writeHead(answer.status, answer.headers);
      response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
