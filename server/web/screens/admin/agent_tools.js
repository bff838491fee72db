// What an agent may call in calls: tools of ours, numbers, and the owner's own, as part of its form.
import { h } from "../../core/dom.js";
import { area, given, line, tick } from "../forms.js";
import { panel } from "../parts.js";

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
    h("fieldset", { key: "ours" }, h("legend", "In calls it may"), OURS.map(([name, label]) => tick(label, { name: `may-${name}`, checked: (agent.builtin_tools ?? []).includes(name) }))),
    line("Numbers it may connect to", "transfer_to", { value: (agent.transfer_to ?? []).join(", ") }, "With country code, with commas between them."),
    ui.rows.map((row) => own(row, () => remove(row))),
    h("div.actions", { key: "add-tool" }, h("button", { onclick: add }, "Add a tool of your own")),
  ];
}

function own({ id, tool }, remove) {
  const named = (name) => `tool-${id}-${name}`;
  return h("fieldset", { key: `tool-${id}` }, h("legend", tool.name || "A new tool"),
    line("Its name", named("name"), { required: true, maxlength: "64", pattern: "[a-zA-Z][a-zA-Z0-9_\\-]*", title: "Letters, digits, _ and -", value: tool.name }),
    area("What it is for", named("description"), { required: true, maxlength: "1000", value: tool.description }, "Told to the language model."),
    area("Arguments", named("parameters"), { rows: "4", spellcheck: "false", value: JSON.stringify(tool.parameters, null, 2), oninput: judge }, "A JSON schema of an object."),
    line("Its address", named("url"), { type: "url", required: true, value: tool.url }, "https, at a host that the configuration allows."),
    line("Seconds it may take", named("timeout_seconds"), { type: "number", min: "1", max: "10", step: "any", value: tool.timeout_seconds }),
    line("Said meanwhile", named("filler"), { maxlength: "600", value: tool.filler }, "Empty: a sentence of the configuration's, if it takes long."),
    h("button.danger", { onclick: remove }, "Remove this tool"));
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
export function writtenTools(app, element) {
  const typed = given(element);
  return {
    builtin_tools: OURS.map(([name]) => name).filter((name) => typed[`may-${name}`]),
    transfer_to: typed.transfer_to.split(",").map((one) => one.trim()).filter(Boolean),
    tools: app.ui.agentTools.rows.map(({ id }) => {
      const of = (name) => typed[`tool-${id}-${name}`];
      return {
        name: of("name"), description: of("description"), url: of("url"), filler: of("filler"),
        timeout_seconds: Number(of("timeout_seconds") || 5), parameters: schema(of("parameters")),
      };
    }),
  };
}

/** Secrets of tools that were just made, shown until another agent is looked at. */
export function toolSecrets(app, agent) {
  const made = app.ui.toolSecrets;
  if (!agent || made?.of !== agent.id) return null;
  return panel("Copy it now: it is not shown again", {}, Object.entries(made.secrets).map(([name, text]) =>
    h("pre.letter", { key: name, tabindex: "0", "aria-label": `The signing secret of ${name}` }, `${name}: ${text}`)));
}
