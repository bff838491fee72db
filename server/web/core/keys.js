// The keyboard map. Single keys do nothing while somebody types, in a dialog, or when switched off.

const PLACES = {
  l: "#/", c: "#/calls", m: "#/messages", e: "#/emails", u: "#/plan", h: "#/history",
  a: "#/admin", s: "#/sandbox", v: "#/events",
};

export const KEYS = [
  ["g then l, m, e, u, h, a, s, v", "Go to Live, Messages, E-mail, Usage and plan, History, Admin, Sandbox, Events"],
  ["g then c", "Go to the newest running call"],
  ["j and k", "Next and previous row"], ["Enter", "Open the row"], ["Esc", "Close, or back to the list"],
  ["n", "New call"], ["m", "Mute or unmute the AI in the shown call"],
  ["t", "Take over the shown call, or give it back"], ["x", "Hang up the shown call, after a question"],
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
  const place = key === "c" ? app.newestCall() : PLACES[key];
  if (place) app.go(place);
  return Boolean(place);
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
