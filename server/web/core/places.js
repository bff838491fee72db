// The places of the console: their names, addresses and signs. Knows no screens.
const PLACES = [
  { name: "Live", at: "", symbol: "live" },
  { name: "Messages", at: "messages", symbol: "text" },
  { name: "E-mail", at: "emails", symbol: "mail" },
  { name: "Usage and plan", short: "Plan", at: "plan", symbol: "plan" },
  { name: "Pictures", at: "pictures", symbol: "chart", minor: true },
  { name: "Scheduled calls", short: "Scheduled", at: "scheduled", symbol: "calendar", minor: true },
  { name: "History", at: "history", symbol: "history", minor: true },
  { name: "Admin", at: "admin", symbol: "people", minor: true, is: (app) => app.me?.role === "admin" },
  { name: "Agents", at: "agents", symbol: "say", minor: true, is: (app) => app.me?.role === "operator" },
  { name: "Sandbox", at: "sandbox", symbol: "box", minor: true, is: (app) => Boolean(app.sandbox) },
  { name: "Numbers and consent", short: "Numbers", at: "numbers", symbol: "number", minor: true },
  { name: "Build on it", short: "Build", at: "build", symbol: "transfer", minor: true },
  { name: "You and your data", short: "You", at: "privacy", symbol: "people", minor: true },
  { name: "Events", at: "events", symbol: "events", minor: true },
  { name: "More", at: "more", symbol: "more" },
];

/** Those there are for this person. */
export const places = (app) => PLACES.filter((place) => !place.is || place.is(app));
