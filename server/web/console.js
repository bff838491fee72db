// Begins the console: settings, session, live socket, keys; draws once per frame after a change.
import "./core/elements.js";
import { App } from "./app.js";
import { spokenOf } from "./core/announce.js";
import { h, render } from "./core/dom.js";
import { keyboard } from "./core/keys.js";
import { Link } from "./core/link.js";
import { agree } from "./core/now.js";
import { Session, read } from "./core/session.js";
import { give, noticeOf } from "./core/notices.js";
import { apply, empty, fromCall, fromSnapshot } from "./core/store.js";
import { TAGS } from "./screens/calls/annotations.js";
import { tells } from "./screens/forms.js";
import { told } from "./screens/parts.js";
import { shell } from "./screens/shell.js";
import { arrive, signIn } from "./screens/signin.js";

const root = document.getElementById("app");
const dialog = document.getElementById("dialog");
const beat = new Worker("/web/core/beat.js");

// Back from the payment page.
const paid = new URLSearchParams(location.search).get("checkout");
const settings = await read(await fetch("/console.json"));
const app = new App(settings, new Session(settings), draw);
let wanted = false;
let shownPath = null;
// How far down each place was when it was left: the browser would keep that of the one before.
const scrolled = {};
history.scrollRestoration = "manual";
let shownDialog = null;
// Back by a mail's link, whose address is nobody else's.
const back = new URLSearchParams(`${location.search.slice(1)}&${location.hash.slice(1)}`);
const arrived = back.get("code") || back.get("error_code");
if (arrived) {
  history.replaceState(null, "", "/");
  app.moved();
  if (back.has("code")) app.session.keep(null);
}
if (paid) {
  history.replaceState(null, "", `/${location.hash || "#/plan"}`);
  app.moved();
  app.said = "Thank you, the payment went through. The plan counts as soon as the payment service has told us, mostly within seconds.";
}

function draw() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => {
    wanted = false;
    paint();
  });
}

function paint() {
  const isIn = Boolean(app.session.tokens);
  tells(isIn && app.dialog ? app.fault : null);
  const content = isIn && app.dialog ? [app.dialog(app)] : [];
  if (content.length) content.push(h("div.fault", { role: "alert", key: "fault" }, told(app)), app.notice && h("p.notice", { key: "notice", role: "status" }, app.notice));
  const path = app.route.path.join("/");
  const isElsewhere = shownPath !== null && path !== shownPath;
  if (isElsewhere) scrolled[shownPath] = scrollY;
  const held = document.activeElement;
  const link = (held?.closest("a") ?? held?.closest("[data-row]")?.querySelector("a"))?.getAttribute("href");
  render(root, isIn ? shell(app) : signIn(app));
  // What had the focus is drawn in another lane.
  if (link && document.activeElement === document.body) document.querySelector(`main a[href="${link}"]`)?.focus({ preventScroll: true });
  render(dialog, content);
  const isAnother = app.dialog && app.dialog !== shownDialog;
  if (app.dialog) shownDialog = app.dialog;
  if (isIn && app.dialog && !dialog.open) dialog.showModal();
  else if (!app.dialog && dialog.open) dialog.close();
  // In the place of one that had the focus.
  else if (isAnother) (dialog.querySelector("[autofocus]") ?? dialog.querySelector("input, button"))?.focus();
  document.title = app.title ? `${app.title} · Talking App` : "Talking App";
  if (isElsewhere) {
    document.getElementById("main")?.focus();
    scrollTo(0, scrolled[path] ?? 0);
  }
  shownPath = isIn ? path : null;
}

// Esc closes it by itself; by the time it says so another one may be wanted already.
function dismissed() {
  if (app.dialog === shownDialog) app.dialog = null;
  draw();
}
dialog.addEventListener("cancel", dismissed);
dialog.addEventListener("close", dismissed);

app.onSignedIn = () => {
  app.link?.close();
  app.state = empty;
  let wasLive = false;
  app.link = new Link({
    newTicket: async () => (await app.session.post("/v1/tickets")).ticket,
    handlers: {
      status: (link) => {
        if (link.state === "refused") app.refused(link.why);
        agree(link.ahead);
        const isLive = link.state === "live";
        if (isLive && !wasLive) app.again();
        wasLive = isLive;
        draw();
      },
      snapshot: (topic, data) => {
        if (topic === "me") {
          app.state = fromSnapshot(data, app.state);
          app.forget("journal:");
          app.forget("standing:");
          app.forget("scheduled");
          app.forget("annotations:");
        }
        else if (topic.startsWith("call:")) app.state = fromCall(data, app.state);
        else app.state = { ...app.state, [topic]: data };
        app.ready ||= topic === "me";
        draw();
      },
      event: (message) => {
        app.state = apply(app.state, message);
        if (message.type === "call.tagged") app.forget(TAGS);
        const spoken = message.eph ? null : spokenOf(message);
        const notice = message.eph ? null : noticeOf(message, app.state);
        if (notice && message.topic === "me") give(app, notice);
        if (spoken?.failed) app.announcer.fail(spoken.text);
        else if (spoken) app.announcer.say(spoken.text);
        draw();
      },
    },
  });
  app.link.open();
  app.begin();
};

beat.onmessage = () => app.link?.tick();
document.addEventListener("visibilitychange", () => { if (!document.hidden) app.link?.wake(); });
addEventListener("online", () => app.link?.wake());
addEventListener("offline", () => app.link?.drop());
addEventListener("hashchange", () => app.moved());
keyboard(app);
app.theme(app.kept("theme", "system"));
if (app.session.tokens) app.onSignedIn();
if (arrived) arrive(app, back.get("code"), back.has("error_code") && { code: back.get("error_code"), message: back.get("error_description") ?? "" });
draw();
