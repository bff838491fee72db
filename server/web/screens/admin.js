// Admin: everybody and their plan, what changed in plans, who did what, and the nodes. Read only; whoever has no
// right, or a server that does not offer a part, says so in its place.
import { h } from "../core/dom.js";
import { capital, words } from "../core/format.js";
import { empty, filter, matches, number, panel, shown, status, table, time } from "./parts.js";

const PARTS = [["users", "Everybody"], ["calls", "Calls"], ["conversations", "Texts"], ["audit", "Plans"], ["audit-log", "Audit"], ["views", "Who looked"], ["nodes", "Fleet"]];

export function admin(app, { path, query }) {
  app.title = "Admin";
  const part = path[1] ?? "users";
  const key = `admin:${part}`;
  if (part === "nodes") app.link?.subscribe("fleet");
  const ask = () => app.session.get(part === "nodes" ? "/v1/admin/nodes" : `/v1/admin/${part}?limit=100`);
  return [
    h("div", { class: "head", key: "head" }, h("h1", {}, "Admin"), h("div", { class: "actions" },
      PARTS.map(([name, title]) => h("a", { key: name, class: "choice", href: `#/admin/${name}`, "aria-current": name === part ? "true" : null }, title)))),
    h("p", { class: "notice", key: "banner" }, "You are looking at other people's data."),
    h("div", { class: "tools", key: "tools" }, filter(app, "q", "Filter"), h("button", { type: "button", onclick: () => app.reload(key, ask) }, "Read again")),
    shown(app, key, app.load(key, ask), (data) => DRAW[part](part === "nodes" && app.state.fleet ? app.state.fleet : data, query.q ?? "")),
  ];
}

const any = (row, wanted) => matches(Object.values(row).map((each) => (typeof each === "object" ? JSON.stringify(each) : each)).join(" "), wanted);

const DRAW = {
  users: ({ users }, wanted) => rows("Everybody", [
    ["E-mail", (row) => row.email ?? row.id], ["Plan", (row) => capital(row.plan)], ["State", (row) => status(row.subscription_status)],
    ["Paid", (row) => row.billing_interval ?? ""], ["Customer", (row) => row.stripe_customer_id ?? ""], ["Since", (row) => time(row.created_at)],
  ], users.filter((row) => any(row, wanted))),
  audit: ({ events }, wanted) => rows("What changed in plans", [
    ["What", (row) => words(row.event_type)], ["From", (row) => row.from_plan ?? ""], ["To", (row) => row.to_plan ?? ""],
    ["Amount", (row) => (row.billing_amount ? `${row.billing_amount} ${row.currency}` : "")], ["User", (row) => row.user_id], ["When", (row) => time(row.created_at, { seconds: true })],
  ], events.filter((row) => any(row, wanted))),
  calls: ({ calls }, wanted) => rows("Everybody's calls", [
    ["Topic", (row) => row.topic], ["Number", (row) => number(row.user_phone_number)], ["State", (row) => status(row.status)], ["Why", (row) => words(row.end_reason)], ["User", (row) => row.user_id], ["When", (row) => time(row.created_at)],
  ], calls.filter((row) => any(row, wanted))),
  conversations: ({ conversations }, wanted) => rows("Everybody's texts", [
    ["Topic", (row) => row.topic], ["Number", (row) => number(row.phone_number)], ["State", (row) => status(row.status)], ["Texts", (row) => row.message_count], ["User", (row) => row.user_id], ["When", (row) => time(row.created_at)],
  ], conversations.filter((row) => any(row, wanted))),
  "audit-log": ({ acts }, wanted) => rows("Audit log", [
    ["What", (row) => `${row.action}${row.reason ? ` (${row.reason})` : ""}`], ["On", (row) => row.subject], ["Whose", (row) => row.user_id ?? "everybody's"],
    ["Who", (row) => `${row.actor_kind} ${row.actor_id ?? row.actor_name}`], ["From", (row) => row.address_hash ?? ""], ["Request", (row) => row.request_id], ["When", (row) => time(row.at, { seconds: true })],
  ], acts.filter((row) => any(row, wanted))),
  views: ({ views }, wanted) => rows("Who looked", [
    ["What", (row) => row.what], ["Administrator", (row) => row.admin_id], ["At whose", (row) => row.user_id ?? "everybody's"], ["When", (row) => time(row.created_at, { seconds: true })],
  ], views.filter((row) => any(row, wanted))),
  nodes: (data, wanted) => {
    const nodes = (data.nodes ?? []).map((row) => ({ id: row.node ?? row.name, ...row })).filter((row) => any(row, wanted));
    const columns = [...new Set(nodes.flatMap(Object.keys))].filter((name) => name !== "id");
    return rows("Nodes", columns.map((name) => [capital(words(name)), (row) => (typeof row[name] === "object" ? JSON.stringify(row[name]) : String(row[name] ?? ""))]), nodes);
  },
};

const rows = (label, columns, found) => panel(label, { key: label }, found.length ? table(label, columns, found) : empty("Nothing here matches."));
