// You and your data: what you say of yourself, a copy of everything, and deleting the account.
import { h } from "../core/dom.js";
import { ask, facts, field, panel, shown, time } from "./parts.js";

export function privacy(app) {
  app.title = "You and your data";
  const version = app.ui.privacyVersion ?? 0;
  const get = (name, path) => [name, app.load(name, () => app.session.get(path))];
  const [meKey, me] = get(`profile:${version}`, "/v1/me");
  return [
    h("div", { class: "head", key: "head" }, h("h1", {}, "You and your data")),
    panel("You", { key: "you" }, shown(app, meKey, me, (given) => profile(app, given)),
      h("p", {}, h("a", { href: "#/numbers" }, "Numbers of yours, who agreed to be contacted, and wishes not to be"))),
    panel("A copy of your data", { key: "copy" }, copy(app)),
    panel("Delete your account", { key: "delete" }, forget(app)),
  ];
}

const again = (app) => { app.ui.privacyVersion = (app.ui.privacyVersion ?? 0) + 1; app.draw(); };

async function change(app, body) {
  if (await app.request("profile", () => app.session.ask("PATCH", "/v1/me", body))) again(app);
}

function profile(app, me) {
  const waits = app.pending.has("profile");
  const save = (event) => {
    event.preventDefault();
    const form = event.target.elements;
    const body = { name: form.name.value.trim() || null, language: form.language.value.trim() || null, time_zone: form.zone.value.trim() || null };
    if (form.phone.value.trim() && form.phone.value.trim() !== me.phone) body.phone = form.phone.value.trim();
    change(app, body);
  };
  const prove = async (event) => {
    event.preventDefault();
    const code = event.target.elements.code.value.trim();
    if (await app.request("verify", () => app.session.post("/v1/me/numbers/verify", { code }))) again(app);
  };
  return [
    h("form", { class: "form", key: "profile", onsubmit: save },
      field("E-mail", h("input", { name: "email", value: me.email ?? "", readonly: true })),
      field("Your name", h("input", { name: "name", value: me.name ?? "", maxlength: "100", autocomplete: "name" })),
      field("Number we call and text", h("input", { name: "phone", type: "tel", value: me.phone ?? "", autocomplete: "tel" }), "A new number gets a code by text first."),
      field("Time zone", h("input", { name: "zone", value: me.time_zone ?? "", placeholder: "America/Denver", maxlength: "100" }), "Quiet hours go by it."),
      field("Language", h("input", { name: "language", value: me.language ?? "", placeholder: "en", maxlength: "11" })),
      h("div", { class: "actions" }, h("button", { class: "primary", disabled: waits }, "Save"))),
    me.pending_phone ? h("form", { class: "form", key: "prove", onsubmit: prove },
      field(`Code sent to ${me.pending_phone}`, h("input", { name: "code", inputmode: "numeric", pattern: "[0-9]{6}", required: true, autocomplete: "one-time-code" })),
      h("div", { class: "actions" }, h("button", { disabled: app.pending.has("verify") }, "It is my number"))) : null,
  ];
}

function copy(app) {
  const fetchIt = async () => {
    const given = await app.request("export", () => app.session.ask("GET", "/v1/me/export"));
    if (given) { app.ui.copy = given; app.draw(); }
  };
  const given = app.ui.copy;
  return [
    h("p", { key: "what" }, "Everything we hold of you, as a ZIP of JSON and CSV files: calls and what was said, texts, e-mails, plan and payments."),
    given?.url ? facts([["Good until", time(given.expires_at)]]) : null,
    given && !given.url ? h("p", { key: "wait", role: "status" }, "It is being prepared. Look again in a moment.") : null,
    h("div", { class: "actions", key: "actions" },
      given?.url ? h("a", { class: "button", href: given.url, download: true }, "Download") : null,
      h("button", { type: "button", disabled: app.pending.has("export"), onclick: fetchIt }, given ? "Look again" : "Ask for a copy")),
  ];
}

function forget(app) {
  const erase = (confirm) => async () => {
    if (await app.request("erase", () => app.session.ask("DELETE", "/v1/me", { confirm }))) app.leave();
  };
  const submit = (event) => {
    event.preventDefault();
    ask(app, "Delete your account and everything in it? It cannot be undone.", "Delete for good", erase(event.target.elements.confirm.value));
  };
  return h("form", { class: "form", onsubmit: submit },
    h("p", {}, "Calls, texts, e-mails, numbers and your plan go at once, without a way back. What you paid for ends today."),
    field("Type your e-mail address", h("input", { name: "confirm", required: true, autocomplete: "off" })),
    h("div", { class: "actions" }, h("button", { class: "danger", disabled: app.pending.has("erase") }, "Delete my account")));
}
