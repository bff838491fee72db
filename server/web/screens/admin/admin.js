// Admin: everybody and their plan, what changed in plans, who did what, and the nodes. Read only; whoever has no
// right, or a server that does not offer a part, says so in its place.
import { h } from "../../core/dom.js";
import { capital, clock, words } from "../../core/format.js";
import { now } from "../../core/now.js";
import { cost, money, sums } from "../../core/words.js";
import { beside } from "../account/charts.js";
import { any, day, filter, head, listing, loaded, number, panel, state, status, time, topic, view, when } from "../parts.js";

export function admin(app, { path, query }) {
  const name = Object.hasOwn(PARTS, path[1]) ? path[1] : "users";
  const part = PARTS[name];
  const month = query.month ? `&month=${query.month}` : "";
  if (name === "nodes") app.link?.subscribe("fleet");
  // One person's, however many others' there were since.
  const whole = part.link && /^[0-9a-f-]{36}$/.test(query.q) ? `&user_id=${query.q}` : "";
  const list = `/v1/admin/${name}${name === "nodes" ? "" : "?limit=100" + month + whole}`;
  return [
    head(app, "Admin", Object.keys(PARTS).map((each) => view(PARTS[each].title, `#/admin/${each}`, each === name))),
    app.me && app.me.role !== "user" && h("p.notice", { key: "banner" }, "You are looking at other people's data."),
    h("div.tools", { key: "tools" }, filter(app, "q", "Filter"), name === "costs" && day(app, "month", "Month", "month"), h("button", { onclick: () => app.reload(list) }, "Read again")),
    loaded(app, list, (data) => {
      const found = part.rows(data, app).filter((row) => any(row, query.q));
      const label = `${part.label ?? part.title}${data.month ?? ""}`;
      return panel(label, { key: name }, part.picture?.(found), listing(query.q ? "Nothing that was read matches." : "Nothing yet.", label, part.columns, found, part.link));
    }),
  ];
}

// A name for machines, which may be cut anywhere.
const long = (text) => (text ? h("span.long", text) : null);

// Ids within a name, told apart by how they begin; whole where one points at them.
const brief = (text) => text && h("span", { title: text }, text.replace(/\b[0-9a-f]{8}[0-9a-f-]{12,}\b/g, (id) => `${id.slice(0, 8)}…`).replace(/[_:]/g, " "));

// Whose it is, as a way to all that is theirs.
const whose = (id, text = id) => (id && h("a", { href: `#/admin/calls?q=${id}`, title: "Their calls" }, text.length > 30 ? `${text.slice(0, 8)}…` : text));

const user = ["User", (row) => whose(row.user_id)];

// A bar's length is a number; what it says is the amount as it was given.
function dearest(channels) {
  const rows = channels.flatMap(({ user_id: id, channel, amounts }) => Object.entries(amounts).map(([currency, amount]) => ({ name: `${id.slice(0, 8)}…, ${channel}`, values: [Number(amount)], text: `${amount} ${currency}` })));
  return rows.length ? beside("The dearest", rows.sort((a, b) => b.values[0] - a.values[0]).slice(0, 10), ["cost"]) : null;
}

const PARTS = {
  users: {
    title: "Everybody", rows: ({ users }) => users, columns: [
      ["E-mail", (row) => row.email ?? row.id], ["Plan", (row) => capital(row.plan)], ["State", (row) => status(row.subscription_status)],
      ["Paid", (row) => words(row.billing_interval)], ["Customer", (row) => row.stripe_customer_id ?? ""], ["Since", (row) => time(row.created_at)],
      ["Look at", (row) => [h("a", { href: `#/admin/calls?q=${row.id}` }, "calls"), " ", h("a", { href: `#/admin/conversations?q=${row.id}` }, "texts"), " ", h("a", { href: `#/admin/audit?q=${row.id}` }, "plan")]],
    ],
  },
  calls: {
    title: "Calls", label: "Everybody's calls", rows: ({ calls }, { state }) => calls.map((row) => state.others[row.id] ?? state.calls[row.id] ?? row), link: (row) => `#/calls/${row.id}`, columns: [
      topic, ["Number", (row) => number(row.user_phone_number)], state, ["Why", (row) => words(row.end_reason)], user, when,
    ],
  },
  conversations: {
    title: "Texts", label: "Everybody's texts", rows: ({ conversations }) => conversations, link: (row) => `#/messages/${row.id}`, columns: [
      topic, ["Number", (row) => number(row.phone_number)], state, ["Texts", (row) => row.message_count], user, when,
    ],
  },
  audit: {
    title: "Plans", label: "What changed in plans, and what was used of them", rows: ({ events }) => events, columns: [
      ["What", (row) => capital(words(row.event_type))], ["From", (row) => capital(row.from_plan ?? "")], ["To", (row) => capital(row.to_plan ?? "")],
      ["Amount", (row) => (row.billing_amount ? money(row.billing_amount, row.currency) : "")], user, ["When", (row) => time(row.created_at, { seconds: true })],
    ],
  },
  "audit-log": {
    title: "Audit", label: "Audit log", rows: ({ acts }) => acts, columns: [
      ["What", (row) => [row.action, row.reason && ` (${row.reason})`]], ["On", (row) => brief(row.subject)], ["Whose", (row) => whose(row.user_id) ?? "everybody's"],
      ["Who", (row) => [`${row.actor_kind} `, whose(row.actor_id) ?? row.actor_name]], ["From", (row) => brief(row.address_hash)], ["Request", (row) => long(row.request_id)], ["When", (row) => time(row.at, { seconds: true })],
    ],
  },
  views: {
    title: "Who looked", rows: ({ views }) => views, columns: [
      ["What", (row) => looked(row.what)], ["Administrator", (row) => whose(row.admin_id)], ["At whose", (row) => whose(row.user_id) ?? "everybody's"], ["When", (row) => time(row.created_at, { seconds: true })],
    ],
  },
  costs: {
    title: "Costs", label: "Costs of ", picture: dearest, rows: ({ channels }) => channels.map((row) => ({ ...row, id: row.user_id + row.channel })), columns: [
      user, ["Channel", (row) => row.channel], ["Cost", (row) => sums(row.amounts)],
      ["Of it", (row) => row.costs.map((one) => `${one.what}: ${cost(one)}`).join("; ")],
    ],
  },
  nodes: {
    title: "Fleet", label: "Nodes", rows: (data, { state }) => ((state.fleet ?? data).nodes ?? []).map((row) => ({ stats: {}, ...row, id: row.node })), columns: [
      ["Node", (row) => row.node], ["State", (row) => status(row.state)], ["Seen", (row) => time(row.seen_at, { seconds: true })],
      ["Calls", (row) => sum(row.stats.calls)], ["Pages", (row) => row.stats.sockets ?? ""], ["Event age, p95", (row) => age(row.stats.event_age_ms)],
      ["Backlog", (row) => row.stats.backlog ?? ""], ["Jobs", (row) => row.stats.jobs_waiting ?? ""], ["Up", (row) => (row.state === "up" && row.started_at ? clock(now() - Date.parse(row.started_at)) : "")],
    ],
  },
};

const sum = (calls) => (calls ? Object.entries(calls).filter(([, count]) => count).map(([phase, count]) => `${count} ${words(phase)}`).join(", ") || "0" : "");
const age = (ms) => (ms === undefined ? "" : `${Math.round(ms)} ms`);

// A look as it was written down: "calls ID", "live call", "did hangup of ID".
function looked(what) {
  const [, table, id] = /^(calls|sms_conversations) ([0-9a-f-]{36})$/.exec(what) ?? [];
  const place = { calls: ["calls", "A call"], sms_conversations: ["messages", "A text conversation"] }[table];
  return place ? h("a", { href: `#/${place[0]}/${id}` }, place[1]) : capital(words(what));
}

