// Who is signed in, by Supabase's password grant or a mail's link, and a second factor, and requests in their name.
// Kept for this tab only (sessionStorage); the access token is renewed a minute before it ends.
import { newId } from "./link.js";

const KEPT = "talking.session";
// What proves that a link was asked for by this browser, in any tab.
const ASKED = "talking.asked";
const EARLY_MS = 60000;

export class Session {
  constructor(settings) {
    this.settings = settings;
    this.tokens = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    this.renewing = null;
  }

  get email() {
    return this.tokens?.user?.email ?? "";
  }

  /** Signs in. Gives what is asked for first: {ask, take: answer -> the same again}, nothing once one is in. */
  async signIn(email, password) {
    return this.entered(await this.auth("/token?grant_type=password", { email, password }));
  }

  /** Signs up; false where the address is to be confirmed first, by a mail's link. */
  async signUp(email, password) {
    const made = await this.mailed("signup", { email, password });
    if (made.access_token) this.keep(made);
    return Boolean(made.access_token);
  }

  /** Sends a link by which a new password can be set. */
  async recover(email) {
    await this.mailed("recover", { email });
  }

  // Only the browser that asked can use the link: whoever sends theirs signs nobody in (RFC 7636).
  async mailed(purpose, body) {
    const verifier = newId() + newId();
    localStorage.setItem(ASKED, JSON.stringify({ purpose, verifier }));
    const back = encodeURIComponent(`${location.origin}/`);
    return this.auth(`/${purpose}?redirect_to=${back}`, { ...body, ...await challenged(verifier) });
  }

  /** Signs in by the code that a mail's link came back with; as `signIn`. */
  async arrive(code) {
    const { purpose, verifier } = JSON.parse(localStorage.getItem(ASKED) ?? "{}");
    if (!verifier) throw Object.assign(new Error(), { code: "bad_code_verifier" });
    const tokens = await this.auth("/token?grant_type=pkce", { auth_code: code, code_verifier: verifier });
    localStorage.removeItem(ASKED);
    return this.entered(tokens, purpose === "recover" ? (given) => this.renewed(given) : undefined);
  }

  async entered(tokens, then = (given) => this.keep(given)) {
    const factor = tokens.user?.factors?.find((one) => one.status === "verified" && ["totp", "phone"].includes(one.factor_type));
    if (!factor) return then(tokens);
    const take = await this.challenge(factor.id, tokens.access_token);
    return { ask: "code", take: async (code) => then(await take(code)) };
  }

  renewed(tokens) {
    return { ask: "password", email: tokens.user.email, take: async (password) => {
      await this.auth("/user", { password }, tokens.access_token, "PUT");
      this.keep(tokens);
    } };
  }

  /** Asks a second factor for its code, which may be texted now; gives what takes the code and gives a session. */
  async challenge(factor, token) {
    const at = `/factors/${factor}`;
    const { id } = await this.auth(`${at}/challenge`, {}, token);
    return (code) => this.auth(`${at}/verify`, { challenge_id: id, code }, token);
  }

  /** A new second factor for an app of codes: {id, totp: {secret, uri}}; it counts once its challenge is answered. */
  async enroll() {
    return this.auth("/factors", { factor_type: "totp", friendly_name: new Date().toISOString() }, await this.token());
  }

  async auth(path, body, token, method = "POST") {
    const headers = { "Content-Type": "application/json", apikey: this.settings.publishable_key };
    if (token) headers.Authorization = `Bearer ${token}`;
    const given = await read(await fetch(this.settings.auth_url + path, { method, headers, body: JSON.stringify(body) }));
    // By this machine's clock, which may be minutes off.
    if (given.expires_in) given.expires_at = Date.now() / 1000 + given.expires_in;
    return given;
  }

  keep(tokens) {
    this.tokens = tokens;
    if (tokens === null) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, JSON.stringify(tokens));
  }

  /** Forget the session here and have it ended at the sign-in; that may fail, forgetting may not.
      The product is told by the old token: then all that is open in the session ends. */
  async signOut() {
    const token = this.tokens?.access_token;
    this.keep(null);
    const headers = { apikey: this.settings.publishable_key, Authorization: `Bearer ${token}` };
    await fetch(`${this.settings.auth_url}/logout`, { method: "POST", headers })
      .then(() => fetch("/v1/sign-out", { method: "POST", headers })).catch(() => {});
  }

  async token() {
    if (this.tokens.expires_at * 1000 - Date.now() > EARLY_MS) return this.tokens.access_token;
    this.renewing ??= this.auth("/token?grant_type=refresh_token", { refresh_token: this.tokens.refresh_token })
      .then((tokens) => this.keep(tokens)).finally(() => { this.renewing = null; });
    await this.renewing;
    return this.tokens.access_token;
  }

  get(path) {
    return this.ask("GET", path);
  }

  post(path, body = {}) {
    return this.ask("POST", path, body);
  }

  /** An answer that is no JSON. Throws as `ask`. */
  async fetch(path) {
    const answer = await fetch(path, { headers: { Authorization: `Bearer ${await this.token()}` } });
    return answer.ok ? answer : read(answer);
  }

  async ask(method, path, body) {
    const headers = { Authorization: `Bearer ${await this.token()}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    return read(await fetch(path, { method, headers, body: body && JSON.stringify(body) }));
  }
}

async function challenged(verifier) {
  // Missing on a page without TLS.
  if (!crypto.subtle) return { code_challenge: verifier, code_challenge_method: "plain" };
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const text = btoa(String.fromCharCode(...new Uint8Array(hash)));
  return { code_challenge: text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""), code_challenge_method: "s256" };
}

/** The JSON of an answer. Throws an Error with `status` and `code` when it is a refusal. */
export async function read(answer) {
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const words = body.detail ?? body.msg ?? body.error_description ?? answer.statusText;
  const code = body.error_code ?? body.code ?? String(answer.status); // Supabase gives the status as `code`
  throw Object.assign(new Error(words), { status: answer.status, code, extra: body });
}
