// What screens have in common: panels with their states, buttons that wait, fields, times, filters.
import { h, icon } from "../core/dom.js";
import { capital, words } from "../core/format.js";
import { href } from "../core/router.js";

let atFault = null;

/** A drawing begins in which this refusal is told: at its field if that is drawn, which marks it. */
export function tells(fault) {
  atFault = fault && Object.assign(fault, { shown: false });
}

/** What was refused, once and where nothing else told it. */
export function told(app) {
  const { fault } = app;
  if (!fault || fault.shown) return null;
  fault.shown = true;
  return [h("span", {}, fault.text), fault.links.map(([text, address]) => h("a", { href: address, key: address, onclick: () => app.close() }, text))];
}

/** A titled part of a screen. */
export function panel(title, { actions = [], class: name = "", key } = {}, ...content) {
  return h("section", { class: `panel ${name}`, key, "aria-label": title },
    h("header", {}, h("h2", {}, title), h("div", { class: "actions" }, actions)), content);
}

/** What was loaded, or that it is loading, or that it failed and how to try again. */
export function shown(app, key, entry, draw) {
  if (entry.status === "loading") return h("p", { class: "loading", role: "status" }, "Loading…");
  if (entry.status === "failed") return failure(entry.error, () => app.reload(key, entry.ask));
  return draw(entry.data);
}

export function failure(error, retry) {
  const isDenied = error.status === 403 || error.status === 404;
  return h("div", { class: "empty", role: "alert" },
    h("p", {}, isDenied ? "Not available to you here." : error.message),
    isDenied ? null : h("button", { type: "button", onclick: retry }, "Try again"));
}

export const empty = (text, ...more) => h("div", { class: "empty" }, h("p", {}, text), more);

/** A button for a command: `key` names it while it waits; `confirm` is asked first. */
export function act(app, { label, symbol, name, args, confirm, class: kind = "", hotkey, disabled, after }) {
  const key = `${name}:${JSON.stringify(args)}`;
  const waits = app.pending.has(key);
  const run = async () => {
    const ack = await app.act(key, name, args);
    if (ack.ok) after?.(ack.data);
  };
  return h("button", {
    type: "button", class: kind, "aria-busy": waits ? "true" : null, disabled: waits || disabled,
    "data-key": hotkey, key: `act-${name}-${label}`,
    onclick: () => (confirm ? ask(app, confirm, label, run) : run()),
  }, symbol ? icon(symbol) : null, h("span", {}, label));
}

/** A question before something that cannot be taken back. */
export function ask(app, question, label, run) {
  app.open(() => [
    h("form", { method: "dialog", key: "ask", onsubmit: () => { app.close(); run(); } },
      h("h2", {}, question),
      h("div", { class: "actions" },
        h("button", { class: "danger", autofocus: true }, label),
        h("button", { type: "button", onclick: () => app.close() }, "Cancel"))),
  ]);
}

/** A control with its label; a refusal that names the control is told here, and nowhere else. */
export function field(label, control, hint = null) {
  const { name } = control.props;
  const isAtFault = atFault !== null && name === atFault.field && !atFault.shown;
  if (isAtFault) {
    atFault.shown = true;
    Object.assign(control.props, { "aria-invalid": "true", "aria-describedby": `fault-${name}` });
  }
  return h("label", { class: "field", key: `field-${label}` }, h("span", {}, label), control, hint ? h("small", {}, hint) : null,
    isAtFault ? h("small", { class: "fault", id: `fault-${name}`, role: "alert" }, atFault.text, atFault.links.map(([text, address]) => [" ", h("a", { href: address, key: address }, text)])) : null);
}

const clocks = [undefined, "2-digit"].map((second) => new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second }));
const days = new Intl.DateTimeFormat([], { day: "numeric", month: "short", year: "numeric" });

/** Local time, with the date when it is not today's; UTC on hover. */
export function time(iso, { seconds = false } = {}) {
  if (!iso) return null;
  const at = new Date(iso);
  const isToday = at.toDateString() === new Date().toDateString();
  const clock = clocks[Number(seconds)].format(at);
  return h("time", { datetime: iso, title: `${iso} (UTC)` }, isToday ? clock : `${days.format(at)}, ${clock}`);
}

const MOODS = {
  talking: "good", delivered: "good", active: "good", voicemail: "good", received: "good",
  waiting: "warn", answered: "warn", ringing: "warn", initiating: "warn", paused: "warn", deferred: "warn",
  queued: "warn", writing: "warn", sending: "warn", unknown: "warn",
  failed: "bad", lost: "bad", bounce: "bad", blocked: "bad", dropped: "bad", refused: "bad", spamreport: "bad", undelivered: "bad",
};

export const status = (name) => h("span", { class: `status ${MOODS[name] ?? ""}` }, capital(words(name)));

/** A table that becomes cards on a narrow screen; `columns` are [title, row -> content, sort name];
    `order` is {by: "-when", again(by)} where the columns can be sorted by their heads. */
export function table(label, columns, rows, link, order) {
  return h("table", { class: "rows", "aria-label": label },
    h("thead", {}, h("tr", {}, columns.map(([title, , name]) => head(title, order && name, order)))),
    h("tbody", {}, rows.map((row) => h("tr", { key: row.id, "data-row": true },
      columns.map(([title, content], at) => h("td", { "data-title": title },
        at === 0 && link ? h("a", { href: link(row) }, content(row)) : content(row)))))));
}

function head(title, name, order) {
  if (!name) return h("th", { scope: "col" }, title);
  const [isUp, isDown] = [order.by === name, order.by === `-${name}`];
  return h("th", { scope: "col", "aria-sort": isUp ? "ascending" : isDown ? "descending" : null },
    h("button", { type: "button", class: "sort", onclick: () => order.again(isDown ? name : `-${name}`) }, title, isUp ? " ↑" : isDown ? " ↓" : ""));
}

/** A choice kept in the address; `options` are [value, words]. */
export function choice(app, name, label, options) {
  const { path, query } = app.route;
  return h("select", { "aria-label": label, value: query[name] ?? "", key: `choice-${name}`, onchange: (event) => app.go(href(path, { ...query, [name]: event.target.value }), true) },
    options.map(([value, text]) => h("option", { value, key: value }, text)));
}

/** Puts a text on the clipboard. */
export function copyButton(app, label, text) {
  return h("button", {
    type: "button", class: "small", key: `copy-${label}`,
    onclick: () => navigator.clipboard?.writeText(text()).then(() => app.tell("Copied."), () => app.announcer.fail("The browser did not let us copy.")),
  }, label);
}

/** A telephone number, never broken over two lines. */
export const number = (text) => h("span", { class: "number" }, text);

/** A filter kept in the address. */
export function filter(app, name, label) {
  const { path, query } = app.route;
  return h("input", {
    type: "search", "data-filter": true, "aria-label": label, placeholder: `${label}  /`, value: query[name] ?? "",
    oninput: (event) => app.go(href(path, { ...query, [name]: event.target.value }), true),
  });
}

export const matches = (text, wanted) => !wanted || text.toLowerCase().includes(wanted.toLowerCase());

/** Who may talk, as an entry of what was loaded. */
export const agentList = (app) => app.load("agents", () => app.session.get("/v1/agents"));

/** A choice of who talks, where there is one. */
export function agentChoice(app, chosen = "") {
  const found = agentList(app).data?.agents ?? [];
  return found.length ? field("Agent", h("select", { name: "agent", value: chosen }, [["", "As configured"], ...found.map((one) => [one.slug, one.name])]
    .map(([slug, text]) => h("option", { value: slug, key: slug }, text)))) : null;
}

export const value = (form, name) => form.elements[name].value.trim();

/** [name, content] pairs as a list of facts; pairs without content are left out. */
export const facts = (pairs) => h("dl", { class: "facts" },
  pairs.filter(([, content]) => content !== null && content !== "" && content !== undefined)
    .map(([name, content]) => h("div", { key: name }, h("dt", {}, name), h("dd", {}, content))));
