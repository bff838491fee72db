// History: everything there ever was of one kind, read page by page as the address filters and sorts it.
// The server filters and searches for words, which it keeps sealed. What was read is exported by the
// page itself.
import { h } from "../../core/dom.js";
import { capital, clock, csv, words } from "../../core/format.js";
import { TAGS } from "./annotations.js";
import { many } from "../../core/words.js";
import { href } from "../../core/router.js";
import { choice, day, empty, failure, filter, head, matches, number, state, status, table, topic, view, when } from "../parts.js";

const PAGE = 100;
// The server opens so many for a page at most.
const SEARCHED = 20;
const SEARCHED_PAGES = 5;
// Characters of what is searched for.
const [LEAST_SOUGHT, MOST_SOUGHT] = [2, 100];
const TYPING_MS = 300;
const DRAWN = 200;
// A search reads so far back at most, in one go.
const MOST_PAGES = 50;
// In seconds.
const LENGTHS = { short: [0, 59], middle: [60, 299], long: [300, null] };
const SORTED_THERE = ["created_at", "duration_seconds"];

const why = ["Why", (row) => (row.end_reason && row.end_reason !== row.status && h("span.roomy", words(row.end_reason))), "end_reason"];
const seconds = (row) => row.duration_seconds ?? null;

const KINDS = {
  calls: {
    one: "call", place: "calls", asked: "status", direction: (row) => row.direction,
    states: ["initiating", "ringing", "answered", "waiting", "talking", "voicemail", "ended", "busy", "no_answer", "failed", "canceled", "lost"],
    columns: [topic, ["Number", (row) => number(row.user_phone_number), "user_phone_number"], state, why,
      ["Picked up", (row) => words(row.answered_by), "answered_by"], ["Length", (row) => row.duration_seconds === null ? null : h("span.number", clock(row.duration_seconds * 1000)), "duration_seconds"], when],
  },
  conversations: {
    one: "conversation", place: "messages", asked: "status", states: ["active", "paused", "ended"],
    columns: [topic, ["Number", (row) => number(row.phone_number), "phone_number"], state, ["Texts", (row) => row.message_count, "message_count"], why, when],
  },
  emails: {
    one: "e-mail", place: "emails", asked: "delivery", direction: (row) => (row.delivery === "received" ? "inbound" : "outbound"),
    states: ["received", "writing", "queued", "sending", "unknown", "accepted", "processed", "deferred", "delivered", "bounce", "blocked", "dropped", "spamreport", "refused"],
    columns: [["Subject", (row) => row.subject || "(none)", "subject"], ["To", (row) => row.recipient_email, "recipient_email"], ["State", (row) => status(row.delivery), "delivery"], ["Reason", (row) => row.error ?? "", "error"], when],
  },
};

const NAMES = { calls: "Calls", conversations: "Texts", emails: "E-mails" };

const dayBegins = (day) => new Date(`${day}T00:00`);
const dayEnds = (day) => new Date(new Date(`${day}T23:59:59.999`).getTime() + 1);

/** The words that are searched for, null where there are too few; pure. */
export function sought({ q = "" }) {
  const characters = [...q.trim()].slice(0, MOST_SOUGHT);
  return characters.length < LEAST_SOUGHT ? null : characters.join("");
}

/** What the server is asked for by what the address says; pure. Days are those of whoever looks. */
export function asked(kind, query) {
  const [least, most] = LENGTHS[query.length] ?? [null, null];
  const sort = query.sort ?? "-created_at";
  const all = {
    [kind.asked]: query.state, search: sought(query), tag: kind.one === "call" ? query.tag : null, direction: kind.direction && query.direction,
    since: query.from && dayBegins(query.from).toISOString(), until: query.to && dayEnds(query.to).toISOString(),
    min_duration_seconds: kind.one === "call" ? least : null, max_duration_seconds: kind.one === "call" ? most : null,
    sort: sort !== "-created_at" && SORTED_THERE.includes(sort.replace("-", "")) ? sort : null,
  };
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== null && value !== undefined && value !== "")).toString();
}

/** Whether a row is wanted by what the address says, also after it changed; pure. */
export function wanted(kind, row, query) {
  const at = new Date(row.created_at);
  const [least, most] = LENGTHS[query.length] ?? [0, null];
  return (!query.state || row[kind.asked] === query.state) && (!query.direction || !kind.direction || kind.direction(row) === query.direction)
    && (!query.length || (seconds(row) !== null && seconds(row) >= least && seconds(row) <= (most ?? Infinity)))
    && (!query.from || at >= dayBegins(query.from)) && (!query.to || at < dayEnds(query.to));
}

// What the server looks through, but for what was said and written.
const named = (row) => [row.topic, row.subject, row.user_phone_number, row.phone_number, row.recipient_email].join(" ");

/** What was read as it is by now, with what came to be since; pure. */
export function withLater({ rows, cursor }, live, query) {
  // Of these the server alone knows, or they belong among what was not read yet.
  const isUnknown = query.tag || (cursor !== null && (query.sort ?? "-created_at") !== "-created_at");
  const later = isUnknown || cursor === undefined ? [] : Object.values(live).filter((row) => matches(named(row), sought(query)));
  return Object.values(Object.fromEntries([...rows, ...later].map((row) => [row.id, live[row.id] ?? row])));
}

/** Rows in the order asked for: a name, with "-" in front the other way around; pure. */
export function sorted(rows, by) {
  const name = by.replace("-", "");
  const sign = by.startsWith("-") ? -1 : 1;
  const order = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  return [...rows].sort((a, b) => {
    // What is not there comes last.
    if ((a[name] ?? null) === null || (b[name] ?? null) === null) return Number((a[name] ?? null) === null) - Number((b[name] ?? null) === null);
    return sign * order(a[name], b[name]);
  });
}

export function history(app, { query }) {
  const name = KINDS[query.kind] ? query.kind : "calls";
  const kind = KINDS[name];
  const asking = asked(kind, query);
  const known = (app.ui.history ??= {})[name];
  const read = app.ui.history[name] = known?.asking === asking && (!query.tag || known.tags === app.state.tags) ? known : { asking, tags: app.state.tags, rows: [], cursor: undefined, waits: false };
  if (read.cursor === undefined && !read.waits && !read.error) more(app, name, read, sought(query) ? SEARCHED_PAGES : 1);
  const by = query.sort ?? "-created_at";
  const found = sorted(withLater(read, app.state[name], query).filter((row) => wanted(kind, row, query)), by);
  const again = (sort) => app.go(href(["history"], { ...query, sort }), true);
  const isFiltered = ["q", "state", "tag", "direction", "length", "from", "to"].some((one) => query[one]);
  return [
    head(app, "History", Object.keys(KINDS).map((each) => view(NAMES[each], href(["history"], { kind: each, q: query.q }), each === name))),
    filters(app, name, kind, found, query),
    h("p.meta", { key: "count", role: "status" }, many(found.length, kind.one), read.cursor ? " read so far; there are more" : "",
      query.q?.trim() && !sought(query) && ". A search needs two letters",
      isFiltered && [" ", h("a", { href: href(["history"], { kind: query.kind }) }, "Show all")]),
    read.error && failure(read.error, () => more(app, name, read, 1)),
    found.length ? table(`Earlier ${NAMES[name].toLowerCase()}`, kind.columns, found.slice(0, DRAWN), (row) => `#/${kind.place}/${row.id}`, { by, again })
      : read.waits || read.error ? null : empty(sought(query) ? "Nothing that was read matches." : isFiltered ? "Nothing matches." : `No ${NAMES[name].toLowerCase()} yet.`),
    found.length > DRAWN && h("p.meta", { key: "capped" }, `The first ${DRAWN} are shown; the export holds all that were read.`),
    read.waits && h("p.loading", { key: "loading", role: "status" }, "Loading…"),
    read.cursor && !read.waits && h("div.actions", { key: "more" },
      h("button", { onclick: () => more(app, name, read, 1) }, "More"), h("button", { onclick: () => more(app, name, read, MOST_PAGES) }, "Read all")),
  ];
}

function filters(app, name, kind, found, query) {
  return h("div.tools", { key: "tools" },
    filter(app, "q", "Search"),
    choice(app, "state", "State", [["", "Any state"], ...kind.states.map((one) => [one, capital(words(one))])]),
    kind.direction && choice(app, "direction", "Direction", [["", "Both ways"], ["outbound", "From here"], ["inbound", "To here"]]),
    name === "calls" && choice(app, "length", "Length", [["", "Any length"], ["short", "Under 1 minute"], ["middle", "1 to 5 minutes"], ["long", "5 minutes and more"]]),
    name === "calls" && choice(app, "tag", "Tag", [["", "Any tag"], ...tagsOf(app, query).map((tag) => [tag, tag])]),
    day(app, "from", "From"), day(app, "to", "To"),
    h("button", { onclick: () => save(`${name}.csv`, "text/csv", csv(found, Object.keys(found[0]))), disabled: !found.length }, "Export CSV"),
    h("button", { onclick: () => save(`${name}.json`, "application/json", JSON.stringify(found, null, 1)), disabled: !found.length }, "Export JSON"));
}

// Those there are, and the one that is looked for.
const tagsOf = (app, { tag }) => [...new Set([...(app.get(TAGS).data?.tags ?? []).map((one) => one.tag), ...(tag ? [tag] : [])])];

async function more(app, name, read, pages) {
  read.waits = true;
  read.error = null;
  const isSearch = read.asking.includes("search=");
  try {
    if (isSearch) await new Promise((done) => setTimeout(done, TYPING_MS));
    for (let page = 0; page < pages && read.cursor !== null; page++) {
      // Something else is wanted by now.
      if (app.ui.history?.[name] !== read) break;
      const filters = read.asking && `&${read.asking}`;
      const cursor = read.cursor ? `&cursor=${encodeURIComponent(read.cursor)}` : "";
      const answer = await app.session.get(`/v1/${name}?limit=${isSearch ? SEARCHED : PAGE}${filters}${cursor}`);
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
