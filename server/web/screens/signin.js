// Signing in, by e-mail and password.
import { h } from "../core/dom.js";
import { field, value } from "./parts.js";

export function signIn(app) {
  app.title = "Sign in";
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    app.ui.signIn = { waits: true };
    app.draw();
    try {
      await app.session.signIn(value(form, "email"), form.elements.password.value);
      app.signedOut = null;
      app.ui.signIn = {};
      app.onSignedIn();
    } catch (error) {
      app.ui.signIn = { fault: error.message };
    }
    app.draw();
  };
  const { waits, fault } = app.ui.signIn ?? {};
  return h("main", { id: "main", class: "sign-in", tabindex: "-1", key: "sign-in" },
    h("img", { src: "/web/icon.svg", alt: "", width: "48", height: "48" }),
    h("h1", {}, "Talking App"),
    app.signedOut ? h("p", { class: "empty" }, `Signed out: ${app.signedOut}`) : null,
    h("form", { id: "sign-in", autocomplete: "on", onsubmit: submit },
      field("E-mail", h("input", { name: "email", type: "email", autocomplete: "username", required: true })),
      field("Password", h("input", { name: "password", type: "password", autocomplete: "current-password", required: true })),
      h("button", { class: "primary", disabled: waits }, waits ? "Signing in…" : "Sign in"),
      h("p", { class: "fault", role: "alert" }, fault)));
}
