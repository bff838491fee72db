// The client: one method for each thing that can be asked. How it is sent is `sender`'s.

import { TalkingError } from "./errors.js";
import type * as models from "./models.js";
import { type Options, Sender, type Settings, type Token, type WriteOptions } from "./sender.js";
import type * as sent from "./sent.js";

/** Of one call, what comes with it. */
export interface CallOptions extends Options {
  readonly expand?: "transcript" | undefined;
}

const SCHEDULED = "/v1/scheduled-calls";

type Rows<Row> = AsyncGenerator<Row, void, undefined>;

/** Phone calls. */
class Calls {
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** Phone `to`, or one's own verified number, about a topic; `agent` talks, by id or slug. */
  place(call: sent.StartCall, options?: WriteOptions): Promise<models.CallOut> {
    return this.#sender.send({ method: "POST", path: "/v1/calls", body: call }, options);
  }

  /** As `place`, at a time with a zone, or as soon as it may be. */
  schedule(call: sent.ScheduleCall, options?: WriteOptions): Promise<models.ScheduledCallOut> {
    return this.#sender.send({ method: "POST", path: SCHEDULED, body: call }, options);
  }

  /** Up to 100 at once; `results` has for each what became of it. */
  scheduleMany(
    calls: readonly sent.ScheduleCall[],
    options?: WriteOptions,
  ): Promise<models.ScheduledBatch> {
    const body: sent.ScheduleBatch = { calls };
    return this.#sender.send({ method: "POST", path: `${SCHEDULED}/batch`, body }, options);
  }

  /** All scheduled calls that are wanted, newest first. */
  scheduled(
    filters: sent.ScheduledCallFilters = {},
    options: Options = {},
  ): Rows<models.ScheduledCallOut> {
    const ask = { method: "GET", path: SCHEDULED, query: { ...filters } } as const;
    const rows = (page: models.ScheduledCallPage) => page.scheduled_calls;
    return this.#sender.rows(ask, rows, options);
  }

  /** Call it off, while it waits. */
  cancelScheduled(id: string, options?: WriteOptions): Promise<models.ScheduledCallOut> {
    const path = `${SCHEDULED}/${part(id)}/cancel`;
    return this.#sender.send({ method: "POST", path, body: {} }, options);
  }

  /** One call. */
  get(id: string, { expand, ...options }: CallOptions = {}): Promise<models.CallExpanded> {
    return this.#sender.send({ method: "GET", path: call(id), query: { expand } }, options);
  }

  /** All calls that are wanted, page after page; `limit` is a page's. */
  list(filters: sent.CallFilters = {}, options: Options = {}): Rows<models.CallExpanded> {
    const ask = { method: "GET", path: "/v1/calls", query: { ...filters } } as const;
    return this.#sender.rows(ask, (page: models.CallPage) => page.calls, options);
  }

  /** What was said. */
  transcript(id: string, options?: Options): Promise<models.Transcript> {
    return this.#sender.send({ method: "GET", path: `${call(id)}/transcript` }, options);
  }

  /** Have words spoken to whoever was called. */
  say(id: string, words: sent.Say, options?: WriteOptions): Promise<models.Done> {
    return this.#sender.send({ method: "POST", path: `${call(id)}/say`, body: words }, options);
  }

  /** End it. */
  hangUp(id: string, options?: WriteOptions): Promise<models.Done> {
    return this.#sender.send({ method: "POST", path: `${call(id)}/hangup`, body: {} }, options);
  }

  /** Ask whoever was called, and record once they say yes; or go on after a pause. */
  startRecording(id: string, options?: WriteOptions): Promise<models.Done> {
    return this.#record(id, "start", options);
  }

  /** Record nothing until it is started again. */
  pauseRecording(id: string, options?: WriteOptions): Promise<models.Done> {
    return this.#record(id, "pause", options);
  }

  /** End the recording, or drop the question for it. */
  stopRecording(id: string, options?: WriteOptions): Promise<models.Done> {
    return this.#record(id, "stop", options);
  }

  /** What was recorded, as a WAV: the caller left, the agent right. */
  recording(id: string, options?: Options): Promise<Uint8Array> {
    return this.#sender.file(`${call(id)}/recording`, options);
  }

  /** Its tags and notes. */
  annotations(id: string, options?: Options): Promise<models.CallAnnotations> {
    return this.#sender.send({ method: "GET", path: `${call(id)}/annotations` }, options);
  }

  /** The tags on all of one's calls; `list({ tag })` has the calls with one. */
  async usedTags(options?: Options): Promise<readonly models.TagOut[]> {
    const ask = { method: "GET", path: "/v1/calls/tags" } as const;
    return (await this.#sender.send<models.UsedTags>(ask, options)).tags;
  }

  /** Put a tag on it. */
  tag(id: string, tag: string, options?: WriteOptions): Promise<models.CallTags> {
    return this.#sender.send({ method: "PUT", path: `${call(id)}/tags/${part(tag)}` }, options);
  }

  /** Take a tag off it. */
  untag(id: string, tag: string, options?: WriteOptions): Promise<models.CallTags> {
    return this.#sender.send({ method: "DELETE", path: `${call(id)}/tags/${part(tag)}` }, options);
  }

  /** Write a note on it. */
  addNote(id: string, note: sent.WriteNote, options?: WriteOptions): Promise<models.NoteOut> {
    return this.#sender.send({ method: "POST", path: `${call(id)}/notes`, body: note }, options);
  }

  /** Write a note on it anew. */
  changeNote(
    id: string,
    noteId: string,
    note: sent.WriteNote,
    options?: WriteOptions,
  ): Promise<models.NoteOut> {
    const path = `${call(id)}/notes/${part(noteId)}`;
    return this.#sender.send({ method: "PUT", path, body: note }, options);
  }

  /** Delete a note on it. */
  deleteNote(id: string, noteId: string, options?: WriteOptions): Promise<models.Deleted> {
    const path = `${call(id)}/notes/${part(noteId)}`;
    return this.#sender.send({ method: "DELETE", path }, options);
  }

  #record(id: string, verb: string, options?: WriteOptions): Promise<models.Done> {
    const path = `${call(id)}/recording/${verb}`;
    return this.#sender.send({ method: "POST", path, body: {} }, options);
  }
}

/** Text conversations. */
class Texts {
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** Text somebody, or oneself, about a topic; `agent` writes, by id or slug. */
  start(
    conversation: sent.StartConversation,
    options?: WriteOptions,
  ): Promise<models.ConversationOut> {
    const ask = { method: "POST", path: "/v1/conversations", body: conversation } as const;
    return this.#sender.send(ask, options);
  }

  /** A conversation with its newest messages. */
  get(id: string, options?: Options): Promise<models.Thread> {
    return this.#sender.send({ method: "GET", path: conversation(id) }, options);
  }

  /** All conversations that are wanted, page after page; `limit` is a page's. */
  list(
    filters: sent.ConversationFilters = {},
    options: Options = {},
  ): Rows<models.ConversationExpanded> {
    const ask = { method: "GET", path: "/v1/conversations", query: { ...filters } } as const;
    return this.#sender.rows(ask, (page: models.ConversationPage) => page.conversations, options);
  }

  /** Text in the agent's place. */
  write(id: string, text: string, options?: WriteOptions): Promise<models.MessageOut> {
    const body: sent.WriteText = { text };
    return this.#sender.send(
      { method: "POST", path: `${conversation(id)}/messages`, body },
      options,
    );
  }

  /** The agent answers no more. */
  pause(id: string, options?: WriteOptions): Promise<models.ConversationOut> {
    return this.#change(id, "pause", options);
  }

  /** The agent answers again. */
  resume(id: string, options?: WriteOptions): Promise<models.ConversationOut> {
    return this.#change(id, "resume", options);
  }

  /** End the conversation. */
  end(id: string, options?: WriteOptions): Promise<models.ConversationOut> {
    return this.#change(id, "end", options);
  }

  #change(id: string, verb: string, options?: WriteOptions): Promise<models.ConversationOut> {
    const path = `${conversation(id)}/${verb}`;
    return this.#sender.send({ method: "POST", path, body: {} }, options);
  }
}

/** E-mails. */
class Emails {
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** Send one about a topic. */
  send(email: sent.SendEmail, options?: WriteOptions): Promise<models.EmailOut> {
    return this.#sender.send({ method: "POST", path: "/v1/emails", body: email }, options);
  }

  /** One e-mail, and how far it got. */
  get(id: string, options?: Options): Promise<models.EmailOut> {
    return this.#sender.send({ method: "GET", path: `/v1/emails/${part(id)}` }, options);
  }

  /** All e-mails that are wanted, page after page; `limit` is a page's. */
  list(filters: sent.EmailFilters = {}, options: Options = {}): Rows<models.EmailOut> {
    const ask = { method: "GET", path: "/v1/emails", query: { ...filters } } as const;
    return this.#sender.rows(ask, (page: models.EmailPage) => page.emails, options);
  }
}

/** Where events are sent on to. */
class Webhooks {
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** A new one, of these types of events or of all; its secret is shown this once. */
  make(webhook: sent.MakeWebhook, options?: WriteOptions): Promise<models.WebhookShown> {
    return this.#sender.send({ method: "POST", path: "/v1/webhooks", body: webhook }, options);
  }

  /** Those there are. */
  async all(options?: Options): Promise<readonly models.WebhookOut[]> {
    const ask = { method: "GET", path: "/v1/webhooks" } as const;
    return (await this.#sender.send<models.Webhooks>(ask, options)).webhooks;
  }

  /** Delete one with its log. */
  delete(id: string, options?: WriteOptions): Promise<models.Deleted> {
    return this.#sender.send({ method: "DELETE", path: webhook(id) }, options);
  }

  /** What was sent, page after page; `limit` is a page's. */
  deliveries(
    id: string,
    filters: sent.DeliveryFilters = {},
    options: Options = {},
  ): Rows<models.DeliveryOut> {
    const path = `${webhook(id)}/deliveries`;
    const ask = { method: "GET", path, query: { ...filters } } as const;
    return this.#sender.rows(ask, (page: models.Deliveries) => page.deliveries, options);
  }
}

/**
 * Everything that can be asked of the server at `baseUrl`, by an API key or access token. Every
 * method throws ProblemError for a refusal and ConnectionFailedError when no answer comes.
 */
export class Client {
  readonly calls: Calls;
  readonly texts: Texts;
  readonly emails: Emails;
  readonly webhooks: Webhooks;
  readonly #sender: Sender;

  constructor(baseUrl: string, token: Token, settings: Settings = {}) {
    this.#sender = new Sender(baseUrl, token, settings);
    this.calls = new Calls(this.#sender);
    this.texts = new Texts(this.#sender);
    this.emails = new Emails(this.#sender);
    this.webhooks = new Webhooks(this.#sender);
  }

  /** Who the token is of. */
  me(options?: Options): Promise<models.Me> {
    return this.#sender.send({ method: "GET", path: "/v1/me" }, options);
  }

  /** What is used and left this month. */
  usage(options?: Options): Promise<models.UsageOut> {
    return this.#sender.send({ method: "GET", path: "/v1/usage" }, options);
  }
}

// Clients and proxies would resolve dots, in any encoding.
function part(name: string): string {
  if (name === "." || name === "..") {
    throw new TalkingError(`\`${name}\` cannot be part of an address`);
  }
  return encodeURIComponent(name);
}

const call = (id: string) => `/v1/calls/${part(id)}`;
const conversation = (id: string) => `/v1/conversations/${part(id)}`;
const webhook = (id: string) => `/v1/webhooks/${part(id)}`;
