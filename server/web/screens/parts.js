// What screens have in common: their heads, panels with their states, buttons that wait, lists, times, filters.
import { h, icon, memo } from "../core/dom.js";
import { capital, refused, words } from "../core/words.js";
import { href } from "../core/router.js";

/** What was refused, once and where nothing else told it. */
export function told(app) {
  const { fault } = app;
  if (!fault || fault.shown) return null;
  fault.shown = true;
  return [h("span", fault.text), fault.links.map(([text, address]) => [" ", h("a", { href: address, key: address }, text)])];
}

/** A screen's first line, with its title. */
export function head(app, title, ...actions) {
  app.title = title;
  return h("div.head", { key: "head" }, h("h1", title), actions.length ? h("div.actions", actions) : null);
}

/** A titled part of a screen. */
export function panel(title, { actions = [], class: name = "", key = title }, ...content) {
  return h("section", { class: `panel ${name}`, key, "aria-label": title },
    h("header", h("h2", title), h("div.actions", actions)), content);
}

/** A list and the one of it that is chosen, beside each other where there is room. */
export const beside = (id, label, items, none, detail) => h("div", { class: `list-detail ${id ? "chosen" : ""}`, key: "body" },
  h("div.list", items.length ? h("ul.items", { "aria-label": label }, items) : none), h("div.detail", { key: `detail-${id}` }, detail));

/** A line of such a list. */
export const item = (row, address, isChosen, title, ...more) => h("li", { key: row.id, "data-row": true }, h("a", { href: address, "aria-current": isChosen }, h("b", title), more));

/** A link to one of several views; `isHere` is the one that is shown. */
export const view = (text, address, isHere) => h("a.choice", { href: address, key: text, "aria-current": isHere }, text);

/** What was loaded, or that it is loading, or that it failed and how to try again. */
export function shown(app, key, entry, draw) {
  if (entry.status === "loading") return h("p.loading", { role: "status" }, "Loading…");
  if (entry.status === "failed") return failure(entry.error, () => app.reload(key, entry.ask));
  return draw(entry.data);
}

/** As `shown`, of what is at this path. */
export const loaded = (app, path, draw, key = path) => shown(app, key, app.get(path, key), draw);

export function failure(error, retry) {
  const isDenied = error.status === 403 || error.status === 404;
  return h("div.empty", { role: "alert" },
    h("p", isDenied ? "This is not there, or not for you to see." : refused(error).text),
    isDenied ? null : h("button", { onclick: retry }, "Try again"));
}

export const empty = (text, ...more) => h("div.empty", h("p", text), more);

/** A button for a command: `key` names it while it waits; `confirm` is asked first. */
export function act(app, label, symbol, name, args, { confirm, class: kind = "", hotkey, disabled, after } = {}) {
  const key = `${name}:${JSON.stringify(args)}`;
  const waits = app.pending.has(key);
  const run = async () => {
    const ack = await app.act(key, name, args);
    if (ack.ok) after?.(ack.data);
  };
  return h("button", {
    class: kind, "aria-busy": waits, disabled: waits || disabled,
    "data-key": hotkey, key: `act-${name}-${label}`,
    // A second click of a double one would take it back.
    onclick: ({ detail }) => detail < 2 && (confirm ? ask(app, confirm, label, run) : run()),
  }, symbol ? icon(symbol) : null, h("span", label));
}

/** A question before something that cannot be taken back. */
export function ask(app, question, label, run) {
  app.open(() => [
    h("form", { method: "dialog", key: "ask", onsubmit: () => { app.close(); run(); } },
      h("h2", question),
      h("div.actions",
        h("button.danger", { autofocus: true }, label),
        h("button", { onclick: () => app.close() }, "Cancel"))),
  ]);
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

// Columns of many lists.
export const topic = ["Topic", (row) => row.topic, "topic"];
export const state = ["State", (row) => status(row.status), "status"];
export const when = ["When", (row) => time(row.created_at), "created_at"];

/** A table that becomes cards on a narrow screen; `columns` are [title, row -> content, sort name];
    `order` is {by: "-when", again(by)} where the columns can be sorted by their heads, and {of(row)}
    where a row is drawn anew only when something of what it is made of is another. */
export function table(label, columns, rows, link, order) {
  // Roles, because browsers forget those of a table that is laid out as something else.
  return h(order?.of ? "table.rows.lively" : "table.rows", { "aria-label": label, role: "table" },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns.map(([title, , name]) => column(title, order?.by && name, order)))),
    h("tbody", { role: "rowgroup" }, rows.map((row) => {
      const draw = () => h("tr", { key: row.id, "data-row": true, role: "row" }, columns.map(([title, content], at) => h("td", { "data-title": title, role: "cell" },
        at === 0 && link ? h("a", { href: link(row) }, content(row)) : content(row))));
      return order?.of ? memo(row, order.of(row), draw) : draw();
    })));
}

/** The table, or that there is nothing in it. */
export const listing = (none, label, columns, rows, ...more) => (rows.length ? table(label, columns, rows, ...more) : empty(none));

function column(title, name, order) {
  if (!name) return h("th", { scope: "col", role: "columnheader" }, title);
  const [isUp, isDown] = [order.by === name, order.by === `-${name}`];
  return h("th", { scope: "col", role: "columnheader", "aria-sort": isUp ? "ascending" : isDown ? "descending" : null },
    h("button.sort", { onclick: () => order.again(isDown ? name : `-${name}`) }, title, isUp ? " ↑" : isDown ? " ↓" : ""));
}

/** Goes to the same place with another value in the address, as of what is typed or chosen. */
const keeps = (app, name) => ({ target }) => target.validity.valid && app.go(href(app.route.path, { ...app.route.query, [name]: target.value }), true);

/** A choice kept in the address; `options` are [value, words]. */
export const choice = (app, name, label, options) => select(options, {
  "aria-label": label, value: app.route.query[name] ?? "", key: `choice-${name}`, onchange: keeps(app, name),
});

/** One of [value, words]. */
export const select = (options, props) => h("select", props, options.map(([value, text]) => h("option", { value, key: value }, text)));

/** Puts a text on the clipboard. */
export function copyButton(app, label, text) {
  return h("button.small", {
    key: `copy-${label}`,
    onclick: () => navigator.clipboard?.writeText(text()).then(() => app.tell("Copied."), () => app.announcer.fail("The browser did not let us copy.")),
  }, label);
}

export const copyId = (app, row) => copyButton(app, "Copy id", () => row.id);

/** A telephone number, never broken over two lines. */
export const number = (text) => h("span.number", text);

/** A filter kept in the address. */
export const filter = (app, name, label) => h("input", {
  type: "search", maxlength: "100", "data-filter": true, "aria-label": label, placeholder: `${label}  /`, value: app.route.query[name] ?? "", oninput: keeps(app, name),
});

/** A day, or a month, kept in the address, once its year is typed. */
export const day = (app, name, label, type = "date") => h("label.tick", { key: name }, label, h("input", {
  type, min: type === "date" ? "2000-01-01" : "2000-01", max: type === "date" ? "2199-12-31" : "2199-12",
  placeholder: type === "month" && "2026-01", value: app.route.query[name] ?? "", onchange: keeps(app, name),
}));

export const matches = (text, wanted) => !wanted || text.toLowerCase().includes(wanted.toLowerCase());

/** Whether anything of a row has the words. */
export const any = (row, wanted) => matches(Object.values(row).map((each) => (typeof each === "object" ? JSON.stringify(each) : each)).join(" "), wanted);

/** [name, content] pairs as a list of facts; pairs without content are left out. */
export const facts = (pairs) => h("dl.facts",
  pairs.filter(([, content]) => content !== null && content !== "" && content !== undefined)
    .map(([name, content]) => h("div", { key: name }, h("dt", name), h("dd", content))));
