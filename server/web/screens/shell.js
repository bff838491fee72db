// The frame around every screen: places to go, how the link is, what went wrong, what is new.
import { h, icon, sign } from "../core/dom.js";
import { tells } from "./forms.js";
import { head, shown, told } from "./parts.js";
import { places } from "../core/places.js";
import { isOver, newestFirst } from "../core/store.js";
import { call } from "./calls/call.js";
import { emails } from "./texts-and-mails/emails.js";
import { history } from "./calls/history.js";
import { live } from "./calls/live.js";
import { messages } from "./texts-and-mails/messages.js";
import { newCall } from "./calls/new.js";
import { keySheet, palette } from "./palette.js";
import { plan } from "./account/plan.js";
import { more } from "./more.js";

// Screens that not everybody opens come when somebody does.
const LATER = { admin: "admin", events: "admin", agents: "admin", sandbox: "admin", pictures: "account", numbers: "account", privacy: "account", build: "account", scheduled: "calls" };
const later = (name) => (app, route) => {
  const key = `module:${name}`;
  const entry = app.load(key, () => import(`./${LATER[name]}/${name}.js`));
  return entry.data ? entry.data[name](app, route) : named(app, shown(app, key, entry));
};
// What is not there yet, below the name of its place.
const named = (app, content) => [head(app, places(app).find(({ at }) => at === (app.route.path[0] ?? ""))?.name ?? "Talking App"), content];

const SCREENS = {
  "": live, messages, emails, plan, history, more, calls: call,
  ...Object.fromEntries(Object.keys(LATER).map((name) => [name, later(name)])),
};

export function shell(app) {
  app.newCall ??= () => app.open(newCall);
  app.palette ??= () => {
    app.ui.palette = undefined;
    app.open(palette);
  };
  app.keySheet ??= () => app.open(keySheet);
  app.newestCall ??= () => {
    const [one] = newestFirst(app.state.calls).filter((each) => !isOver(each));
    return one ? `#/calls/${one.id}` : null;
  };
  const at = app.route.path[0] ?? "";
  const screen = Object.hasOwn(SCREENS, at) ? SCREENS[at] : nowhere;
  if (!app.dialog) tells(app.fault);
  const content = app.ready ? drawn(app, screen) : named(app, h("p.loading", { role: "status" }, "Loading…"));
  return [
    h("button.skip", { key: "skip", onclick: () => document.getElementById("main").focus() }, "Skip to the content"),
    h("header.top", { key: "top" },
      h("a.brand", { href: "#/", "aria-label": "Talking App, live calls" }, h("img", { src: "/web/icon.svg", alt: "", width: "28", height: "28" }), h("span", "Talking App")),
      pill(app),
      h("button.quiet.wide", { onclick: () => app.palette() }, sign("search", "Do anything"), h("kbd", "Ctrl K")),
      h("button.primary.new-call", { "aria-label": "New call", onclick: () => app.newCall() }, sign("call", "New call"))),
    h("nav", { key: "nav", "aria-label": "Places" }, places(app).map((place) => h("a", {
      href: `#/${place.at}`, class: place.minor && "minor", key: place.at,
      title: place.name, "aria-current": place.at === at || (place.at === "" && at === "calls") ? "page" : null,
    }, sign(place.symbol, place.short)))),
    h("main", { id: "main", tabindex: "-1", key: "main" },
      bar(app),
      app.said && h("div.said", { key: "said", role: "status" }, h("span", app.said), dismiss(() => { app.said = null; app.draw(); })),
      open(app),
      app.notice && !app.dialog && h("p.notice", { key: "notice", role: "status" }, app.notice),
      h("div.screen", { key: `screen-${app.route.path.join("/")}` }, content)),
    app.passing && h("p.passing", { key: "passing", "aria-hidden": "true" }, app.passing),
  ];
}

// An address may ask for what no screen can draw.
function drawn(app, screen) {
  try {
    return screen(app, app.route);
  } catch (fault) {
    console.error(fault);
    return nowhere(app);
  }
}

function bar(app) {
  const words = app.dialog ? null : told(app);
  return words && h("div.fault-bar", { key: "fault" }, words,
    app.fault.code && h("a", { href: `/errors/${app.fault.code}`, target: "_blank", rel: "noreferrer" }, "Why?"), dismiss(() => { app.fault = null; app.draw(); }));
}

// A call that one hears or speaks in, wherever else one is.
function open({ ear, state, route }) {
  if (!ear || ear.fault || route.path[1] === ear.call) return null;
  const call = state.calls[ear.call] ?? state.others[ear.call];
  return h("p.notice", { key: "ear", role: "status" }, `You ${ear.talk ? "speak in" : "hear"} the call `, h("a", { href: `#/calls/${ear.call}` }, call?.topic ?? "that you left"), ".");
}

const dismiss = (onclick) => h("button.quiet", { "aria-label": "Dismiss", onclick }, icon("close"));

function nowhere(app) {
  app.title = "Nowhere";
  return [h("h1", "There is no such page"), h("p", h("a", { href: "#/" }, "To the live calls"))];
}

function pill(app) {
  const { link } = app;
  const [text, mood] = linkWords(link, Date.now());
  return h("p", { id: "link", class: `pill ${mood}`, "data-state": link?.state ?? "off" }, text);
}

/** The link's state in words, and its colour. */
export function linkWords(link, now) {
  if (!link) return ["Offline", "bad"];
  if (link.state === "joining") return ["Catching up", "warn"];
  if (link.state === "lost") {
    if (!navigator.onLine) return ["Offline", "bad"];
    const seconds = Math.max(0, Math.ceil(((link.dueAt ?? now) - now) / 1000));
    return [`Reconnecting in ${seconds} s`, "bad"];
  }
  if (link.asked.size) return ["Catching up", "warn"];
  if (link.eventAt === null) return ["Live", "good"];
  const age = Math.floor((now - link.eventAt) / 1000);
  return [age < 1 ? "Live, now" : `Live, ${age < 60 ? age + " s" : Math.floor(age / 60) + " min"} ago`, "good"];
}
