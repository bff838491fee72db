// New call: a dialog from anywhere; it says what is left in the plan before anybody is phoned.
import { h, icon } from "../core/dom.js";
import { limitOf } from "../core/format.js";
import { field, value } from "./parts.js";

export function newCall(app) {
  const waits = app.pending.has("new-call");
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const args = Object.fromEntries(["topic", "to", "consent"].map((name) => [name, value(form, name)]).filter(([, given]) => given));
    const ack = await app.act("new-call", "call.start", args);
    if (!ack.ok) return;
    app.close();
    app.go(`#/calls/${ack.data.call.id}`);
  };
  return [h("form", { id: "new-call", onsubmit: submit, key: "new-call" },
    h("h2", {}, "New call"),
    field("Topic", h("input", { name: "topic", maxlength: "200", required: true, autofocus: true, autocomplete: "off" }), "What the agent talks about."),
    field("Number", h("input", { name: "to", type: "tel", list: "people", placeholder: "your own number", value: new URLSearchParams(location.search).get("to") ?? "", pattern: "[+]?[0-9 .\\(\\)\\-]{7,20}", title: "A number such as +12025550100" }), "Empty: your own number."),
    app.sandbox ? h("datalist", { id: "people" }, app.sandbox.people.map((one) => h("option", { value: one.number, key: one.number }, one.name))) : null,
    field("Their consent", h("textarea", { name: "consent", maxlength: "500", rows: "2" }), "For another number: the words in which its owner agreed to be called."),
    left(app.state.usage?.calls),
    app.fault ? h("p", { class: "fault" }, app.fault.text) : null,
    h("div", { class: "actions" },
      h("button", { class: "primary", disabled: waits, "aria-busy": waits ? "true" : null }, icon("call"), h("span", {}, "Call")),
      app.settings.phone_url ? h("a", { class: "button", href: app.settings.phone_url, target: "_blank" }, "Call me in the browser") : null,
      h("button", { type: "button", onclick: () => app.close() }, "Cancel")))];
}

function left(calls) {
  if (!calls) return null;
  if (calls.limit < 0) return h("p", { class: "meta" }, `Your plan has no limit of calls; ${calls.used} used this month.`);
  return h("p", { class: calls.left ? "meta" : "fault" }, `${calls.left} of ${limitOf(calls.limit)} calls left this month${calls.reserved ? `, ${calls.reserved} running` : ""}.`);
}
