// Agents: who talks, as operators write it. A list, and one of them in a form; trying it out is a
// call with it. Whoever is no operator reads.
import { h, icon } from "../core/dom.js";
import { toolFields, toolSecrets, writtenTools } from "./agenttools.js";
import { agentList, ask, empty, facts, field, panel, shown, status, table, time, value } from "./parts.js";

const LANGUAGES = [["", "As configured"], ["de", "German"], ["en", "English"], ["es", "Spanish"], ["fr", "French"]];
const TOPIC = "Empty: as configured. {topic} becomes the topic; that a computer speaks is said before it.";

export function agents(app, { path }) {
  app.title = "Agents";
  const isOperator = app.me?.role === "operator";
  return [
    h("div", { class: "head", key: "head" }, h("h1", {}, "Agents"), h("div", { class: "actions" },
      path[1] ? h("a", { class: "button quiet", href: "#/agents", key: "all" }, "All agents") : null,
      isOperator && path[1] !== "new" ? h("a", { class: "button primary", href: "#/agents/new", key: "new" }, "New agent") : null)),
    shown(app, "agents", agentList(app), (data) => {
      if (!path[1]) return list(data.agents);
      const one = data.agents.find((each) => each.id === path[1]);
      if (path[1] !== "new" && !one) return empty("There is no such agent, or no more.");
      return isOperator ? [toolSecrets(app, one), editor(app, data, one)] : one ? reading(app, one) : empty("Only operators make agents.");
    }),
  ];
}

const list = (rows) => panel("Who may talk", { key: "list" },
  h("p", { class: "meta" }, "Without an agent, calls, texts and e-mails are as the configuration says."),
  rows.length ? table("Agents", [
    ["Name", (row) => row.name], ["Short name", (row) => h("code", {}, row.slug)], ["State", (row) => status(row.enabled ? "active" : "off")], ["Changed", (row) => time(row.updated_at)],
  ], rows, (row) => `#/agents/${row.id}`) : empty("No agents yet."));

const trying = (app, one) => h("button", {
  type: "button", key: "try", onclick: () => { app.ui.newCall = { to: "", agent: one.slug }; app.newCall(); },
}, icon("call"), h("span", {}, "Try it"));

const reading = (app, one) => panel(one.name, { key: one.id, actions: [trying(app, one)] },
  facts([["Short name", one.slug], ["Greeting", one.greeting], ["Language", one.language], ["Voice", one.voice], ["Longest call", one.limit_seconds && `${one.limit_seconds} s`],
    ["Tools", [...one.builtin_tools, ...one.tools.map((tool) => tool.name)].join(", ")]]),
  h("pre", { class: "letter", tabindex: "0", "aria-label": "Instructions" }, one.instructions || "(none of its own)"));

function editor(app, { voices, limit_seconds: most }, one) {
  const now = one ?? { enabled: true };
  const waits = app.pending.has("agent");
  const again = () => app.reload("agents", () => app.session.get("/v1/agents"));
  const save = async (event) => {
    event.preventDefault();
    const body = { ...written(event.target, one), ...writtenTools(app, event.target) };
    const done = await app.request("agent", () => (one ? app.session.ask("PATCH", `/v1/agents/${one.id}`, { ...body, rev: one.rev }) : app.session.post("/v1/agents", body)));
    if (!done) return;
    if (Object.keys(done.tool_secrets ?? {}).length) app.ui.toolSecrets = { of: done.id, secrets: done.tool_secrets };
    await again();
    app.tell("Saved.");
    app.go(`#/agents/${done.id}`);
  };
  const remove = async () => {
    const done = await app.request("agent", () => app.session.ask("DELETE", `/v1/agents/${one.id}?rev=${one.rev}`));
    if (!done) return;
    await again();
    app.go("#/agents");
  };
  const options = (pairs) => pairs.map(([given, text]) => h("option", { value: given, key: given }, text));
  return panel(one?.name ?? "New agent", { key: `${now.id}:${now.rev}`, actions: one ? [trying(app, one), h("button", { type: "button", key: "again", onclick: again }, "Read again"),
    h("button", { type: "button", class: "danger", key: "delete", onclick: () => ask(app, `Delete the agent ${one.name}? Calls that it is in go on.`, "Delete", remove) }, "Delete")] : [] },
  h("form", { id: "agent", onsubmit: save },
    one ? null : field("Short name", h("input", { name: "slug", required: true, maxlength: "40", pattern: "[a-z0-9]([a-z0-9\\-]*[a-z0-9])?", title: "Small letters, digits and hyphens", autocomplete: "off" }), "By which programs name it. It stays."),
    field("Name", h("input", { name: "name", required: true, maxlength: "60", value: now.name ?? "", autocomplete: "off" })),
    field("Instructions", h("textarea", { name: "instructions", rows: "8", maxlength: "8000", value: now.instructions ?? "" }), "What the language model is told, before the rules for all."),
    field("Greeting", h("textarea", { name: "greeting", rows: "2", maxlength: "600", value: now.greeting ?? "" }), TOPIC),
    field("Voicemail message", h("textarea", { name: "voicemail_message", rows: "2", maxlength: "600", value: now.voicemail_message ?? "" }), TOPIC),
    h("label", { class: "tick" }, h("input", { type: "checkbox", name: "silent", checked: now.voicemail_message === "" }), "Leave no message in a mailbox"),
    field("Voice", h("select", { name: "voice", value: now.voice ?? "" }, options([["", "As configured"], ...voices.map((name) => [name, name])]))),
    field("Language", h("select", { name: "language", value: now.language ?? "" }, options(LANGUAGES))),
    field("Longest call, in seconds", h("input", { name: "limit_seconds", type: "number", min: "30", max: String(most), value: now.limit_seconds ?? "" }), `Empty: ${most}.`),
    toolFields(app, now),
    h("label", { class: "tick" }, h("input", { type: "checkbox", name: "enabled", checked: now.enabled }), "Everybody may name it"),
    h("div", { class: "actions" }, h("button", { class: "primary", disabled: waits, "aria-busy": waits ? "true" : null }, "Save"), h("a", { class: "button", href: "#/agents" }, "Cancel"))));
}

// What is empty is as configured; only a mailbox can be told nothing.
function written(form, one) {
  const given = (name) => value(form, name) || null;
  const seconds = given("limit_seconds");
  return {
    ...(one ? {} : { slug: value(form, "slug") }), name: value(form, "name"), instructions: value(form, "instructions"), greeting: given("greeting"),
    voice: given("voice"), language: given("language"), limit_seconds: seconds && Number(seconds),
    voicemail_message: form.elements.silent.checked ? "" : given("voicemail_message"), enabled: form.elements.enabled.checked,
  };
}
