// The places of the console: their names, addresses and signs. Knows no screens.
const roles = (...those) => (app) => those.includes(app.me?.role);

// [name, address, sign, short name, for whom it is]; a narrow screen has room for the first ones.
const PLACES = [
  ["Live", "", "live"], ["Messages", "messages", "text"], ["E-mail", "emails", "mail"], ["Usage and plan", "plan", "plan", "Plan"],
  ["Pictures", "pictures", "chart"], ["Scheduled calls", "scheduled", "calendar", "Scheduled"], ["History", "history", "history"],
  ["Admin", "admin", "people", "Admin", roles("admin", "operator")], ["Agents", "agents", "say", "Agents", roles("operator")],
  ["Sandbox", "sandbox", "box", "Sandbox", (app) => Boolean(app.sandbox)], ["Numbers and consent", "numbers", "number", "Numbers"],
  ["Build on it", "build", "transfer", "Build"], ["You and your data", "privacy", "people", "You"], ["Events", "events", "events"],
  ["More", "more", "more"],
].map(([name, at, symbol, short = name, is = () => true], place, { length }) => ({ name, at, symbol, short, is, minor: place > 3 && place < length - 1 }));

/** Those there are for this person. */
export const places = (app) => PLACES.filter((place) => place.is(app));
