// New call: a dialog from anywhere; it says what is left in the plan before anybody is phoned.
import { h, icon } from "../core/dom.js";
import { countries, many } from "../core/words.js";
import { agentChoice, field } from "./parts.js";

export function newCall(app) {
  const waits = app.pending.has("new-call");
  const ui = (app.ui.newCall ??= { to: new URLSearchParams(location.search).get("to") ?? "" });
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const when = form.elements.when.value;
    const args = Object.fromEntries(["topic", "to", "consent", "agent"].map((name) => [name, form.elements[name]?.value.trim()]).filter(([, given]) => given));
    if (when) {
      const made = await app.request("new-call", () => app.session.post("/v1/scheduled-calls", { ...args, start_at: new Date(when).toISOString() }));
      if (!made) return;
      app.ui.newCall = { to: "" };
      app.close();
      return app.go("#/scheduled");
    }
    const ack = await app.act("new-call", "call.start", args);
    if (!ack.ok) return;
    app.ui.newCall = { to: "" };
    app.close();
    app.go(`#/calls/${ack.data.call.id}`);
  };
  const where = app.settings.countries?.length ? ` Countries: ${countries(app.settings.countries)}.` : "";
  return [h("form", { id: "new-call", onsubmit: submit, key: "new-call" },
    h("h2", {}, "New call"),
    field("Topic", h("input", { name: "topic", maxlength: "200", required: true, autofocus: true, autocomplete: "off" }), "What the agent talks about."),
    field("Number", h("input", { name: "to", type: "tel", list: "people", placeholder: "your own number", value: ui.to, oninput: (event) => { ui.to = event.target.value; app.draw(); }, pattern: "[+]?[0-9 .\\(\\)\\-]{7,20}", title: "A number such as +12025550100" }), `Empty: your own number.${where}`),
    app.sandbox ? h("datalist", { id: "people" }, app.sandbox.people.map((one) => h("option", { value: one.number, key: one.number }, one.name))) : null,
    agentChoice(app, ui.agent),
    field("When", h("input", { name: "when", type: "datetime-local" }), "Empty: now. Other people are not called at night."),
    app.fault?.field === "consent" || ui.asks ? (ui.asks = true, field("Their consent", h("textarea", { name: "consent", maxlength: "500", rows: "2" }), "For another person's number: the words in which they agreed to be called.")) : null,
    left(app, app.state.usage?.calls),
    h("div", { class: "actions" },
      h("button", { class: "primary", disabled: waits, "aria-busy": waits ? "true" : null }, icon("call"), h("span", {}, "Call")),
      app.settings.phone_url ? h("a", { class: "button", href: app.settings.phone_url, target: "_blank" }, "Call me in the browser") : null,
      h("button", { type: "button", onclick: () => app.close() }, "Cancel")))];
}

function left(app, calls) {
  if (!calls) return null;
  if (calls.limit < 0) return h("p", { class: "meta" }, `Your plan has no limit of calls; ${many(calls.used, "call")} used this month.`);
  const running = calls.reserved ? `, ${calls.reserved} running` : "";
  return h("p", { class: calls.left ? "meta" : "fault" }, `${calls.left} of ${many(calls.limit, "call")} left this month${running}. `,
    calls.left ? null : h("a", { href: "#/plan?for=calls", onclick: () => app.close() }, "See the plans"));
}
