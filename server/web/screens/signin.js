// Signing in, by e-mail and password.
import { h } from "../core/dom.js";
import { field, form } from "./forms.js";

export function signIn(app) {
  app.title = "Sign in";
  const enter = async ({ email }, element) => {
    app.ui.signIn = { waits: true };
    app.draw();
    try {
      await app.session.signIn(email, element.elements.password.value);
      app.signedOut = null;
      app.ui.signIn = {};
      app.onSignedIn();
    } catch (error) {
      app.ui.signIn = { fault: error.message };
    }
    app.draw();
  };
  const { waits, fault } = app.ui.signIn ?? {};
  return h("main.sign-in", { id: "main", tabindex: "-1", key: "sign-in" },
    h("img", { src: "/web/icon.svg", alt: "", width: "48", height: "48" }),
    h("h1", "Talking App"),
    app.signedOut && h("p.empty", `Signed out: ${app.signedOut}`),
    form({ id: "sign-in", autocomplete: "on" }, enter,
      field("E-mail", h("input", { name: "email", type: "email", autocomplete: "username", required: true })),
      field("Password", h("input", { name: "password", type: "password", autocomplete: "current-password", required: true })),
      h("button.primary", { disabled: waits }, waits ? "Signing in…" : "Sign in"),
      h("p.fault", { role: "alert" }, fault)));
}
