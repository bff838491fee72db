// E-mail: what was sent and how far it got, one message as text, and writing a new one by words,
// by topic or by template. Strangers' HTML is only ever shown in a frame that may run nothing.
import { h, icon } from "../core/dom.js";
import { capital, words } from "../core/format.js";
import { newestFirst } from "../core/store.js";
import { agentChoice, empty, facts, field, filter, matches, panel, shown, status, time, value } from "./parts.js";

export function emails(app, { path, query }) {
  const id = path[1];
  app.title = "E-mail";
  const rows = newestFirst(app.state.emails).filter((one) => matches(`${one.subject} ${one.recipient_email} ${one.delivery}`, query.q));
  return [
    h("div", { class: "head", key: "head" }, h("h1", {}, "E-mail"), h("div", { class: "actions" },
      filter(app, "q", "Filter e-mails"), h("a", { class: "button primary", href: "#/emails/new" }, icon("mail"), h("span", {}, "New e-mail")))),
    h("div", { class: `list-detail ${id ? "chosen" : ""}`, key: "body" },
      h("div", { class: "list", key: "list" }, rows.length ? h("ul", { class: "items", "aria-label": "E-mails" }, rows.map((one) => h("li", { key: one.id, "data-row": true },
        h("a", { href: `#/emails/${one.id}`, "aria-current": one.id === id ? "true" : null },
          h("b", {}, one.subject || "(no subject yet)"), h("span", { class: "meta" }, one.delivery === "received" ? one.from_email : one.recipient_email, " ", time(one.created_at)),
          status(one.delivery)))))
        : empty(query.q ? "No e-mail matches." : "No e-mails yet.", query.q ? null : h("a", { class: "button", href: "#/emails/new" }, "Write one"))),
      h("div", { class: "detail", key: `detail-${id}` }, id === "new" ? writing(app, query) : id ? one(app, id) : empty("Choose an e-mail."))),
  ];
}

function one(app, id) {
  const now = app.state.emails[id];
  const key = `email:${id}:${now?.delivery}`; // the words may be there only once it is written
  const entry = app.load(key, () => app.session.get(`/v1/emails/${id}`));
  return shown(app, key, entry, (read) => {
    const row = { ...read, ...now, content: read.content };
    return panel(row.subject || "(no subject yet)", { key: id, actions: [h("a", { class: "button quiet back", href: "#/emails", key: "back" }, "All e-mails")] },
      facts([["To", row.recipient_email], ["From", row.from_email], ["State", status(row.delivery)], ["Reason", row.error], ["Topic", row.topic], ["Template", row.template],
        ["Answers", row.in_reply_to ? h("a", { href: `#/emails/${row.in_reply_to}` }, "this e-mail") : null], ["Asked for", time(row.created_at)], ["Changed", time(row.updated_at)]]),
      h("pre", { class: "letter", tabindex: "0", "aria-label": "Text of the e-mail" }, row.content || "(being written)"));
  });
}

function writing(app, query) {
  const ui = (app.ui.email ??= {});
  const by = query.by ?? "topic";
  const entry = app.load("templates", () => app.session.get("/v1/emails/templates"));
  const templates = entry.data?.templates ?? [];
  const chosen = templates.find((one) => one.name === ui.template) ?? templates[0];
  const submit = async (event) => {
    event.preventDefault();
    const args = written(event.target, by, chosen);
    const ack = await app.act("new-email", "email.send", args);
    if (ack.ok) app.go(`#/emails/${ack.data.email.id}`);
  };
  const look = async (event) => {
    const given = written(event.target.form, "template", chosen, true);
    const asked = new URLSearchParams({ variables: JSON.stringify(given.variables) });
    if (given.topic) asked.set("topic", given.topic);
    ui.preview = await app.request("preview", () => app.session.get(`/v1/emails/templates/${encodeURIComponent(chosen.name)}/preview?${asked}`));
    app.draw();
  };
  return panel("New e-mail", { key: "new", actions: ["topic", "words", "template"].map((way) => h("a", { key: way, class: "choice", href: `#/emails/new?by=${way}`, "aria-current": way === by ? "true" : null }, `By ${way}`)) },
    h("form", { id: "new-email", onsubmit: submit, key: by },
      field("To", h("input", { name: "to", type: "email", placeholder: "yourself" }), app.session.email ? `Empty: ${app.session.email}.` : "Empty: your own address."),
      field("Topic", h("input", { name: "topic", maxlength: "200", required: true, autocomplete: "off" }), by === "topic" ? "The agent writes the e-mail." : null),
      by === "topic" ? agentChoice(app) : null,
      by === "words" ? [field("Subject", h("input", { name: "subject", maxlength: "200", required: true })), field("Text", h("textarea", { name: "content", rows: "6", required: true }))] : null,
      by === "template" ? shown(app, "templates", entry, () => [
        field("Template", h("select", { name: "template", onchange: (event) => { ui.template = event.target.value; ui.preview = null; app.draw(); } }, templates.map((each) => h("option", { key: each.name, value: each.name }, each.name)))),
        Object.entries(chosen.sample).map(([name, sample]) => h("div", { key: `${chosen.name}-${name}` }, field(capital(words(name)), Array.isArray(sample)
          ? h("textarea", { name: `var-${name}`, rows: "3", required: true, placeholder: sample.join("\n") }) : h("input", { name: `var-${name}`, required: true, placeholder: sample, autocomplete: "off" }), Array.isArray(sample) ? "One a line." : null))),
      ]) : null,
      h("div", { class: "actions" },
        h("button", { class: "primary", disabled: app.pending.has("new-email") }, icon("send"), h("span", {}, "Send")),
        by === "template" ? h("button", { type: "button", onclick: look }, "Preview") : null,
        by === "template" ? h("small", { class: "meta" }, "In the preview, what is empty is as in the sample.") : null,
        h("a", { class: "button", href: "#/emails" }, "Cancel"))),
    by === "template" && ui.preview ? preview(ui.preview) : null);
}

// `filled`: what is empty is as in the sample, to look at it beforehand.
function written(form, by, chosen, filled = false) {
  const given = (name) => form.elements[name]?.value.trim() || undefined;
  const args = { topic: given("topic"), type: by === "template" ? "template" : "custom", recipient_email: given("to"), subject: given("subject"), content: given("content"), agent: given("agent") };
  if (by === "template") {
    args.template = chosen.name;
    args.variables = Object.fromEntries(Object.entries(chosen.sample).map(([name, sample]) => {
      const text = value(form, `var-${name}`);
      if (filled && !text) return [name, sample];
      return [name, Array.isArray(sample) ? text.split("\n").filter(Boolean) : text];
    }));
  }
  return Object.fromEntries(Object.entries(args).filter(([, each]) => each !== undefined));
}

// The frame is of no origin and runs nothing; the page's policy allows no style in it either.
function preview({ subject, html }) {
  const bare = html.replace(/\sstyle=("[^"]*"|'[^']*')/gi, "").replace(/<style[\s\S]*?<\/style>/gi, "");
  return h("figure", { class: "preview", key: "preview" }, h("figcaption", {}, h("span", { class: "meta" }, "Subject "), subject),
    h("iframe", { sandbox: "", title: `Preview: ${subject}`, srcdoc: bare }));
}
