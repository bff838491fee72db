// Signing in by e-mail and password, and by a second factor's code for who has one; signing up; and
// a new password for who forgot theirs, by a mail's link.
import { h } from "../core/dom.js";
import { code, field, form, tells } from "./forms.js";
import { told } from "./parts.js";

const BACK = ["Back to signing in", "in"];

// What is asked for: {title, label, fields, does: (session, given) -> what is asked for next, others: [name, what]}.
const ASKS = {
  in: { title: "Sign in", label: "Sign in", fields: ["email", "current-password"], does: (session, { email, password }) => session.signIn(email, password), others: [["Create an account", "up"], ["Forgot the password?", "forgot"]] },
  up: { title: "Create an account", label: "Create the account", fields: ["email", "new-password"], does: signUp, others: [BACK] },
  forgot: { title: "Set a new password", label: "Send a link", fields: ["email"], does: recover, others: [BACK] },
  code: { title: "Sign in", label: "Sign in", fields: ["code"], does: (session, given, take) => take(given.code), others: [["Begin again", "in"]] },
  password: { title: "Set a new password", label: "Set it and sign in", fields: ["whose", "new-password"], does: (session, given, take) => take(given.password), others: [BACK] },
  sent: { title: "A mail is on its way", label: "Send it again", fields: [], does: (session, given, take) => take(), others: [BACK] },
};

async function signUp(session, { email, password }) {
  if (await session.signUp(email, password)) return null;
  return { ask: "sent", text: `It goes to ${email}, if that address is new here. Follow its link in this browser to begin. Who has an account already gets none, and signs in.`, take: () => signUp(session, { email, password }) };
}

async function recover(session, { email }) {
  await session.recover(email);
  return { ask: "sent", text: `It goes to ${email}, if there is an account with that address. Follow its link in this browser to set a new password.`, take: () => recover(session, { email }) };
}

const FIELDS = {
  email: (email) => field("E-mail", h("input", { name: "email", type: "email", autocomplete: "username", required: true, value: email })),
  whose: (email) => field("E-mail", h("input", { type: "email", autocomplete: "username", readonly: true, value: email })),
  "current-password": () => field("Password", h("input", { name: "password", type: "password", autocomplete: "current-password", required: true })),
  "new-password": () => field("Password", h("input", { name: "password", type: "password", autocomplete: "new-password", required: true })),
  code: () => code("Code of your second factor", { autofocus: true }),
};

export function signIn(app) {
  const { ask = "in", email = "", text, take, waits } = app.ui.signIn ?? {};
  const { title, label, fields, does, others } = ASKS[ask];
  app.title = title;
  tells(app.fault);
  const run = (act) => async (given, { elements }) => {
    const typed = { ...given, password: elements.password?.value };
    const known = typed.email ?? email;
    await passing(app, { ask, text, take, email: known }, () => act(app.session, typed, take));
  };
  return h("main.sign-in", { id: "main", tabindex: "-1", key: "sign-in" },
    h("img", { src: "/web/icon.svg", alt: "", width: "48", height: "48" }),
    h("h1", "Talking App"),
    app.signedOut && h("p.empty", `Signed out: ${app.signedOut}`),
    ask !== "in" && h("h2", title),
    text && h("p", { role: "status" }, text),
    form({ id: "sign-in", autocomplete: "on", key: ask }, run(does),
      fields.map((name) => FIELDS[name](email)),
      h("div.actions", h("button.primary", { disabled: waits, "aria-busy": waits }, waits ? "One moment…" : label),
        app.fault?.code === "email_not_confirmed" && h("button", { key: "again", onclick: ({ target: { form: { elements } } }) => run(signUp)({ email: elements.email.value.trim() }, { elements }) }, "Send the mail again")),
      h("div.fault", { role: "alert" }, told(app))),
    h("div.actions", { key: `others-${ask}` }, others.map(([name, next]) => h("button.quiet", {
      key: next, onclick: () => {
        app.fault = null;
        app.set("signIn", { ask: next, email: document.querySelector("#sign-in [name=email]")?.value ?? email });
      },
    }, name))));
}

/** Back by a mail's link, with its code or why there is none. */
export const arrive = (app, given, refusal) => (refusal ? app.failed(refusal) : passing(app, {}, () => app.session.arrive(given)));

// Waits for a step; in, if nothing more is asked for.
async function passing(app, now, step) {
  app.fault = null;
  app.set("signIn", { ...now, waits: true });
  try {
    const next = await step();
    app.ui.signIn = next && { email: now.email, ...next };
    if (!next) {
      app.signedOut = null;
      app.onSignedIn();
    }
  } catch (error) {
    app.ui.signIn = now;
    app.failed(error);
  }
  app.draw();
}
