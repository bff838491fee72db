// Numbers and consent: what is proven to be one's own, who agreed to be contacted, and whose wish
// not to be is in force at one's own addresses.
import { h, icon } from "../core/dom.js";
import { capital } from "../core/format.js";
import { countries } from "../core/words.js";
import { ask, empty, field, number, panel, shown, table, time, value } from "./parts.js";

const CHANNELS = { texts: "texts", calls: "calls", emails: "e-mails" };

export function numbers(app) {
  app.title = "Numbers and consent";
  const [own, given, wishes] = ["/v1/me/numbers", "/v1/consents", "/v1/opt-outs"].map((path) => [path, app.load(path, () => app.session.get(path))]);
  return [
    h("div", { class: "head", key: "head" }, h("h1", {}, "Numbers and consent")),
    panel("Your own numbers and addresses", { key: "own" },
      h("p", { class: "meta" }, "What is proven to be yours may be called, texted and written to on every plan."),
      shown(app, ...own, ({ addresses }) => addresses.length ? h("ul", { class: "links" }, addresses.map((one) => h("li", { key: one }, icon("tick"), " ", number(one)))) : empty("Nothing is proven yet.")),
      app.ui.proof ? entering(app, app.ui.proof) : proving(app)),
    panel("Who agreed to be contacted", { key: "given" }, shown(app, ...given, ({ consents }) => [
      consents.length ? table("Consents", [
        ["Number", (row) => number(row.address)], ["To", (row) => CHANNELS[row.channel] ?? row.channel], ["Words", (row) => row.wording], ["Since", (row) => time(row.given_at)],
        ["Now", (row) => row.withdrawn_at ? ["taken back ", time(row.withdrawn_at)] : h("button", { type: "button", class: "small", onclick: () => ask(app, `Take back the consent of ${row.address}?`, "Take back", () => post(app, "/v1/consents", "/v1/consents/withdraw", { phone_number: row.address, channel: row.channel })) }, "Take back")],
      ], consents.map((row) => ({ ...row, id: `${row.address}-${row.channel}-${row.given_at}` }))) : empty("Nobody has agreed to anything yet."),
      agreeing(app)])),
    panel("Wishes not to be contacted", { key: "wishes" }, shown(app, ...wishes, ({ opt_outs: found }) => found.length ? table("Wishes", [
      ["Address", (row) => number(row.address)], ["Why", (row) => capital(row.reason.replaceAll("_", " "))], ["Since", (row) => time(row.at)],
      ["Now", (row) => h("button", { type: "button", class: "small", onclick: () => ask(app, `May ${row.address} be contacted again?`, "Yes", () => post(app, "/v1/opt-outs", "/v1/opt-outs/lift", { address: row.address })) }, "Lift it")],
    ], found.map((row) => ({ ...row, id: row.address }))) : empty("None of your own addresses asked not to be contacted."))),
  ];
}

// The answer is the list as it is then.
async function post(app, key, path, body) {
  const done = await app.request(path, () => app.session.post(path, body));
  if (done) app.reload(key, () => Promise.resolve(done));
  return done;
}

function proving(app) {
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const body = { phone_number: value(form, "to"), by: form.elements.by.value };
    const done = await app.request("prove", () => app.session.post("/v1/me/numbers", body));
    if (done) app.ui.proof = { ...done, by: body.by };
    app.draw();
  };
  const where = app.settings.countries?.length ? `Countries: ${countries(app.settings.countries)}.` : null;
  return h("form", { id: "prove", key: "prove", onsubmit: submit },
    field("Prove another number", h("input", { name: "to", type: "tel", required: true, autocomplete: "tel", placeholder: "+1 202 555 0100" }), where),
    h("div", { class: "actions" }, h("fieldset", {}, h("legend", { class: "unseen" }, "How the code comes"), [["text", "by text"], ["call", "by call"]].map(([way, name], at) => h("label", { class: "tick", key: way }, h("input", { type: "radio", name: "by", value: way, checked: at === 0 }), name))),
      h("button", { class: "primary", disabled: app.pending.has("prove") }, "Send a code")));
}

function entering(app, proof) {
  const submit = async (event) => {
    event.preventDefault();
    const done = await post(app, "/v1/me/numbers", "/v1/me/numbers/verify", { code: value(event.target, "code") });
    if (!done) return;
    app.ui.proof = null;
    app.tell(`${proof.phone_number} is proven to be yours.`);
  };
  return h("form", { id: "code", key: "code", onsubmit: submit },
    field(`The code that came ${proof.by === "call" ? "by call" : "by text"} to ${proof.phone_number}`, h("input", { name: "code", required: true, inputmode: "numeric", autocomplete: "one-time-code", pattern: "[0-9]{6}", title: "Six digits", maxlength: "6", autofocus: true }), `Good for ${Math.round(proof.expires_in_seconds / 60)} minutes.`),
    h("div", { class: "actions" }, h("button", { class: "primary" }, "Prove it"), h("button", { type: "button", onclick: () => { app.ui.proof = null; app.draw(); } }, "Another number")));
}

function agreeing(app) {
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const done = await post(app, "/v1/consents", "/v1/consents", { phone_number: value(form, "phone_number"), wording: value(form, "wording"), channel: form.elements.channel.value });
    if (done) form.reset();
  };
  return h("details", { key: "agree" }, h("summary", {}, "Put a consent on record"), h("form", { onsubmit: submit },
    field("Their number", h("input", { name: "phone_number", type: "tel", required: true })),
    field("They agreed to", h("select", { name: "channel" }, [["texts", "texts"], ["calls", "calls"]].map(([one, name]) => h("option", { value: one, key: one }, name)))),
    field("Their words", h("textarea", { name: "wording", rows: "2", maxlength: "500", required: true }), "As they were said or written."),
    h("div", { class: "actions" }, h("button", { class: "primary" }, "Put on record"))));
}
