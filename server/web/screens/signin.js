// Signing in, by e-mail and password, and by a second factor's code for who has one.
import { h } from "../core/dom.js";
import { refused } from "../core/words.js";
import { code, field, form } from "./forms.js";

export function signIn(app) {
  app.title = "Sign in";
  const { waits, fault, prove } = app.ui.signIn ?? {};
  const enter = async (given, { elements }) => {
    app.ui.signIn = { waits: true, prove };
    app.draw();
    try {
      const next = prove ? await prove(given.code) : await app.session.signIn(given.email, elements.password.value);
      app.ui.signIn = { prove: next };
      if (!next) {
        app.signedOut = null;
        app.onSignedIn();
      }
    } catch (error) {
      app.ui.signIn = { fault: refused(error).text, prove };
    }
    app.draw();
  };
  return h("main.sign-in", { id: "main", tabindex: "-1", key: "sign-in" },
    h("img", { src: "/web/icon.svg", alt: "", width: "48", height: "48" }),
    h("h1", "Talking App"),
    app.signedOut && h("p.empty", `Signed out: ${app.signedOut}`),
    form({ id: "sign-in", autocomplete: "on", key: prove ? "code" : "password" }, enter,
      prove ? code("Code of your second factor", { autofocus: true }) : [
        field("E-mail", h("input", { name: "email", type: "email", autocomplete: "username", required: true })),
        field("Password", h("input", { name: "password", type: "password", autocomplete: "current-password", required: true })),
      ],
      h("button.primary", { disabled: waits }, waits ? "Signing in…" : "Sign in"),
      prove && h("button.quiet", { onclick: () => { app.ui.signIn = {}; app.draw(); } }, "Begin again"),
      h("p.fault", { role: "alert" }, fault)));
}
