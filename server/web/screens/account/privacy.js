// You and your data: what you say of yourself, a copy of everything, and deleting the account.
import { h } from "../../core/dom.js";
import { code, form, line, submit } from "../forms.js";
import { ask, facts, head, loaded, panel, time } from "../parts.js";

const ME = "/v1/me";
const CODE = `${ME}/numbers/verify`;

export function privacy(app) {
  return [
    head(app, "You and your data"),
    panel("You", {}, loaded(app, ME, (me) => profile(app, me)),
      h("p", h("a", { href: "#/numbers" }, "Numbers of yours, who agreed to be contacted, and wishes not to be"))),
    panel("Second factor", {}, factor(app)),
    panel("A copy of your data", {}, copy(app)),
    panel("Delete your account", {}, forget(app)),
  ];
}

async function change(app, ...what) {
  const done = await app.ask(...what);
  if (done) await app.reload(ME);
  return done;
}

function profile(app, me) {
  const save = async ({ name, language, time_zone, phone }) => {
    const body = { name: name || null, language: language || null, time_zone: time_zone || null };
    if (phone && phone !== me.phone) body.phone = phone;
    if (await change(app, "PATCH", ME, body, "profile")) app.tell("Saved.");
  };
  return [
    form({ class: "form", key: "profile" }, save,
      line("E-mail", "email", { value: me.email, readonly: true }),
      line("Your name", "name", { value: me.name, maxlength: "100", autocomplete: "name" }),
      line("Number we call and text", "phone", { type: "tel", value: me.phone, autocomplete: "tel" }, "A new number gets a code by text first."),
      line("Time zone", "time_zone", { value: me.time_zone, placeholder: "America/Denver", maxlength: "100" }, "Quiet hours go by it."),
      line("Language", "language", { value: me.language, placeholder: "en", maxlength: "11" }),
      h("div.actions", submit(app, "profile", "Save"))),
    me.pending_phone && form({ class: "form", key: "prove" }, (given) => change(app, "POST", CODE, given),
      code(`Code sent to ${me.pending_phone}`),
      h("div.actions", submit(app, CODE, "It is my number", ""))),
  ];
}

// With one, every sign-in asks for a code; administrators have their rights only with it.
function factor(app) {
  const { session, ui: { enrolling } } = app;
  const enroll = () => app.request("factor", async () => app.set("enrolling", await session.enroll()));
  const prove = (given) => app.request("factor", async () => {
    const take = await session.challenge(enrolling.id, await session.token());
    session.keep(await take(given.code));
    location.reload(); // whoever has more rights by it sees more
  });
  if (session.tokens.user?.factors?.some((one) => one.status === "verified")) return h("p", "Signing in asks for a code of yours.");
  if (!enrolling) return [
    h("p", { key: "what" }, "An app that shows codes, asked for one whenever you sign in. Administrators and operators need it."),
    h("div.actions", { key: "actions" }, h("button", { disabled: app.pending.has("factor"), onclick: enroll }, "Set it up")),
  ];
  return form({ class: "form", key: "factor" }, prove,
    h("p", "Give your app this key, or ", h("a", { href: enrolling.totp.uri }, "open it here"), ":"),
    h("pre.sample", { tabindex: "0", "aria-label": "Key" }, enrolling.totp.secret),
    code("Code that it shows"),
    h("div.actions", submit(app, "factor", "Use it from now on")));
}

function copy(app) {
  const order = async () => {
    const found = await app.ask("GET", `${ME}/export`);
    if (found) app.set("copy", found);
  };
  const found = app.ui.copy;
  return [
    h("p", { key: "what" }, "Everything we hold of you, as a ZIP of JSON and CSV files: calls and what was said, texts, e-mails, plan and payments."),
    found?.url && facts([["Good until", time(found.expires_at)]]),
    found && !found.url && h("p", { key: "wait", role: "status" }, "It is being prepared. Look again in a moment."),
    h("div.actions", { key: "actions" },
      found?.url && h("a.button", { href: found.url, download: true }, "Download"),
      h("button", { disabled: app.pending.has(`${ME}/export`), onclick: order }, found ? "Look again" : "Ask for a copy")),
  ];
}

function forget(app) {
  const erase = (body) => async () => {
    if (await app.ask("DELETE", ME, body, "erase")) app.leave();
  };
  return form({ class: "form" }, (typed) => ask(app, "Delete your account and everything in it? It cannot be undone.", "Delete for good", erase(typed)),
    h("p", "Calls, texts, e-mails, numbers and your plan go at once, without a way back. What you paid for ends today."),
    line("Type your e-mail address", "confirm", { required: true }),
    h("div.actions", submit(app, "erase", "Delete my account", "danger")));
}
