// Agents: who talks, as operators write it. A list, and one of them in a form; trying it out is a
// call with it. Whoever is no operator reads.
import { h, sign } from "../../core/dom.js";
import { language } from "../../core/words.js";
import { toolFields, toolSecrets, writtenTools } from "./agent_tools.js";
import { AGENTS, area, field, form, line, submit, tick } from "../forms.js";
import { ask, empty, facts, head, listing, loaded, panel, select, status, time } from "../parts.js";

const LANGUAGES = [["", "As configured"], ...["de", "en", "es", "fr"].map((code) => [code, language(code)])];
// As the API takes it, with spaces around it.
const AMOUNT = { inputmode: "decimal", pattern: "\\s*[0-9]{1,9}(\\.[0-9]{1,9})?\\s*", title: "Digits and a dot, as in 0.50" };
const ENGINES = [["Voice", "voice"], ["Ears", "recogniser"], ["Language model", "language_model"]];
const TOPIC = "Empty: as configured. {topic} becomes the topic; that a computer speaks is said before it.";

export function agents(app, { path }) {
  const isOperator = app.me?.role === "operator";
  return [
    head(app, "Agents",
      path[1] ? h("a.button.quiet", { href: "#/agents", key: "all" }, "All agents") : null,
      isOperator && path[1] !== "new" ? h("a.button.primary", { href: "#/agents/new", key: "new" }, "New agent") : null),
    loaded(app, AGENTS, (read) => {
      const data = { ...read, currency: read.currency.toUpperCase() };
      if (!path[1]) return list(data.agents);
      const one = data.agents.find((each) => each.id === path[1]);
      if (path[1] !== "new" && !one) return empty("There is no such agent, or no more.");
      return isOperator ? [toolSecrets(app, one), editor(app, data, one)] : one ? reading(app, data, one) : empty("Only operators make agents.");
    }),
  ];
}

const list = (rows) => panel("Who may talk", {},
  h("p.meta", "Without an agent, calls, texts and e-mails are as the configuration says."),
  listing("No agents yet.", "Agents", [
    ["Name", (row) => row.name], ["Short name", (row) => h("code", row.slug)], ["State", (row) => status(row.enabled ? "active" : "off")], ["Changed", (row) => time(row.updated_at)],
  ], rows, (row) => `#/agents/${row.id}`));

const trying = (app, one) => h("button", {
  key: "try", onclick: () => { app.ui.newCall = { to: "", agent: one.slug }; app.newCall(); },
}, sign("call", "Try it"));

const reading = (app, { currency }, one) => panel(one.name, { key: one.id, actions: [trying(app, one)] },
  facts([["Short name", one.slug], ["Greeting", one.greeting], ["Language", language(one.language)], ["Follows the caller's language", one.follows_caller ? "yes" : null],
    ...ENGINES.map(([text, name]) => [text, one[name]]), [`Budget of a call, in ${currency}`, one.call_budget], ["Longest call", one.limit_seconds && `${one.limit_seconds} s`],
    ["Tools", [...one.builtin_tools, ...one.tools.map((tool) => tool.name)].join(", ")]]),
  h("pre.letter", { tabindex: "0", "aria-label": "Instructions" }, one.instructions || "(none of its own)"));

function editor(app, { limit_seconds: most, currency, ...data }, one) {
  const now = one ?? { enabled: true };
  const again = () => app.reload(AGENTS);
  const save = async (typed, element) => {
    const body = { ...written(typed), ...writtenTools(app, element) };
    const done = await (one ? app.ask("PATCH", `${AGENTS}/${one.id}`, { ...body, rev: one.rev }, "agent") : app.ask("POST", AGENTS, { ...body, slug: typed.slug }, "agent"));
    if (!done) return;
    if (Object.keys(done.tool_secrets ?? {}).length) app.ui.toolSecrets = { of: done.id, secrets: done.tool_secrets };
    await again();
    app.tell("Saved.");
    app.go(`#/agents/${done.id}`);
  };
  const remove = async () => {
    if (!await app.ask("DELETE", `${AGENTS}/${one.id}?rev=${one.rev}`)) return;
    await again();
    app.go("#/agents");
  };
  return panel(one?.name ?? "New agent", { key: `${now.id}:${now.rev}`, actions: one ? [trying(app, one), h("button", { key: "again", onclick: again }, "Read again"),
    h("button.danger", { key: "delete", onclick: () => ask(app, `Delete the agent ${one.name}? Calls that it is in go on.`, "Delete", remove) }, "Delete")] : [] },
  form({ id: "agent" }, save,
    one ? null : line("Short name", "slug", { required: true, maxlength: "40", pattern: "[a-z0-9]([a-z0-9\\-]*[a-z0-9])?", title: "Small letters, digits and hyphens" }, "By which programs name it. It stays."),
    line("Name", "name", { required: true, maxlength: "60", value: now.name }),
    area("Instructions", "instructions", { rows: "8", maxlength: "8000", value: now.instructions }, "What the language model is told, before the rules for all."),
    area("Greeting", "greeting", { maxlength: "600", value: now.greeting }, TOPIC),
    area("Voicemail message", "voicemail_message", { maxlength: "600", value: now.voicemail_message }, TOPIC),
    tick("Leave no message in a mailbox", { name: "silent", checked: now.voicemail_message === "" }),
    ENGINES.map(([text, name]) => field(text, select([["", "As configured"], ...data[`${name}s`].map((one) => [one, one])], { name, value: now[name] }))),
    field("Language", select(LANGUAGES, { name: "language", value: now.language })),
    tick("Follow the caller's language", { name: "follows_caller", checked: now.follows_caller }),
    line("Longest call, in seconds", "limit_seconds", { type: "number", min: "30", max: most, value: now.limit_seconds }, `Empty: ${most}.`),
    line(`Budget of a call, in ${currency}`, "call_budget", { ...AMOUNT, value: now.call_budget }),
    toolFields(app, now),
    tick("Everybody may name it", { name: "enabled", checked: now.enabled }),
    h("div.actions", submit(app, "agent", "Save"), h("a.button", { href: "#/agents" }, "Cancel"))));
}

// What is empty is as configured; only a mailbox can be told nothing.
const written = ({ name, instructions, limit_seconds: seconds, voicemail_message: message, silent, enabled, follows_caller, ...given }) => ({
  name, instructions, limit_seconds: Number(seconds) || null, voicemail_message: silent ? "" : message || null, enabled, follows_caller,
  ...Object.fromEntries(["greeting", "voice", "recogniser", "language_model", "language", "call_budget"].map((key) => [key, given[key] || null])),
});
