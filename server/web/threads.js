// Text conversations and e-mails as cards: the thread, what became of each text, a line to write in.
import { head, line, make } from "/web/make.js";

export function thread(conversation, messages, command) {
  const element = make("article", "", { "data-id": conversation.id });
  const why = conversation.end_reason ? `, ended: ${conversation.end_reason.replaceAll("_", " ")}` : "";
  const facts = `${conversation.phone_number}, ${conversation.message_count} texts, exchange ${conversation.current_exchange}${why}`;
  element.append(head(conversation.topic, conversation.status), make("p", facts, { class: "facts" }));
  const list = make("ol", "", { role: "log", "aria-label": "Texts" });
  for (const message of messages) list.append(text(message));
  element.append(list);
  if (conversation.status !== "ended") element.append(controls(conversation, command));
  return element;
}

function text(message) {
  const item = make("li", "");
  const by = message.direction === "inbound" ? "they" : message.type === "ai" ? "agent" : "you";
  item.append(make("b", by), ` ${message.message_text || "(a picture or a sound)"}`);
  if (message.direction === "outbound") {
    const shown = message.error ? `${message.status}: ${message.error.message}` : message.status;
    item.append(" ", make("small", shown));
  }
  return item;
}

function controls(conversation, command) {
  const on = (name) => () => command(name, { conv: conversation.id });
  const pause = conversation.status === "active" ? { Pause: on("conv.pause") } : { Resume: on("conv.resume") };
  return line({
    label: "Text in the agent's place", placeholder: "Text…", button: "Send",
    send: (value) => command("sms.send", { conv: conversation.id, text: value }),
    more: { ...pause, End: on("conv.end") },
  });
}

export function letter(email) {
  const element = make("article", "", { "data-id": email.id });
  const error = email.error ? `: ${email.error.message ?? email.error}` : "";
  const facts = `to ${email.recipient_email} from ${email.from_email}${error}`;
  element.append(head(email.subject, email.delivery ?? email.status), make("p", facts, { class: "facts" }));
  element.append(make("pre", email.content));
  return element;
}
