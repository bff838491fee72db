// Build on it: API keys and webhooks of one's own, made, tried out and ended. A key or secret that
// was just made is shown until one leaves; it is kept nowhere.
import { h } from "../core/dom.js";
import { ask, empty, field, panel, shown, status, table, time, value } from "./parts.js";

const SCOPES = ["read", "calls", "texts", "emails", "webhooks"];

export function build(app, { path }) {
  app.title = "Build on it";
  return [
    h("div", { class: "head", key: "head" }, h("h1", {}, "Build on it"), h("div", { class: "actions" },
      h("a", { class: "choice", href: "#/build", "aria-current": path[1] ? null : "page" }, "Keys and webhooks"), h("a", { class: "button", href: "/docs", target: "_blank" }, "REST, described"))),
    path[1] ? sent(app, path[1]) : [made(app), keys(app), webhooks(app)],
  ];
}

/** What was just made and is shown this once. */
function made(app) {
  const { secret } = app.ui.build ?? {};
  return secret ? panel("Copy it now: it is not shown again", { key: "made" }, h("pre", { class: "letter", tabindex: "0", "aria-label": secret.label }, secret.text)) : null;
}

/** Ask for a change, keep what is shown once, and read the list anew. */
async function change(app, list, method, path, body, secretOf) {
  const done = await app.request(path, () => app.session.ask(method, path, body));
  if (!done) return;
  app.ui.build = secretOf ? { secret: secretOf(done) } : app.ui.build;
  await app.reload(list, () => app.session.get(`/v1/${list}`));
}

const button = (label, run, kind = "") => h("button", { type: "button", class: kind, onclick: run, key: label }, label);

function keys(app) {
  const key = (done) => ({ label: "The API key", text: done.key });
  const submit = (event) => {
    event.preventDefault();
    const { target } = event;
    const scopes = SCOPES.filter((one) => target.elements[`scope-${one}`].checked);
    return change(app, "keys", "POST", "/v1/keys", { name: value(target, "name"), scopes }, key);
  };
  const list = app.load("keys", () => app.session.get("/v1/keys"));
  return panel("API keys", { key: "keys" },
    h("form", { id: "new-key", onsubmit: submit },
      field("Name", h("input", { name: "name", required: true, maxlength: "60", autocomplete: "off" })),
      h("fieldset", {}, h("legend", {}, "What it may do"), SCOPES.map((one) => h("label", { class: "tick", key: one }, h("input", { type: "checkbox", name: `scope-${one}`, checked: one === "read" }), one))),
      h("button", { class: "primary" }, "Make a key")),
    shown(app, "keys", list, ({ keys: rows }) => (rows.length ? table("API keys", [
      ["Name", (row) => row.name], ["Ends in", (row) => h("code", {}, row.hint)], ["May", (row) => row.scopes.join(", ")],
      ["Last used", (row) => (row.last_used_at ? time(row.last_used_at) : "never")],
      ["State", (row) => (row.revoked_at ? status("revoked") : row.expires_at ? h("span", {}, "ends ", time(row.expires_at)) : status("active"))],
      ["Do", (row) => (row.revoked_at ? "" : h("span", { class: "actions" },
        row.successor_id ? null : button("Replace", () => change(app, "keys", "POST", `/v1/keys/${row.id}/rotate`, {}, key)),
        button("Revoke", () => ask(app, `Revoke the key ${row.name}? Whatever uses it stops at once.`, "Revoke", () => change(app, "keys", "DELETE", `/v1/keys/${row.id}`)), "danger")))],
    ], rows) : empty("No keys yet."))));
}

function webhooks(app) {
  const secret = (done) => ({ label: "The signing secret", text: done.secret });
  const submit = (event) => {
    event.preventDefault();
    const types = value(event.target, "types").split(/[\s,]+/).filter(Boolean);
    return change(app, "webhooks", "POST", "/v1/webhooks", { url: value(event.target, "url"), types }, secret);
  };
  const list = app.load("webhooks", () => app.session.get("/v1/webhooks"));
  return panel("Webhooks", { key: "webhooks" },
    h("form", { id: "new-webhook", onsubmit: submit },
      field("Address", h("input", { name: "url", type: "url", required: true, placeholder: "its https address", autocomplete: "off" })),
      field("Events", h("input", { name: "types", placeholder: "call.ended, sms.received", autocomplete: "off" }), "Empty: all of them."),
      h("button", { class: "primary" }, "Make a webhook")),
    shown(app, "webhooks", list, ({ webhooks: rows }) => (rows.length ? table("Webhooks", [
      ["Address", (row) => row.url], ["Events", (row) => row.types.join(", ") || "all"],
      ["State", (row) => (row.enabled ? status(row.failing_since ? "failing" : "active") : h("span", {}, status("disabled"), " ", row.disabled_reason))],
      ["Do", (row) => h("span", { class: "actions" },
        row.enabled ? button("Test", () => change(app, "webhooks", "POST", `/v1/webhooks/${row.id}/test`, {})) : null,
        button(row.enabled ? "Switch off" : "Switch on", () => change(app, "webhooks", "PATCH", `/v1/webhooks/${row.id}`, { enabled: !row.enabled })),
        button("New secret", () => change(app, "webhooks", "POST", `/v1/webhooks/${row.id}/rotate`, {}, secret)),
        button("Delete", () => ask(app, "Delete this webhook and its log?", "Delete", () => change(app, "webhooks", "DELETE", `/v1/webhooks/${row.id}`)), "danger"))],
    ], rows, (row) => `#/build/${row.id}`) : empty("No webhooks yet."))));
}

/** What was sent to a webhook and what came back. */
function sent(app, id) {
  const list = `webhooks/${id}/deliveries`;
  const read = () => app.session.get(`/v1/${list}`);
  const last = (row) => row.log.at(-1);
  return panel("What was sent", { key: id, actions: [button("Read again", () => app.reload(list, read))] },
    shown(app, list, app.load(list, read), ({ deliveries: rows }) => (rows.length ? table("What was sent", [
      ["Event", (row) => row.type], ["About", (row) => row.subject], ["State", (row) => status(row.state)], ["Attempts", (row) => row.attempts],
      ["Came back", (row) => (last(row) ? `${last(row).status ?? last(row).error}, ${last(row).took_ms} ms` : "")],
      ["When", (row) => time(row.created_at, { seconds: true })], ["Next", (row) => (row.next_attempt_at ? time(row.next_attempt_at, { seconds: true }) : "")],
      ["Do", (row) => (row.state === "waiting" ? "" : button("Send again", () => change(app, list, "POST", `/v1/${list}/${row.id}/resend`, {})))],
    ], rows) : empty("Nothing was sent yet."))));
}
