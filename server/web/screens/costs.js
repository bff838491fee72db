// What a call cost, and everybody's use of a month, for administrators. Amounts are decimal numbers as text, and are
// never calculated with here.
import { h } from "../core/dom.js";
import { words } from "../core/format.js";
import { isOver } from "../core/store.js";
import { empty, panel, shown, table } from "./parts.js";

const isAdministrator = (app) => ["admin", "operator"].includes(app.me?.role);

export const amounts = (sums) => Object.entries(sums).map(([currency, amount]) => `${amount} ${currency.toUpperCase()}`).join(", ") || "nothing priced";

export const costLines = (costs) => costs.map((one) => `${one.what}: ${one.quantity} ${one.unit}${one.amount === null ? ", not priced" : ` = ${one.amount} ${one.currency.toUpperCase()}`}`);

export function callCosts(app, row) {
  if (!isAdministrator(app) || !isOver(row)) return null;
  const key = `costs:${row.id}`;
  return shown(app, key, app.load(key, () => app.session.get(`/v1/admin/calls/${row.id}/costs`)), (data) => panel("Costs", { key: "costs" },
    data.costs.length ? table("Costs", [
      ["Service", (one) => one.what], ["Consumed", (one) => `${one.quantity} ${one.unit}`],
      ["Cost", (one) => (one.amount === null ? "not priced" : `${one.amount} ${one.currency.toUpperCase()}`)],
    ], data.costs.map((one) => ({ ...one, id: `${one.what} ${one.currency}` }))) : empty("It consumed nothing."),
    h("p", { class: "meta" }, `Together: ${amounts(data.amounts)}`)));
}

export const costColumns = [
  ["Channel", (row) => words(row.channel)], ["Cost", (row) => amounts(row.amounts)],
  ["Of it", (row) => h("ul", { class: "plain" }, costLines(row.costs).map((line) => h("li", { key: line }, line)))],
];

/** The month before the one given, as 2026-11. */
export function monthBefore(month) {
  const [year, number] = month.split("-").map(Number);
  return number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, "0")}`;
}
