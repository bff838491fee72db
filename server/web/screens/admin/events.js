// Events: the raw stream for developers, to filter, to hold still, and to copy.
import { h } from "../../core/dom.js";
import { many } from "../../core/words.js";
import { copyButton, empty, filter, head, matches, time } from "../parts.js";

const DRAWN = 200;

export function events(app, { query }) {
  const ui = (app.ui.events ??= { held: null });
  const all = ui.held ?? app.state.recent;
  const found = all.filter((event) => matches(`${event.type} ${event.subject}`, query.q)).slice(-DRAWN).reverse();
  return [
    head(app, "Events", h("a.button", { href: "/asyncapi.json", target: "_blank" }, "asyncapi.json"), h("a.button", { href: "/docs", target: "_blank" }, "REST")),
    h("div.tools", { key: "tools" }, filter(app, "q", "Filter by type or subject"),
      h("button", { "aria-pressed": ui.held ? "true" : "false", onclick: () => { ui.held = ui.held ? null : app.state.recent; app.draw(); } }, ui.held ? "Go on" : "Pause"),
      copyButton(app, "Copy as JSON", () => JSON.stringify(found, null, 1))),
    h("p.meta", { key: "count" }, `${found.length} of ${many(all.length, "event")} since this page was opened${ui.held ? ", held still" : ""}`),
    found.length ? h("ol.raw", { key: "raw" }, found.map((event) => h("li", { key: event.id, "data-row": true }, h("details",
      h("summary", h("span.tabular", event.seq), " ", time(event.ts, { seconds: true }), " ", h("b", event.type), " ", h("span.meta", event.subject)),
      h("pre", { tabindex: "0", "aria-label": event.type }, JSON.stringify(event, null, 1)), copyButton(app, "Copy as curl", () => curl(event)))))) : empty(query.q ? "No event since this page was opened matches." : "Nothing has happened since this page was opened."),
  ];
}

/** The request that reads what an event is about. */
export function curl(event) {
  const [kind, id] = event.subject.split(":");
  const path = { call: `/v1/calls/${id}`, conv: `/v1/conversations/${id}`, email: `/v1/emails/${id}` }[kind] ?? "/v1/usage";
  return `curl -H "Authorization: Bearer $TOKEN" '${location.origin}${path}'`;
}
