// Build on it: API keys and webhooks of one's own, made, tried out and ended. A key or secret that
// was just made is shown until one leaves; it is kept nowhere.
import { h } from "../../core/dom.js";
import { emptied, form, line, tick } from "../forms.js";
import { ask, copyButton, head, listing, loaded, panel, status, time, view } from "../parts.js";

const SCOPES = ["read", "calls", "texts", "emails", "webhooks"];

export function build(app, { path }) {
  return [
    head(app, "Build on it", view("Keys and webhooks", "#/build", !path[1]), h("a.button", { href: "/docs", target: "_blank" }, "REST, described")),
    path[1] ? sent(app, path[1]) : [keys(app), webhooks(app)],
  ];
}

/** What was just made in this list and is shown this once, where it was made. */
function made(app, list) {
  const { secret, of } = app.ui.build ?? {};
  return of === list && [
    h("h3", { key: "made" }, "Copy it now: it is not shown again"),
    h("pre.letter", { key: "secret", tabindex: "0", "aria-label": secret.label }, secret.text),
    copyButton(app, "Copy", () => secret.text),
  ];
}

/** Ask for a change, keep what is shown once, and read the list anew. */
async function change(app, list, method, path, body, secretOf) {
  const done = await app.ask(method, path, body);
  if (!done) return;
  app.ui.build = secretOf ? { secret: secretOf(done), of: list } : app.ui.build;
  await app.reload(list);
  return done;
}

const button = (label, run, kind = "") => h("button", { class: kind, onclick: run, key: label }, label);

const KEYS = "/v1/keys";
const HOOKS = "/v1/webhooks";

function keys(app) {
  const key = (done) => ({ label: "The API key", text: done.key });
  const make = async (typed, element) => {
    const scopes = SCOPES.filter((one) => typed[`scope-${one}`]);
    if (await change(app, KEYS, "POST", KEYS, { name: typed.name, scopes }, key)) emptied(element, typed);
  };
  return panel("API keys", {},
    form({ id: "new-key" }, make,
      line("Name", "name", { required: true, maxlength: "60" }),
      h("fieldset", h("legend", "What it may do"), SCOPES.map((one) => tick(one, { name: `scope-${one}`, checked: one === "read" }))),
      h("button.primary", "Make a key")),
    made(app, KEYS),
    loaded(app, KEYS, ({ keys: rows }) => listing("No keys yet.", "API keys", [
      ["Name", (row) => row.name], ["Ends in", (row) => h("code", row.hint)], ["May", (row) => row.scopes.join(", ")],
      ["Last used", (row) => (row.last_used_at ? time(row.last_used_at) : "never")],
      ["State", (row) => (row.revoked_at ? status("revoked") : row.expires_at ? h("span", "ends ", time(row.expires_at)) : status("active"))],
      ["Do", (row) => (row.revoked_at ? "" : h("span.actions",
        row.successor_id ? null : button("Replace", () => change(app, KEYS, "POST", `${KEYS}/${row.id}/rotate`, {}, key)),
        button("Revoke", () => ask(app, `Revoke the key ${row.name}? Whatever uses it stops at once.`, "Revoke", () => change(app, KEYS, "DELETE", `${KEYS}/${row.id}`)), "danger")))],
    ], rows)));
}

function webhooks(app) {
  const secret = (done) => ({ label: "The signing secret", text: done.secret });
  const make = async (typed, element) => {
    const types = typed.types.split(/[\s,]+/).filter(Boolean);
    if (await change(app, HOOKS, "POST", HOOKS, { url: typed.url, types }, secret)) emptied(element, typed);
  };
  const one = (row, verb, body = {}, secretOf) => change(app, HOOKS, verb ? "POST" : "PATCH", `${HOOKS}/${row.id}${verb}`, body, secretOf);
  return panel("Webhooks", {},
    form({ id: "new-webhook" }, make,
      line("Address", "url", { type: "url", required: true, placeholder: "its https address" }),
      line("Events", "types", { placeholder: "call.ended, sms.received" }, "Empty: all of them."),
      h("button.primary", "Make a webhook")),
    made(app, HOOKS),
    loaded(app, HOOKS, ({ webhooks: rows }) => listing("No webhooks yet.", "Webhooks", [
      ["Address", (row) => row.url], ["Events", (row) => row.types.join(", ") || "all"],
      ["State", (row) => (row.enabled ? status(row.failing_since ? "failing" : "active") : h("span", status("disabled"), " ", row.disabled_reason))],
      ["Do", (row) => h("span.actions",
        row.enabled && button("Test", async () => await one(row, "/test") && app.tell("A test is on its way; its address here shows what came back.")),
        button(row.enabled ? "Switch off" : "Switch on", () => one(row, "", { enabled: !row.enabled })),
        button("New secret", () => one(row, "/rotate", {}, secret)),
        button("Delete", () => ask(app, "Delete this webhook and its log?", "Delete", () => change(app, HOOKS, "DELETE", `${HOOKS}/${row.id}`)), "danger"))],
    ], rows, (row) => `#/build/${row.id}`)));
}

/** What was sent to a webhook and what came back. */
function sent(app, id) {
  const list = `${HOOKS}/${id}/deliveries`;
  const last = (row) => row.log.at(-1);
  return panel("What was sent", { key: id, actions: [button("Read again", () => app.reload(list))] },
    loaded(app, list, ({ deliveries: rows }) => listing("Nothing was sent yet.", "What was sent", [
      ["Event", (row) => row.type], ["About", (row) => row.subject], ["State", (row) => status(row.state)], ["Attempts", (row) => row.attempts],
      ["Came back", (row) => (last(row) ? `${last(row).status ?? last(row).error}, ${last(row).took_ms} ms` : "")],
      ["When", (row) => time(row.created_at, { seconds: true })], ["Next", (row) => (row.next_attempt_at ? time(row.next_attempt_at, { seconds: true }) : "")],
      ["Do", (row) => (row.state === "waiting" ? "" : button("Send again", () => change(app, list, "POST", `${list}/${row.id}/resend`, {})))],
    ], rows)));
}
