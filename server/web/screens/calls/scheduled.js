// Scheduled calls: those that wait, what became of earlier ones, and calling one off.
import { h } from "../../core/dom.js";
import { newestFirst } from "../../core/store.js";
import { ask, head, listing, loaded, number, panel, status, time, topic } from "../parts.js";
import { words } from "../../core/format.js";

const LIST = "/v1/scheduled-calls";

export function scheduled(app) {
  return [
    head(app, "Scheduled calls"),
    panel("Calls for later", {},
      h("p.meta", "A call that was busy or not answered is tried again; other people's quiet hours are waited for."),
      loaded(app, `${LIST}?limit=100`, ({ scheduled_calls: read }) => rows(app, read), "scheduled")),
  ];
}

// What was read, and what was told since.
function rows(app, read) {
  const known = newestFirst({ ...Object.fromEntries(read.map((row) => [row.id, row])), ...app.state.scheduled });
  return listing("No calls are scheduled. A new call asks when it is to be placed.", "Scheduled calls", [
    topic, ["Number", (row) => number(row.to)], ["When", (row) => time(row.next_attempt_at ?? row.start_at)],
    ["State", (row) => h("span", status(row.status), row.reason ? ` ${words(row.reason)}` : "")], ["Tried", (row) => row.attempts],
    ["Do", (row) => deed(app, row)],
  ], known);
}

function deed(app, row) {
  if (row.status !== "scheduled") return row.call_id ? h("a", { href: `#/calls/${row.call_id}` }, "See the call") : "";
  const cancel = () => app.ask("POST", `${LIST}/${row.id}/cancel`, {});
  return h("button.danger", { key: "cancel", onclick: () => ask(app, `Call off the call about ${row.topic}?`, "Call off", cancel) }, "Call off");
}
