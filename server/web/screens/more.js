// More: the places a narrow screen has no room for, colours, keys, and signing out.
import { h, icon } from "../core/dom.js";
import { capital } from "../core/format.js";
import { places } from "../core/places.js";
import { allowed, chime } from "../core/notices.js";
import { tick } from "./forms.js";
import { head, panel } from "./parts.js";

const ROLES = { user: "", admin: "administrator · ", operator: "operator · " };

// The browser is asked only when a person wants it.
async function notify(app, box) {
  const isOn = box.checked && await allowed();
  if (box.checked && !isOn) app.tell("The browser does not allow notifications from this page.");
  app.keep("notify", isOn ? "on" : "off");
}

export function more(app) {
  const theme = app.kept("theme", "system");
  const keys = app.kept("keys", "on");
  return [
    head(app, "More"),
    panel("Places", {}, h("ul.links", places(app).filter((place) => place.minor).map((place) => h("li", { key: place.at }, h("a", { href: `#/${place.at}` }, icon(place.symbol), " ", place.name))))),
    panel("Settings", {},
      h("fieldset", h("legend", "Colours"), ["system", "light", "dark"].map((name) => tick(name, { type: "radio", name: "theme", value: name, checked: theme === name, onchange: () => app.theme(name) }))),
      tick(h("span", "Single keys do things (", h("kbd", "?"), " shows which)"), { name: "keys", checked: keys === "on", onchange: (event) => app.keep("keys", event.target.checked ? "on" : "off") }),
      h("fieldset", h("legend", "When a call rings, is picked up, needs somebody or ends badly, or a text or e-mail comes"),
        tick("notice on the desktop, while this page is not in sight", { name: "notify", checked: app.kept("notify", "off") === "on", onchange: (event) => notify(app, event.target) }),
        tick("a short sound", { name: "sound", checked: app.kept("sound", "off") === "on", onchange: (event) => { app.keep("sound", event.target.checked ? "on" : "off"); if (event.target.checked) chime(); } })),
      h("button", { onclick: () => app.keySheet() }, "Show the keys")),
    panel("You", {}, h("p", app.session.email, app.me ? ` · ${ROLES[app.me.role]}plan ${capital(app.state.plan ?? app.me.plan)}` : ""),
      h("button.danger", { onclick: () => app.leave() }, "Sign out")),
  ];
}
