// A typed client of Talking App: `Client` speaks REST, `Live` follows the live channel, `verify`
// proves a webhook.

export { Client, type CallOptions } from "./client.js";
export * from "./contract.js";
export * from "./errors.js";
export type * from "./events.js";
export { Live, type LiveSettings, isEvent } from "./live.js";
export type * from "./messages.js";
export type * from "./models.js";
export type { Position, Topics } from "./positions.js";
export type { Retries, SomeRetries } from "./retries.js";
export type { Options, Settings, Token, WriteOptions } from "./sender.js";
export type * from "./sent.js";
export type { Socket, SocketConstructor } from "./socket.js";
export { type GivenHeaders, type Received, type VerifyOptions, verify } from "./webhooks.js";
