// Sandbox: the make-believe world beside this server: who can be called, and where to look at it.
import { h, icon } from "../../core/dom.js";
import { act, empty, head, number, panel, table } from "../parts.js";

export function sandbox(app) {
  const { sandbox: box } = app;
  if (!box) return [head(app, "Sandbox"), empty("This server is not beside a sandbox.")];
  const places = [["/phone", "A phone in the browser"], ["/mail", "Mailbox"], ["/", "All of its pages"]];
  return [
    head(app, "Sandbox"),
    panel("Look at it", {}, h("ul.links", places.map(([path, name]) => h("li", { key: path }, h("a", { href: `${box.url}${path}`, target: "_blank", rel: "noreferrer" }, name))))),
    panel("People", {}, table("People", [
      ["Name", (one) => one.name], ["Number", (one) => number(one.number)], ["What they do", (one) => one.about],
      ["Do", (one) => act(app, `Call ${one.name}`, "call", "call.start", { topic: "learning to bake sourdough bread", to: one.number }, { class: "small",
        after: (data) => app.go(`#/calls/${data.call.id}`) })],
    ], box.people.map((one) => ({ ...one, id: one.number })))),
    h("p.meta", { key: "note" }, icon("box"), " Nothing here costs anything or reaches a real telephone."),
  ];
}
