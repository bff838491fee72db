// History: everything there ever was of one kind, read page by page, searched, filtered by the
// address, and exported by the page itself.
import { h } from "../core/dom.js";
import { capital, csv, words } from "../core/format.js";
import { href } from "../core/router.js";
import { empty, failure, filter, matches, number, status, table, time } from "./parts.js";

const PAGE = 100;
const DRAWN = 200;
const MOST_PAGES = 50; // a search reads so far back at most, in one go

const KINDS = {
  calls: {
    path: "/v1/calls", place: "calls", text: (row) => `${row.topic} ${row.user_phone_number} ${row.status} ${row.end_reason} ${row.answered_by}`,
    state: (row) => row.status,
    columns: [["Topic", (row) => row.topic], ["Number", (row) => number(row.user_phone_number)], ["State", (row) => status(row.status)], ["Why", (row) => words(row.end_reason)],
      ["Answered by", (row) => words(row.answered_by)], ["Seconds", (row) => row.duration_seconds ?? ""], ["When", (row) => time(row.created_at)]],
    export: ["id", "created_at", "topic", "user_phone_number", "status", "answered_by", "answered_time", "ended_time", "duration_seconds", "end_reason"],
  },
  conversations: {
    path: "/v1/conversations", place: "messages", text: (row) => `${row.topic} ${row.phone_number} ${row.status} ${row.end_reason}`, state: (row) => row.status,
    columns: [["Topic", (row) => row.topic], ["Number", (row) => number(row.phone_number)], ["State", (row) => status(row.status)], ["Texts", (row) => row.message_count], ["Why", (row) => words(row.end_reason)], ["When", (row) => time(row.created_at)]],
    export: ["id", "created_at", "topic", "phone_number", "status", "message_count", "current_exchange", "end_reason"],
  },
  emails: {
    path: "/v1/emails", place: "emails", text: (row) => `${row.subject} ${row.recipient_email} ${row.topic} ${row.delivery} ${row.error}`, state: (row) => row.delivery,
    columns: [["Subject", (row) => row.subject || "(none)"], ["To", (row) => row.recipient_email], ["State", (row) => status(row.delivery)], ["Reason", (row) => row.error ?? ""], ["When", (row) => time(row.created_at)]],
    export: ["id", "created_at", "subject", "recipient_email", "from_email", "topic", "delivery", "error"],
  },
};

export function history(app, { query }) {
  app.title = "History";
  const name = KINDS[query.kind] ? query.kind : "calls";
  const kind = KINDS[name];
  const read = (app.ui.history ??= {})[name] ??= { rows: [], cursor: undefined, waits: false };
  if (read.cursor === undefined && !read.waits && !read.error) more(app, name, 1);
  const states = [...new Set(read.rows.map(kind.state))].sort();
  const found = read.rows.map((row) => app.state[name][row.id] ?? row).filter((row) => matches(kind.text(row), query.q) && (!query.state || kind.state(row) === query.state));
  const again = (state) => app.go(href(["history"], { ...query, state }), true);
  return [
    h("div", { class: "head", key: "head" }, h("h1", {}, "History"), h("div", { class: "actions" },
      Object.keys(KINDS).map((each) => h("a", { key: each, class: "choice", href: href(["history"], { kind: each, q: query.q }), "aria-current": each === name ? "true" : null }, capital(each))))),
    h("div", { class: "tools", key: "tools" },
      filter(app, "q", "Search words, numbers, outcomes"),
      h("select", { "aria-label": "State", value: query.state ?? "", onchange: (event) => again(event.target.value) }, h("option", { value: "", key: "any" }, "Any state"), states.map((each) => h("option", { value: each, key: each }, capital(words(each))))),
      h("button", { type: "button", onclick: () => save(`${name}.csv`, "text/csv", csv(found, kind.export)), disabled: !found.length }, "Export CSV"),
      h("button", { type: "button", onclick: () => save(`${name}.json`, "application/json", JSON.stringify(found, null, 1)), disabled: !found.length }, "Export JSON")),
    h("p", { class: "meta", key: "count", role: "status" }, `${found.length} of ${read.rows.length} read${read.cursor ? ", there are older ones" : ""}`),
    read.error ? failure(read.error, () => more(app, name, 1)) : null,
    found.length ? table(`Earlier ${name}`, kind.columns, found.slice(0, DRAWN), (row) => `#/${kind.place}/${row.id}`) : read.waits ? null : empty("Nothing here matches."),
    found.length > DRAWN ? h("p", { class: "meta", key: "capped" }, `The first ${DRAWN} are shown; the export holds all.`) : null,
    read.waits ? h("p", { class: "loading", key: "loading", role: "status" }, "Loading…") : null,
    read.cursor && !read.waits ? h("div", { class: "actions", key: "more" },
      h("button", { type: "button", onclick: () => more(app, name, 1) }, "Older ones"), h("button", { type: "button", onclick: () => more(app, name, MOST_PAGES) }, "Read all")) : null,
  ];
}

async function more(app, name, pages) {
  const read = app.ui.history[name];
  read.waits = true;
  read.error = null;
  try {
    for (let page = 0; page < pages && read.cursor !== null; page++) {
      const cursor = read.cursor ? `&cursor=${encodeURIComponent(read.cursor)}` : "";
      const answer = await app.session.get(`${KINDS[name].path}?limit=${PAGE}${cursor}`);
      read.rows = [...read.rows, ...answer[name]];
      read.cursor = answer.cursor;
      app.draw();
    }
  } catch (error) {
    read.error = error;
  }
  read.waits = false;
  app.draw();
}

function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
