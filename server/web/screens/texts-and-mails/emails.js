// E-mail: what was sent and how far it got, one message as text, and writing a new one by words,
// by topic or by template. Strangers' HTML is only ever shown in a frame that may run nothing.
import { h, sign } from "../../core/dom.js";
import { capital, words } from "../../core/format.js";
import { newestFirst } from "../../core/store.js";
import { agentChoice, area, field, filled, form, given, line, submit } from "../forms.js";
import { beside, copyId, empty, facts, filter, head, item, loaded, matches, panel, select, shown, status, time, view } from "../parts.js";

export function emails(app, { path, query }) {
  const id = path[1];
  const rows = newestFirst(app.state.emails).filter((one) => matches(`${one.subject} ${one.recipient_email} ${one.delivery}`, query.q));
  return [
    head(app, "E-mail", filter(app, "q", "Filter e-mails"), h("a.button.primary", { href: "#/emails/new" }, sign("mail", "New e-mail"))),
    beside(id, "E-mails", rows.map((one) => item(one, `#/emails/${one.id}`, one.id === id, one.subject || "(no subject yet)",
      h("span.meta", one.delivery === "received" ? one.from_email : one.recipient_email, " ", time(one.created_at)), one.content && h("span.last", one.content), status(one.delivery))),
    empty(query.q ? "No e-mail matches." : "No e-mails yet.", query.q ? null : h("a.button", { href: "#/emails/new" }, "Write one")),
    id === "new" ? writing(app, query) : id ? one(app, id) : empty("Choose an e-mail.")),
  ];
}

function one(app, id) {
  const now = app.state.emails[id];
  // The words may be there only once it is written.
  const key = `email:${id}:${now?.delivery}`;
  return loaded(app, `/v1/emails/${id}`, (read) => {
    const row = { ...read, ...now, content: read.content };
    return panel(row.subject || "(no subject yet)", { key: id, actions: [h("a.button.quiet.back", { href: "#/emails", key: "back" }, "All e-mails"), copyId(app, row)] },
      facts([["To", row.recipient_email], ["From", row.from_email], ["State", status(row.delivery)], ["Reason", row.error], ["Topic", row.topic], ["Template", row.template],
        ["Answers", row.in_reply_to ? h("a", { href: `#/emails/${row.in_reply_to}` }, "this e-mail") : null], ["Asked for", time(row.created_at)], ["Changed", time(row.updated_at)]]),
      h("pre.letter", { tabindex: "0", "aria-label": "Text of the e-mail" }, row.content || "(being written)"));
  }, key);
}

function writing(app, query) {
  const ui = (app.ui.email ??= {});
  const by = query.by ?? "topic";
  const list = "/v1/emails/templates";
  const entry = app.get(list);
  const templates = entry.data?.templates ?? [];
  const chosen = templates.find((one) => one.name === ui.template) ?? templates[0];
  const send = async (typed) => {
    const ack = await app.act("new-email", "email.send", written(typed, by, chosen));
    if (ack.ok) app.go(`#/emails/${ack.data.email.id}`);
  };
  const look = async (event) => {
    const { variables, topic } = written(given(event.target.form), by, chosen, true);
    const asked = new URLSearchParams({ variables: JSON.stringify(variables), ...(topic ? { topic } : {}) });
    ui.preview = await app.ask("GET", `${list}/${encodeURIComponent(chosen.name)}/preview?${asked}`);
    app.draw();
  };
  return panel("New e-mail", { key: "new", actions: ["topic", "words", "template"].map((way) => view(`By ${way}`, `#/emails/new?by=${way}`, way === by)) },
    form({ id: "new-email", key: by }, send,
      field("To", h("input", { name: "to", type: "email", placeholder: "yourself" }), app.session.email ? `Empty: ${app.session.email}.` : "Empty: your own address."),
      line("Topic", "topic", { maxlength: "200", required: true }, by === "topic" ? "The agent writes the e-mail." : null),
      by === "topic" ? agentChoice(app) : null,
      by === "words" ? [line("Subject", "subject", { maxlength: "200", required: true }), area("Text", "content", { rows: "6", required: true })] : null,
      by === "template" ? shown(app, list, entry, () => [
        field("Template", select(templates.map(({ name }) => [name, name]), { name: "template", onchange: (event) => { ui.template = event.target.value; ui.preview = null; app.draw(); } })),
        Object.entries(chosen.sample).map(([name, sample]) => h("div", { key: `${chosen.name}-${name}` }, Array.isArray(sample)
          ? area(capital(words(name)), `var-${name}`, { rows: "3", required: true, placeholder: sample.join("\n") }, "One a line.") : line(capital(words(name)), `var-${name}`, { required: true, placeholder: sample }))),
      ]) : null,
      h("div.actions",
        submit(app, "new-email", sign("send", "Send")),
        by === "template" ? h("button", { onclick: look }, "Preview") : null,
        by === "template" ? h("small.meta", "In the preview, what is empty is as in the sample.") : null,
        h("a.button", { href: "#/emails" }, "Cancel"))),
    by === "template" && ui.preview ? preview(ui.preview) : null);
}

// `seen`: what is empty is as in the sample, to look at it beforehand.
function written(typed, by, chosen, seen = false) {
  const isOfTemplate = by === "template";
  const args = { ...filled(typed, "topic", "subject", "content", "agent"), ...(typed.to ? { recipient_email: typed.to } : {}), type: isOfTemplate ? "template" : "custom" };
  if (!isOfTemplate) return args;
  const variables = Object.entries(chosen.sample).map(([name, sample]) => {
    const text = typed[`var-${name}`];
    if (seen && !text) return [name, sample];
    return [name, Array.isArray(sample) ? text.split("\n").filter(Boolean) : text];
  });
  return { ...args, template: chosen.name, variables: Object.fromEntries(variables) };
}

// Nothing in the frame runs. The page's policy, which is the frame's too, takes styles from scripts
// alone: those of the mail are put on its elements once they are there.
function preview({ subject, html }) {
  const plain = html.replace(/(<[^<>]*\s)style=/gi, "$1data-style=").replace(/<style[\s\S]*?<\/style>/gi, "");
  return h("figure.preview", { key: "preview" }, h("figcaption", h("span.meta", "Subject "), subject),
    h("iframe", { sandbox: "allow-same-origin", title: `Preview: ${subject}`, srcdoc: plain, onload: dress }));
}

function dress({ target: { contentDocument: mail } }) {
  for (const one of mail.querySelectorAll("[data-style]")) one.style.cssText = one.dataset.style;
}
