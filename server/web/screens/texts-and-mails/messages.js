// Messages: text conversations by newest, one of them with what became of each text, and writing.
import { h, icon, sign } from "../../core/dom.js";
import { masked, words } from "../../core/format.js";
import { many } from "../../core/words.js";
import { plain, segments } from "./segments.js";
import { newestFirst } from "../../core/store.js";
import { agentChoice, area, emptied, filled, form, line as input, submit } from "../forms.js";
import { act, beside, copyId, empty, facts, filter, head, item, matches, number, panel, shown, status, time } from "../parts.js";

const TICKS = { queued: "clock", sent: "tick", delivered: "ticks", failed: "cross", undelivered: "cross", received: "in" };

export function messages(app, { path, query }) {
  const id = path[1];
  const rows = newestFirst(app.state.conversations).sort((a, b) => b.updated_at.localeCompare(a.updated_at))
    .filter((one) => matches(`${one.topic} ${one.phone_number} ${one.status}`, query.q));
  return [
    head(app, "Messages", filter(app, "q", "Filter conversations"), h("a.button.primary", { href: "#/messages/new" }, sign("text", "New conversation"))),
    beside(id, "Conversations", rows.map((one) => line(app, one, id)),
      empty(query.q ? "No conversation matches." : "No text conversations yet.", query.q ? null : h("a.button", { href: "#/messages/new" }, "Start one")),
      id === "new" ? beginning(app) : id ? thread(app, id) : empty("Choose a conversation.")),
  ];
}

function line(app, one, chosen) {
  const last = app.state.messages[one.id]?.at(-1);
  return item(one, `#/messages/${one.id}`, one.id === chosen, one.topic,
    h("span.meta", masked(one.phone_number), " ", time(one.updated_at)), last && h("span.last", last.message_text), status(one.status));
}

function thread(app, id) {
  const row = app.state.conversations[id];
  const key = `conv:${id}`;
  const known = app.state.messages[id];
  const entry = row && known ? { status: "ready", data: { conversation: row, messages: known } }
    : app.get(`/v1/conversations/${id}`, key);
  return shown(app, key, entry, (data) => open(app, row ?? data.conversation, known ?? data.messages));
}

function open(app, row, texts) {
  const args = { conv: row.id };
  const calls = Object.values(app.state.calls).filter((one) => one.user_phone_number === row.phone_number);
  return panel(row.topic, {
    key: row.id, actions: [
      h("a.button.quiet.back", { href: "#/messages", key: "back" }, "All conversations"), copyId(app, row),
      row.status === "active" && act(app, "Pause agent", "mute", "conv.pause", args),
      row.status === "paused" && act(app, "Resume agent", "unmute", "conv.resume", args),
      row.status === "ended" ? null : act(app, "End", "close", "conv.end", args, { class: "danger", confirm: "End this conversation?" }),
    ],
  },
  facts([["Number", number(row.phone_number)], ["State", status(row.status)], ["Texts", row.message_count], ["Why it ended", words(row.end_reason)],
    ["Calls with them", calls.length ? calls.slice(0, 3).map((one, at) => [at ? ", " : null, h("a", { href: `#/calls/${one.id}`, key: one.id }, one.topic)]) : null]]),
  h("stick-end.thread", { "aria-label": "Texts, scrolls", role: "group" }, h("div", { role: "log", "aria-label": "Texts" }, h("ol", texts.map(bubble)))),
  row.status === "ended" ? h("p.meta", "This conversation is over.") : writing(app, row));
}

function bubble(text) {
  const isOurs = text.direction === "outbound";
  const by = isOurs ? (text.type === "ai" ? "Agent" : "You") : "They";
  return h("li", { key: text.id, class: `bubble ${isOurs ? "ours" : "theirs"}`, "data-line": true },
    h("p.who", h("b", by), " ", time(text.created_at)),
    h("p.words", text.message_text || "(a picture or a sound)"),
    isOurs ? h("p", { class: `tick-line ${text.error ? "bad" : ""}` }, icon(TICKS[text.status] ?? "clock"), " ", words(text.status),
      text.segments > 1 ? ` · ${text.segments} parts` : "", text.error ? [" · ", text.error.code && `${text.error.code}: `, text.error.message] : "") : null);
}

function writing(app, row) {
  const ui = (app.ui.texts ??= {});
  const send = async (typed, element) => {
    const ack = await app.act(`text:${row.id}`, "sms.send", { conv: row.id, text: typed.words });
    if (!ack.ok) return;
    emptied(element, typed);
    ui[row.id] = element.words.value;
    app.draw();
  };
  return form({ class: "write", key: "write" }, send,
    h("textarea", { name: "words", rows: "2", required: true, maxlength: "1600", "aria-label": "Text in the agent's place", placeholder: "Text…", oninput: (event) => { ui[row.id] = event.target.value; app.draw(); } }),
    submit(app, `text:${row.id}`, sign("send", "Send")),
    counter(ui[row.id] ?? ""));
}

/** In how many parts a text goes out, and why. */
export function counter(text) {
  const { encoding, count, used, room } = segments(plain(text));
  const alphabet = encoding === "gsm7" ? "GSM-7" : "UCS-2";
  return h("p", { class: `meta counter ${count > 3 ? "warn" : ""}` }, `${used} in ${alphabet}, ${many(count, "part")}, room for ${room} more`);
}

function beginning(app) {
  const begin = async (typed) => {
    const ack = await app.act("new-conv", "conv.start", filled(typed, "topic", "to", "consent", "agent"));
    if (ack.ok) app.go(`#/messages/${ack.data.conversation.id}`);
  };
  return panel("New conversation", {}, form({ id: "new-thread" }, begin,
    input("Topic", "topic", { maxlength: "200", required: true }),
    input("Number", "to", { type: "tel", placeholder: "your own number" }, "Empty: your own number."),
    area("Their consent", "consent", { maxlength: "500" }, "For another number: the words in which its owner agreed to be texted."),
    agentChoice(app),
    h("div.actions", submit(app, "new-conv", "Text"), h("a.button", { href: "#/messages" }, "Cancel"))));
}
