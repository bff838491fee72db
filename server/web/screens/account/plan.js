// Usage and plan: what is used, reserved and left of each limit, and changing what is paid for.
import { h } from "../../core/dom.js";
import { capital, words } from "../../core/format.js";
import { many, money } from "../../core/words.js";
import { ask, facts, head, loaded, panel, status, time } from "../parts.js";

const PLANS = "/v1/plans";

export function plan(app, { query }) {
  const held = `subscription:${app.state.planChanges}`;
  return [
    head(app, "Usage and plan"),
    panel("This month", {}, loaded(app, "/v1/usage", (month) => [
      h("div.meters", ["calls", "texts", "emails"].map((name) => meter(name, app.state.usage?.[name] ?? month[name]))),
      h("p.meta", `${monthName(month.month_year)}; counted anew from `, time(month.resets_at))])),
    panel("Your plan", {}, loaded(app, "/v1/subscription", (now) => standing(app, now), held)),
    app.ui.quote && quote(app, app.ui.quote),
    panel("Plans", {}, loaded(app, PLANS, ({ plans: rows }) => offers(app, rows, app.get("/v1/subscription", held).data, query.for))),
  ];
}

function meter(name, { used, reserved, limit, left }) {
  const share = limit > 0 ? Math.min(100, Math.round(((used + reserved) / limit) * 100)) : 0;
  const mood = limit < 0 ? "" : share >= 100 ? "bad" : share >= 80 ? "warn" : "good";
  return h("div.meter", { key: name },
    h("h3", METRICS[name]),
    h("p", h("b", used), limit < 0 ? " used, unlimited" : ` of ${limit} used`, reserved ? `, ${reserved} running` : "", limit < 0 ? "" : `, ${left} left`),
    limit < 0 ? null : h("svg", { class: `bar ${mood}`, viewBox: "0 0 100 8", preserveAspectRatio: "none", role: "img", "aria-label": `${share} % of ${name} used; marks at 80 % and 100 %` },
      h("rect.track", { width: "100", height: "8" }), h("rect.fill", { width: share, height: "8" }),
      h("rect.mark", { x: "80", width: "0.6", height: "8" }), h("rect.mark", { x: "99.4", width: "0.6", height: "8" })),
    mood === "bad" ? h("p.fault", "The limit is reached. ", h("a", { href: `#/plan?for=${name}` }, "Which plan allows more?")) : mood === "warn" && h("p.warn", "More than 80 % is used."));
}

const METRICS = { calls: "Calls", texts: "Text conversations", emails: "E-mails" };
const LIMITS = { calls: "phone_calls_limit", texts: "text_chains_limit", emails: "emails_limit" };

// "2026-11" -> "November 2026"
const monthName = (text) => new Date(`${text}-02T00:00Z`).toLocaleString("en", { month: "long", year: "numeric" });

const reload = (app) => { app.state = { ...app.state, planChanges: app.state.planChanges + 1 }; };

async function perform(app, what, body = {}) {
  const done = await app.ask("POST", `/v1/subscription/${what}`, body, what);
  if (!done) return;
  app.ui.quote = null;
  reload(app);
  if (done.pay_url ?? done.url) location.assign(done.pay_url ?? done.url);
  app.draw();
}

function standing(app, held) {
  const isPaid = held.plan !== "free";
  const { pending } = held;
  return [
    facts([["Plan", capital(held.plan)], ["In force", held.plan_in_force === held.plan ? null : capital(held.plan_in_force)], ["State", status(held.status)], ["Paid", words(held.interval)],
      ["Until", isPaid ? time(held.period_end) : null], ["Ends", time(held.ends_at)], ["Unpaid since", time(held.past_due_since)], ["Counts until", time(held.entitled_until)],
      ["Going to change", pending ? `${capital(pending.plan)} ${pending.interval ?? ""} (${[words(pending.takes_effect), pending.effective_date].filter(Boolean).join(", ")})` : null]]),
    h("div.actions",
      isPaid && !held.ends_at && h("button.danger", { key: "cancel", disabled: app.pending.has("cancel"), onclick: () => ask(app, "End the plan with its period?", "End the plan", () => perform(app, "cancel")) }, "Cancel plan"),
      held.ends_at || pending ? h("button", { key: "resume", disabled: app.pending.has("resume"), onclick: () => perform(app, "resume") }, "Keep the plan") : null,
      h("button", { key: "portal", disabled: app.pending.has("portal"), onclick: () => perform(app, "portal") }, "Cards and invoices")),
  ];
}

const counted = (limit, one) => (limit < 0 ? `unlimited ${one}s` : many(limit, one));

/** The plan that is looked for: by its id, or the first that allows more of what ran out; pure. */
export function soughtPlan(rows, held, wish) {
  if (!wish) return null;
  const limit = LIMITS[wish];
  if (!limit) return wish;
  const now = rows.find((row) => row.id === held?.plan_in_force)?.[limit] ?? 0;
  return now < 0 ? null : rows.find((row) => row[limit] < 0 || row[limit] > now)?.id ?? null;
}

function offers(app, rows, held, wish) {
  const choose = async (id, interval) => {
    app.set("quote", await app.ask("POST", "/v1/subscription/preview", { plan: id, interval }, "preview"));
  };
  const sought = soughtPlan(rows, held, wish);
  const has = (row, interval) => held?.plan === row.id && held?.interval === interval && !held.ends_at;
  return h("div.offers", rows.map((row) => h("article", { key: row.id, class: row.id === sought ? "offer sought" : "offer", "aria-current": held?.plan === row.id },
    h("h3", row.name, held?.plan === row.id ? h("span.status.good", "yours") : row.id === sought && h("span.status.warn", "allows it")),
    h("p", row.description),
    h("p.meta", `${counted(row.phone_calls_limit, "call")}, ${counted(row.text_chains_limit, "text conversation")}, ${counted(row.emails_limit, "e\u2011mail")} a month`),
    row.id === "free" ? h("p.price", "Free") : h("div.actions", [["monthly", row.price_monthly, "a month"], ["yearly", row.price_yearly, "a year"]].map(([interval, price, per]) => has(row, interval)
      ? h("p.price", { key: interval }, `${money(price, app.settings.currency)} ${per}, paid ${words(interval)}`)
      : h("button", { key: interval, "data-interval": interval, disabled: app.pending.has("preview"), onclick: () => choose(row.id, interval) }, `${money(price, app.settings.currency)} ${per}`))))));
}

function quote(app, given) {
  const wish = { plan: given.plan, interval: given.interval };
  const buy = () => (given.needs_checkout ? perform(app, "checkout", wish) : perform(app, "change", { ...wish, quoted_at: given.quoted_at }));
  const row = app.get(PLANS).data?.plans.find(({ id }) => id === given.plan);
  const [price, per] = given.interval === "yearly" ? [row?.price_yearly, "year"] : [row?.price_monthly, "month"];
  return panel(`Change to ${capital(given.plan)}, ${given.interval}`, { key: "quote", class: "quote" },
    h("p", "Due now: ", h("b.due", money(given.amount_due, given.currency)), `, takes effect ${given.takes_effect === "now" ? "at once" : "at the end of the period"} (`, time(given.effective_at), ")",
      Number(price) > 0 && `; then ${money(price, app.settings.currency)} a ${per}`),
    h("div.actions",
      h("button.primary", { disabled: app.pending.size > 0, onclick: buy }, given.needs_checkout ? "To the payment page" : "Change the plan"),
      h("button", { onclick: () => app.set("quote", null) }, "Leave it")));
}
