// More: the places a narrow screen has no room for, colours, keys, and signing out.
import { h, icon } from "../core/dom.js";
import { capital } from "../core/format.js";
import { places } from "../core/places.js";
import { allowed, chime } from "../core/notices.js";
import { panel } from "./parts.js";

const ROLES = { user: "", admin: "administrator · ", operator: "operator · " };

// The browser is asked only when a person wants it.
async function notify(app, box) {
  const isOn = box.checked && await allowed();
  if (box.checked && !isOn) app.tell("The browser does not allow notifications from this page.");
  app.keep("notify", isOn ? "on" : "off");
}

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
      h("label", { class: "tick" }, h("input", { type: "checkbox", checked: keys === "on", onchange: (event) => app.keep("keys", event.target.checked ? "on" : "off") }), h("span", {}, "Single keys do things (", h("kbd", {}, "?"), " shows which)")),
      h("fieldset", {}, h("legend", {}, "When somebody picks up, a call ends, or a text or e-mail comes"),
        h("label", { class: "tick" }, h("input", { type: "checkbox", name: "notify", checked: app.kept("notify", "off") === "on", onchange: (event) => notify(app, event.target) }), h("span", {}, "notice on the desktop, while this page is not in sight")),
        h("label", { class: "tick" }, h("input", { type: "checkbox", name: "sound", checked: app.kept("sound", "off") === "on", onchange: (event) => { app.keep("sound", event.target.checked ? "on" : "off"); if (event.target.checked) chime(); } }), "a short sound")),
      h("button", { type: "button", onclick: () => app.keySheet() }, "Show the keys")),
    panel("You", { key: "you" }, h("p", {}, app.session.email, app.me ? ` · ${ROLES[app.me.role]}plan ${capital(app.state.plan ?? app.me.plan)}` : ""),
      h("button", { type: "button", class: "danger", onclick: () => app.leave() }, "Sign out")),
  ];
}
