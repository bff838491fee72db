// What an agent may call in calls: tools of ours, numbers, and the owner's own, as part of its form.
import { h } from "../core/dom.js";
import { field, panel, value } from "./parts.js";

const OURS = [["end_call", "End the call"], ["transfer", "Connect the caller to a number"], ["press_keys", "Press keys"], ["send_summary", "Send a summary after the call"]];
const EMPTY = { name: "", description: "", url: "", filler: "", timeout_seconds: 5, parameters: { type: "object", properties: {} } };

/** The fields; which tools there are lasts as long as the agent's revision is edited. */
export function toolFields(app, agent) {
  const of = `${agent.id}:${agent.rev}`;
  if (app.ui.agentTools?.of !== of) app.ui.agentTools = { of, rows: (agent.tools ?? []).map((tool, id) => ({ id, tool })), next: agent.tools?.length ?? 0 };
  const ui = app.ui.agentTools;
  const add = () => { ui.rows.push({ id: ui.next++, tool: EMPTY }); app.draw(); };
  const remove = (row) => { ui.rows = ui.rows.filter((one) => one !== row); app.draw(); };
  return [
    h("fieldset", { key: "ours" }, h("legend", {}, "In calls it may"), OURS.map(([name, label]) => h("label", { class: "tick", key: name },
      h("input", { type: "checkbox", name: `may-${name}`, checked: (agent.builtin_tools ?? []).includes(name) }), label))),
    field("Numbers it may connect to", h("input", { name: "transfer_to", value: (agent.transfer_to ?? []).join(", "), autocomplete: "off" }), "With country code, with commas between them."),
    ui.rows.map((row) => own(row, () => remove(row))),
    h("div", { class: "actions", key: "add-tool" }, h("button", { type: "button", onclick: add }, "Add a tool of your own")),
  ];
}

function own({ id, tool }, remove) {
  const named = (name) => `tool-${id}-${name}`;
  return h("fieldset", { key: `tool-${id}` }, h("legend", {}, tool.name || "A new tool"),
    field("Its name", h("input", { name: named("name"), required: true, maxlength: "64", pattern: "[a-zA-Z][a-zA-Z0-9_\\-]*", title: "Letters, digits, _ and -", value: tool.name, autocomplete: "off" })),
    field("What it is for", h("textarea", { name: named("description"), rows: "2", required: true, maxlength: "1000", value: tool.description }), "Told to the language model."),
    field("Arguments", h("textarea", { name: named("parameters"), rows: "4", spellcheck: "false", value: JSON.stringify(tool.parameters, null, 2), oninput: judge }), "A JSON schema of an object."),
    field("Its address", h("input", { name: named("url"), type: "url", required: true, value: tool.url, autocomplete: "off" }), "https, at a host that the configuration allows."),
    field("Seconds it may take", h("input", { name: named("timeout_seconds"), type: "number", min: "1", max: "10", step: "any", value: tool.timeout_seconds })),
    field("Said meanwhile", h("input", { name: named("filler"), maxlength: "600", value: tool.filler, autocomplete: "off" }), "Empty: a sentence of the configuration's, if it takes long."),
    h("button", { type: "button", class: "danger", onclick: remove }, "Remove this tool"));
}

function judge({ target }) {
  target.setCustomValidity(schema(target.value) ? "" : "This is no JSON schema of an object.");
}

function schema(text) {
  try {
    const given = JSON.parse(text);
    return given?.type === "object" ? given : null;
  } catch {
    return null;
  }
}

/** What the form says of tools, as the API takes it. */
export function writtenTools(app, form) {
  return {
    builtin_tools: OURS.map(([name]) => name).filter((name) => form.elements[`may-${name}`].checked),
    transfer_to: value(form, "transfer_to").split(",").map((one) => one.trim()).filter(Boolean),
    tools: app.ui.agentTools.rows.map(({ id }) => {
      const given = (name) => value(form, `tool-${id}-${name}`);
      return {
        name: given("name"), description: given("description"), url: given("url"), filler: given("filler"),
        timeout_seconds: Number(given("timeout_seconds") || 5), parameters: schema(given("parameters")),
      };
    }),
  };
}

/** Secrets of tools that were just made, shown until another agent is looked at. */
export function toolSecrets(app, agent) {
  const made = app.ui.toolSecrets;
  if (!agent || made?.of !== agent.id) return null;
  return panel("Copy it now: it is not shown again", { key: "secrets" }, Object.entries(made.secrets).map(([name, text]) =>
    h("pre", { class: "letter", key: name, tabindex: "0", "aria-label": `The signing secret of ${name}` }, `${name}: ${text}`)));
}
