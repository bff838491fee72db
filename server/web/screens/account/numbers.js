// Numbers and consent: what is proven to be one's own, who agreed to be contacted, and whose wish
// not to be is in force at one's own addresses.
import { h, icon } from "../../core/dom.js";
import { capital } from "../../core/format.js";
import { countries } from "../../core/words.js";
import { area, code, emptied, field, form, line, submit, tick } from "../forms.js";
import { ask, empty, head, listing, loaded, number, panel, select, time } from "../parts.js";

const CHANNELS = { emails: "e-mails" };
const [OWN, GIVEN, WISHES] = ["/v1/me/numbers", "/v1/consents", "/v1/opt-outs"];

export function numbers(app) {
  return [
    head(app, "Numbers and consent"),
    panel("Your own numbers and addresses", {},
      h("p.meta", "What is proven to be yours may be called, texted and written to on every plan."),
      loaded(app, OWN, ({ addresses }) => addresses.length ? h("ul.links", addresses.map((one) => h("li", { key: one }, icon("tick"), " ", number(one)))) : empty("Nothing is proven yet.")),
      app.ui.proof ? entering(app, app.ui.proof) : proving(app)),
    panel("Who agreed to be contacted", {}, loaded(app, GIVEN, ({ consents }) => [
      listing("Nobody has agreed to anything yet.", "Consents", [
        ["Number", (row) => number(row.address)], ["To", (row) => CHANNELS[row.channel] ?? row.channel], ["Words", (row) => row.wording], ["Since", (row) => time(row.given_at)],
        ["Now", (row) => row.withdrawn_at ? ["taken back ", time(row.withdrawn_at)] : undo(app, "Take back", `Take back the consent of ${row.address}?`, "Take back", GIVEN, "withdraw", { phone_number: row.address, channel: row.channel })],
      ], consents.map((row) => ({ ...row, id: `${row.address}-${row.channel}-${row.given_at}` }))),
      agreeing(app)])),
    panel("Wishes not to be contacted", {}, loaded(app, WISHES, ({ opt_outs: found }) => listing("None of your own addresses asked not to be contacted.", "Wishes", [
      ["Address", (row) => number(row.address)], ["Why", (row) => capital(row.reason.replaceAll("_", " "))], ["Since", (row) => time(row.at)],
      ["Now", (row) => undo(app, "Lift it", `May ${row.address} be contacted again?`, "Yes", WISHES, "lift", { address: row.address })],
    ], found.map((row) => ({ ...row, id: row.address }))))),
  ];
}

const undo = (app, label, question, yes, list, verb, body) => h("button.small", { onclick: () => ask(app, question, yes, () => post(app, list, `${list}/${verb}`, body)) }, label);

// The answer is the list as it is then.
async function post(app, key, path, body) {
  const done = await app.ask("POST", path, body);
  if (done) app.put(key, done);
  return done;
}

function proving(app) {
  const prove = async ({ to, by }) => {
    const done = await app.ask("POST", OWN, { phone_number: to, by }, "prove");
    if (done) app.set("proof", { ...done, by });
  };
  const where = app.settings.countries?.length ? `Countries: ${countries(app.settings.countries)}.` : null;
  return form({ id: "prove", key: "prove" }, prove,
    line("Prove another number", "to", { type: "tel", required: true, autocomplete: "tel", placeholder: "+1 202 555 0100" }, where),
    h("div.actions", h("fieldset", h("legend.unseen", "How the code comes"), [["text", "by text"], ["call", "by call"]].map(([value, name], at) => tick(name, { type: "radio", name: "by", value, checked: at === 0 }))),
      submit(app, "prove", "Send a code")));
}

function entering(app, proof) {
  const enter = async (typed) => {
    const done = await post(app, OWN, `${OWN}/verify`, typed);
    if (!done) return;
    app.ui.proof = null;
    app.tell(`${proof.phone_number} is proven to be yours.`);
  };
  return form({ id: "code", key: "code" }, enter,
    code(`The code that came ${proof.by === "call" ? "by call" : "by text"} to ${proof.phone_number}`, { autofocus: true }, `Good for ${Math.round(proof.expires_in_seconds / 60)} minutes.`),
    h("div.actions", h("button.primary", "Prove it"), h("button", { onclick: () => app.set("proof", null) }, "Another number")));
}

function agreeing(app) {
  const keep = async (typed, element) => {
    if (await post(app, GIVEN, GIVEN, typed)) emptied(element, typed);
    // Not at the number that is to be proven.
    else if (app.fault?.field === "to") app.fault.field = "phone_number";
  };
  return h("details", { key: "agree" }, h("summary", "Put a consent on record"), form({}, keep,
    line("Their number", "phone_number", { type: "tel", required: true }),
    field("They agreed to", select([["texts", "texts"], ["calls", "calls"]], { name: "channel" })),
    area("Their words", "wording", { maxlength: "500", required: true }, "As they were said or written."),
    h("div.actions", h("button.primary", "Put on record"))));
}
