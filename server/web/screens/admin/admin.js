// Admin: everybody and their plan, what changed in plans, who did what, and the nodes. Read only; whoever has no
// right, or a server that does not offer a part, says so in its place.
import { h } from "../../core/dom.js";
import { capital, clock, words } from "../../core/format.js";
import { cost, money, sums } from "../../core/words.js";
import { empty, filter, head, loaded, matches, number, panel, status, table, time, view } from "../parts.js";

const PARTS = [["users", "Everybody"], ["calls", "Calls"], ["conversations", "Texts"], ["audit", "Plans"], ["audit-log", "Audit"], ["views", "Who looked"], ["costs", "Costs"], ["nodes", "Fleet"]];

export function admin(app, { path, query }) {
  const part = path[1] ?? "users";
  const month = query.month ? `&month=${query.month}` : "";
  if (part === "nodes") app.link?.subscribe("fleet");
  const list = part === "nodes" ? "/v1/admin/nodes" : `/v1/admin/${part}?limit=100${month}`;
  return [
    head(app, "Admin", PARTS.map(([name, title]) => view(title, `#/admin/${name}`, name === part))),
    h("p.notice", { key: "banner" }, "You are looking at other people's data."),
    h("div.tools", { key: "tools" }, filter(app, "q", "Filter"), h("button", { onclick: () => app.reload(list) }, "Read again")),
    loaded(app, list, (data) => DRAW[part](part === "nodes" && app.state.fleet ? app.state.fleet : data, query.q ?? "", app)),
  ];
}

const any = (row, wanted) => matches(Object.values(row).map((each) => (typeof each === "object" ? JSON.stringify(each) : each)).join(" "), wanted);

// A name for machines, which may be cut anywhere.
const long = (text) => (text ? h("span.long", text) : null);

// Whose it is, as a way to all that is theirs.
const whose = (id, text = id) => (id ? h("a", { href: `#/admin/calls?q=${id}`, title: "Their calls" }, text.length > 30 ? `${text.slice(0, 8)}…` : text) : null);

const DRAW = {
  users: ({ users }, wanted) => rows("Everybody", [
    ["E-mail", (row) => row.email ?? row.id], ["Plan", (row) => capital(row.plan)], ["State", (row) => status(row.subscription_status)],
    ["Paid", (row) => words(row.billing_interval)], ["Customer", (row) => row.stripe_customer_id ?? ""], ["Since", (row) => time(row.created_at)],
    ["Look at", (row) => [h("a", { href: `#/admin/calls?q=${row.id}` }, "calls"), " ", h("a", { href: `#/admin/conversations?q=${row.id}` }, "texts"), " ", h("a", { href: `#/admin/audit?q=${row.id}` }, "plan")]],
  ], users.filter((row) => any(row, wanted)), wanted),
  audit: ({ events }, wanted) => rows("What changed in plans", [
    ["What", (row) => capital(words(row.event_type))], ["From", (row) => capital(row.from_plan ?? "")], ["To", (row) => capital(row.to_plan ?? "")],
    ["Amount", (row) => (row.billing_amount ? money(row.billing_amount, row.currency) : "")], ["User", (row) => whose(row.user_id)], ["When", (row) => time(row.created_at, { seconds: true })],
  ], events.filter((row) => any(row, wanted)), wanted),
  calls: ({ calls }, wanted, app) => rows("Everybody's calls", [
    ["Topic", (row) => row.topic], ["Number", (row) => number(row.user_phone_number)], ["State", (row) => status(row.status)], ["Why", (row) => words(row.end_reason)], ["User", (row) => whose(row.user_id)], ["When", (row) => time(row.created_at)],
  ], calls.map((row) => app.state.others[row.id] ?? app.state.calls[row.id] ?? row).filter((row) => any(row, wanted)), wanted, (row) => `#/calls/${row.id}`),
  conversations: ({ conversations }, wanted) => rows("Everybody's texts", [
    ["Topic", (row) => row.topic], ["Number", (row) => number(row.phone_number)], ["State", (row) => status(row.status)], ["Texts", (row) => row.message_count], ["User", (row) => whose(row.user_id)], ["When", (row) => time(row.created_at)],
  ], conversations.filter((row) => any(row, wanted)), wanted, (row) => `#/messages/${row.id}`),
  "audit-log": ({ acts }, wanted) => rows("Audit log", [
    ["What", (row) => `${row.action}${row.reason ? ` (${row.reason})` : ""}`], ["On", (row) => long(row.subject)], ["Whose", (row) => whose(row.user_id) ?? "everybody's"],
    ["Who", (row) => long(`${row.actor_kind} ${row.actor_id ?? row.actor_name}`)], ["From", (row) => long(row.address_hash)], ["Request", (row) => long(row.request_id)], ["When", (row) => time(row.at, { seconds: true })],
  ], acts.filter((row) => any(row, wanted)), wanted),
  views: ({ views }, wanted) => rows("Who looked", [
    ["What", (row) => looked(row.what)], ["Administrator", (row) => whose(row.admin_id)], ["At whose", (row) => whose(row.user_id) ?? "everybody's"], ["When", (row) => time(row.created_at, { seconds: true })],
  ], views.filter((row) => any(row, wanted)), wanted),
  costs: ({ month, channels }, wanted) => rows(`Costs of ${month}`, [
    ["User", (row) => whose(row.user_id)], ["Channel", (row) => row.channel], ["Cost", (row) => sums(row.amounts)],
    ["Of it", (row) => row.costs.map((one) => `${one.what}: ${cost(one)}`).join("; ")],
  ], channels.map((row) => ({ ...row, id: row.user_id + row.channel })).filter((row) => any(row, wanted)), wanted),
  nodes: (data, wanted) => rows("Nodes", [
    ["Node", (row) => row.node], ["State", (row) => status(row.state)], ["Seen", (row) => time(row.seen_at, { seconds: true })],
    ["Calls", (row) => sum(row.stats.calls)], ["Pages", (row) => row.stats.sockets ?? ""], ["Event age, p95", (row) => age(row.stats.event_age_ms)],
    ["Backlog", (row) => row.stats.backlog ?? ""], ["Jobs", (row) => row.stats.jobs_waiting ?? ""], ["Up", (row) => (row.state === "up" && row.started_at ? clock(Date.now() - Date.parse(row.started_at)) : "")],
  ], (data.nodes ?? []).map((row) => ({ stats: {}, ...row, id: row.node })).filter((row) => any(row, wanted)), wanted),
};

const sum = (calls) => (calls ? Object.entries(calls).filter(([, count]) => count).map(([phase, count]) => `${count} ${words(phase)}`).join(", ") || "0" : "");
const age = (ms) => (ms === undefined ? "" : `${Math.round(ms)} ms`);

// A look as it was written down: "calls ID", "live call", "did hangup of ID".
function looked(what) {
  const [, table, id] = /^(calls|sms_conversations) ([0-9a-f-]{36})$/.exec(what) ?? [];
  const place = { calls: ["calls", "A call"], sms_conversations: ["messages", "A text conversation"] }[table];
  return place ? h("a", { href: `#/${place[0]}/${id}` }, place[1]) : capital(words(what));
}

const rows = (label, columns, found, wanted, link) => panel(label, { key: label }, found.length ? table(label, columns, found, link) : empty(wanted ? "Nothing that was read matches." : "Nothing yet."));
