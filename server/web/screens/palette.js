// Two dialogs: everything one can do by its name (Ctrl+K), and the sheet of keys (?).
import { h } from "../core/dom.js";
import { KEYS } from "../core/keys.js";
import { places } from "../core/places.js";
import { newestFirst } from "../core/store.js";
import { form } from "./forms.js";
import { matches } from "./parts.js";

const SHOWN = 12;

function choices(app) {
  const { state } = app;
  return [
    ...places(app).map((place) => [`Go to ${place.name}`, () => app.go(`#/${place.at}`)]),
    ["New call", () => app.newCall()],
    ["New text conversation", () => app.go("#/messages/new")],
    ["New e-mail", () => app.go("#/emails/new")],
    ["Show the keys", () => app.keySheet()],
    ...["system", "light", "dark"].map((name) => [`Colours: ${name}`, () => app.theme(name)]),
    ["Sign out", () => app.leave()],
    ...newestFirst(state.calls).slice(0, 30).map((call) => [`Call: ${call.topic}`, () => app.go(`#/calls/${call.id}`)]),
    ...newestFirst(state.conversations).slice(0, 30).map((one) => [`Texts: ${one.topic}`, () => app.go(`#/messages/${one.id}`)]),
  ];
}

export function palette(app) {
  const ui = (app.ui.palette ??= { text: "", at: 0 });
  const search = () => choices(app).filter(([name]) => matches(name, ui.text)).slice(0, SHOWN);
  const found = search();
  ui.at = Math.max(0, Math.min(ui.at, found.length - 1));
  const run = (at) => {
    // What was typed may not be drawn yet.
    const chosen = search()[at];
    app.ui.palette = undefined;
    app.close();
    chosen?.[1]();
  };
  const keys = { ArrowDown: 1, ArrowUp: -1 };
  return [form({ class: "palette", key: "palette" }, () => run(ui.at),
    h("h2.unseen", "Do anything"),
    h("input", {
      type: "text", autofocus: true, "aria-label": "Do anything", role: "combobox", "aria-expanded": "true", "aria-controls": "choices",
      "aria-activedescendant": found.length ? `choice-${ui.at}` : null, autocomplete: "off", placeholder: "Type what to do",
      oninput: (event) => { ui.text = event.target.value; ui.at = 0; app.draw(); },
      onkeydown: (event) => {
        if (!keys[event.key]) return;
        event.preventDefault();
        ui.at += keys[event.key];
        app.draw();
      },
    }),
    h("ul", { id: "choices", role: "listbox", "aria-label": "Found" }, found.map(([name], at) => h("li", {
      key: name, id: `choice-${at}`, role: "option", "aria-selected": String(at === ui.at), onclick: () => run(at),
    }, name))),
    found.length ? null : h("p.meta", "Nothing by that name."))];
}

export function keySheet(app) {
  const isOn = app.kept("keys", "on") === "on";
  return [h("h2", "Keys"),
    h("dl.facts.keys", KEYS(app).map(([keys, does]) => h("div", { key: keys }, h("dt", h("kbd", keys)), h("dd", does)))),
    h("div.actions",
      h("button", { "aria-pressed": String(isOn), onclick: () => app.keep("keys", isOn ? "off" : "on") }, isOn ? "Switch single keys off" : "Switch single keys on"),
      h("button", { onclick: () => app.close() }, "Close"))];
}
