// New call: a dialog from anywhere; it says what is left in the plan before anybody is phoned.
import { h, sign } from "../../core/dom.js";
import { countries, many } from "../../core/words.js";
import { agentChoice, area, filled, form, line, submit } from "../forms.js";

export function newCall(app) {
  const ui = (app.ui.newCall ??= { to: new URLSearchParams(location.search).get("to") ?? "" });
  const place = async (typed) => {
    const args = filled(typed, "topic", "to", "consent", "agent");
    const done = typed.when ? await app.ask("POST", "/v1/scheduled-calls", { ...args, start_at: new Date(typed.when).toISOString() }, "new-call")
      : (await app.act("new-call", "call.start", args)).data;
    if (!done) return;
    app.ui.newCall = { to: "" };
    app.close();
    app.go(typed.when ? "#/scheduled" : `#/calls/${done.call.id}`);
  };
  const where = app.settings.countries?.length ? ` Countries: ${countries(app.settings.countries)}.` : "";
  return [form({ id: "new-call", key: "new-call" }, place,
    h("h2", "New call"),
    line("Topic", "topic", { maxlength: "200", required: true, autofocus: true }, "What the agent talks about."),
    line("Number", "to", { type: "tel", list: "people", placeholder: "your own number", value: ui.to, oninput: (event) => { ui.to = event.target.value; app.draw(); } }, `Empty: your own number.${where}`),
    app.sandbox && h("datalist", { id: "people" }, app.sandbox.people.map((one) => h("option", { value: one.number, key: one.number }, one.name))),
    agentChoice(app, ui.agent),
    line("When", "when", { type: "datetime-local" }, "Empty: now. Other people are not called at night."),
    app.fault?.field === "consent" || ui.asks ? (ui.asks = true, area("Their consent", "consent", { maxlength: "500" }, "For another person's number: the words in which they agreed to be called.")) : null,
    left(app, app.state.usage?.calls),
    h("div.actions",
      submit(app, "new-call", sign("call", "Call")),
      app.settings.phone_url && h("a.button", { href: app.settings.phone_url, target: "_blank" }, "Call me in the browser"),
      h("button", { onclick: () => app.close() }, "Cancel")))];
}

function left(app, calls) {
  if (!calls) return null;
  if (calls.limit < 0) return h("p.meta", `Your plan has no limit of calls; ${many(calls.used, "call")} used this month.`);
  const running = calls.reserved ? `, ${calls.reserved} running` : "";
  return h("p", { class: calls.left ? "meta" : "fault" }, `${calls.left} of ${many(calls.limit, "call")} left this month${running}. `,
    calls.left ? null : h("a", { href: "#/plan?for=calls" }, "See the plans"));
}
