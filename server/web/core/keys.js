// The keyboard map. Single keys do nothing while somebody types, in a dialog, or when switched off.

import { places } from "./places.js";

const PLACES = {
  l: "", c: "calls", m: "messages", e: "emails", u: "plan", p: "pictures", h: "history", n: "numbers", a: "admin", s: "sandbox", v: "events",
};

// Those of places that there are for this person.
const here = (app) => Object.entries(PLACES).flatMap(([key, at]) => places(app).filter((place) => place.at === at).map((place) => [key, place.name]));

/** [keys, what they do], of what there is where one is. */
export const KEYS = (app) => [
  ...here(app).map(([key, name]) => [`g ${key}`, `Go to ${name}`]),
  ["g c", "Go to the newest running call"],
  ["j and k", "Next and previous row"], ["Enter", "Open the row"], ["Esc", "Close, or back to the list"],
  ["n", "New call"], ...(app.route.path[0] === "calls" ? [["m", "Mute or unmute the agent in this call"],
    ["t", "Take over this call, or give it back"], ["x", "Hang up this call, after a question"]] : []),
  ["/", "Filter"], ["?", "This sheet"], ["Ctrl+K", "Do anything by its name"],
];

export function keyboard(app) {
  let going = 0;
  addEventListener("keydown", (event) => {
    if (!app.session.tokens) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return app.palette();
    }
    if (document.querySelector("dialog[open]") || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && app.route.path.length > 1) return app.go(`#/${app.route.path[0] === "calls" ? "" : app.route.path[0]}`);
    if (app.kept("keys", "on") === "off") return;
    const isSecond = Date.now() - going < 1500;
    going = 0;
    const done = isSecond ? goTo(app, event.key) : single(app, event.key);
    if (!isSecond && event.key === "g") going = Date.now();
    if (done) event.preventDefault();
  });
}

const typing = (element) => element.matches?.("input, textarea, select, [contenteditable]") ?? false;

function goTo(app, key) {
  const isHere = here(app).some(([one]) => one === key);
  const address = key === "c" ? app.newestCall() : isHere ? `#/${PLACES[key]}` : null;
  if (address) app.go(address);
  return Boolean(address);
}

function single(app, key) {
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  if (key === "/") {
    const filter = document.querySelector("[data-filter]");
    filter?.focus();
    return Boolean(filter);
  }
  if (key === "n") return app.newCall(), true;
  if (key === "?") return app.keySheet(), true;
  if ("mtx".includes(key)) {
    const button = document.querySelector(`[data-key="${key}"]:not(:disabled)`);
    button?.click();
    return Boolean(button);
  }
  return false;
}

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const row = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  (row.matches("a, button") ? row : row.querySelector("a, button"))?.focus();
  return true;
}
