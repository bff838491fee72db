// What forms have in common: reading them, controls with labels and refusals, choices.
import { h } from "../core/dom.js";
import { select, told } from "./parts.js";

let atFault = null;

/** A drawing begins in which this refusal is told: at its field if that is drawn, which marks it. */
export function tells(fault) {
  atFault = fault && Object.assign(fault, { shown: false });
}

/** A form; `submit` gets what is written in it, by name, and itself. */
export const form = (props, submit, ...kids) => h("form", {
  ...props, onsubmit: (event) => {
    event.preventDefault();
    return submit(given(event.target), event.target);
  },
}, kids);

/** Text without the space around it; of a box, whether it is ticked. */
export const given = (element) => Object.fromEntries([...element.elements].filter((one) => one.name && (one.type !== "radio" || one.checked))
  .map((one) => [one.name, one.type === "checkbox" ? one.checked : one.value.trim()]));

/** Empties a form of what was sent; what was written behind it meanwhile stays. */
export function emptied(element, sent) {
  if (JSON.stringify(given(element)) === JSON.stringify(sent)) return element.reset();
  for (const one of element.elements) {
    const text = sent[one.name];
    if (one.select && one.value.trimStart().startsWith(text)) one.value = one.value.trimStart().slice(text.length);
  }
}

/** Those of these that are given. */
export const filled = (values, ...names) => Object.fromEntries(names.filter((name) => values[name]).map((name) => [name, values[name]]));

/** A control with its label; a refusal that names the control is told here, and nowhere else. */
export function field(label, control, hint = null) {
  return h("label.field", { key: `field-${label}` }, h("span", label), control, hint ? h("small", hint) : null, faultOf(control));
}

// The refusal that names the control, which it marks.
function faultOf({ props }) {
  const { name } = props;
  if (atFault === null || name !== atFault.field || atFault.shown) return null;
  Object.assign(props, { "aria-invalid": "true", "aria-describedby": `fault-${name}` });
  return h("small.fault", { id: `fault-${name}`, role: "alert" }, told({ fault: atFault }));
}

/** A line of text, with its label. */
export const line = (label, name, props, hint) => field(label, h("input", { name, autocomplete: "off", ...props }), hint);

/** A code of six digits that somebody was sent, or that an app shows. */
export const code = (label, props, hint) => line(label, "code", { inputmode: "numeric", pattern: "[0-9]{6}", title: "Six digits", maxlength: "6", required: true, autocomplete: "one-time-code", ...props }, hint);

/** Several lines of text, with their label. */
export const area = (label, name, props, hint) => field(label, h("textarea", { name, rows: "2", ...props }), hint);

/** A box to tick, or with `type: "radio"` one of several. */
export function tick(label, props) {
  const control = h("input", { type: "checkbox", ...props });
  return h("label.tick", { key: `${props.name}-${props.value ?? ""}` }, control, label, faultOf(control));
}

/** Sends the form; waits while `key` is under way. */
export const submit = (app, key, label, kind = "primary") => {
  const waits = app.pending.has(key);
  return h("button", { class: kind, disabled: waits, "aria-busy": waits }, label);
};

/** Who may talk, as it was asked for. */
export const AGENTS = "/v1/agents";

/** A choice of who talks, where there is one. */
export function agentChoice(app, chosen = "") {
  const found = app.get(AGENTS).data?.agents ?? [];
  return found.length ? field("Agent", select([["", "As configured"], ...found.map((one) => [one.slug, one.name])], { name: "agent", value: chosen })) : null;
}
