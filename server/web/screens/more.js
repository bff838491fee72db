// More: the places a narrow screen has no room for, colours, keys, and signing out.
import { h, icon } from "../core/dom.js";
import { places } from "../core/places.js";
import { panel } from "./parts.js";

export function more(app) {
  app.title = "More";
  const theme = app.kept("theme", "system");
  const keys = app.kept("keys", "on");
  return [
    h("div", { class: "head", key: "head" }, h("h1", {}, "More")),
    panel("Places", { key: "places" }, h("ul", { class: "links" }, places(app).filter((place) => place.minor).map((place) => h("li", { key: place.at }, h("a", { href: `#/${place.at}` }, icon(place.symbol), " ", place.name))))),
    panel("Settings", { key: "settings" },
      h("fieldset", {}, h("legend", {}, "Colours"), ["system", "light", "dark"].map((name) => h("label", { class: "tick", key: name },
        h("input", { type: "radio", name: "theme", checked: theme === name, onchange: () => app.theme(name) }), name))),
      h("label", { class: "tick" }, h("input", { type: "checkbox", checked: keys === "on", onchange: (event) => app.keep("keys", event.target.checked ? "on" : "off") }), "Single keys do things (", h("kbd", {}, "?"), " shows which)"),
      h("button", { type: "button", onclick: () => app.keySheet() }, "Show the keys")),
    panel("You", { key: "you" }, h("p", {}, app.session.email, app.me ? ` · ${app.me.role} · plan ${app.state.plan ?? app.me.plan}` : ""),
      h("button", { type: "button", class: "danger", onclick: () => app.leave() }, "Sign out")),
  ];
}
