// Scheduled calls: those that wait, what became of earlier ones, and calling one off.
import { h } from "../core/dom.js";
import { newestFirst } from "../core/store.js";
import { ask, empty, number, panel, shown, status, table, time } from "./parts.js";
import { words } from "../core/format.js";

const LIST = "/v1/scheduled-calls";

export function scheduled(app) {
  app.title = "Scheduled calls";
  const list = app.load("scheduled", () => app.session.get(`${LIST}?limit=100`));
  return [
    h("div", { class: "head", key: "head" }, h("h1", {}, "Scheduled calls")),
    panel("Calls for later", { key: "scheduled" },
      h("p", { class: "meta" }, "A call that was busy or not answered is tried again; other people's quiet hours are waited for."),
      shown(app, "scheduled", list, ({ scheduled_calls: read }) => rows(app, read))),
  ];
}

// What was read, and what was told since.
function rows(app, read) {
  const known = newestFirst({ ...Object.fromEntries(read.map((row) => [row.id, row])), ...app.state.scheduled });
  return known.length ? table("Scheduled calls", [
    ["Topic", (row) => row.topic], ["Number", (row) => number(row.to)], ["When", (row) => time(row.next_attempt_at ?? row.start_at)],
    ["State", (row) => h("span", {}, status(row.status), row.reason ? ` ${words(row.reason)}` : "")], ["Tried", (row) => row.attempts],
    ["Do", (row) => deed(app, row)],
  ], known) : empty("No calls are scheduled. A new call asks when it is to be placed.");
}

function deed(app, row) {
  if (row.status !== "scheduled") return row.call_id ? h("a", { href: `#/calls/${row.call_id}` }, "See the call") : "";
  const cancel = () => app.request(`cancel:${row.id}`, () => app.session.post(`${LIST}/${row.id}/cancel`, {}));
  return h("button", { type: "button", class: "danger", key: "cancel", onclick: () => ask(app, `Call off the call about ${row.topic}?`, "Call off", cancel) }, "Call off");
}
