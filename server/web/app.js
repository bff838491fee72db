// What every screen works with: the state, where one is, what was loaded, and how things are done.
// Holds no markup and no protocol.
import { hush } from "./audio/ear.js";
import { close as closePlayer } from "./audio/player.js";
import { Announcer } from "./core/announce.js";
import { go, parse } from "./core/router.js";
import { refused } from "./core/words.js";

const PASSING_MS = 4000;
const NAMED = "/v1/admin/users/";

export class App {
  constructor(settings, session, draw) {
    Object.assign(this, { settings, session, draw });
    this.announcer = new Announcer(document.getElementById("polite"), document.getElementById("assertive"));
    this.route = parse(location.hash);
    // What screens remember between draws, by screen.
    this.ui = {};
    this.loaded = new Map();
    this.pending = new Set();
    this.dialog = null;
    this.fault = null;
    this.notice = "";
    // What stays in view until it is dismissed.
    this.said = null;
    this.ready = false;
    this.sandbox = null;
    this.me = null;
  }

  /** Signed in: learn who it is, and whether the sign-in is a sandbox's that shows its people. */
  async begin() {
    this.isUnmet = false;
    this.session.get("/v1/me").then((me) => { this.me = me; this.draw(); }, () => { this.isUnmet = true; });
    const issuer = new URL(this.settings.auth_url);
    if (!["127.0.0.1", "localhost", "[::1]"].includes(issuer.hostname)) return;
    try {
      const people = await (await fetch(`${issuer.origin}/people`)).json();
      this.sandbox = { url: issuer.origin, people: Object.values(people) };
      this.draw();
    } catch {
      // Somebody else's sign-in on this machine.
      this.sandbox = null;
    }
  }

  /** Remember it for the screens, and draw. */
  set(name, value) {
    this.ui[name] = value;
    this.draw();
  }

  /** The link is back: what failed without it is asked for again. */
  again() {
    for (const [key, { status }] of this.loaded) if (status === "failed") this.loaded.delete(key);
    if (this.isUnmet) this.begin();
  }

  moved() {
    const [before] = this.route.path;
    this.said = null;
    this.route = parse(location.hash);
    // Lists may have changed meanwhile; names have not.
    if (this.route.path[0] !== before) for (const [key, entry] of this.loaded) entry.isOld = key.startsWith("/") && !key.startsWith(NAMED);
    closePlayer(this);
    this.close();
  }

  go(address, replace) {
    go(address, replace);
  }

  open(dialog) {
    this.dialog = dialog;
    this.fault = null;
    this.draw();
  }

  close() {
    this.open(null);
  }

  /** What a request gave, asked for once per key: {status: loading | ready | failed, data, error}. */
  load(key, ask) {
    if (this.loaded.get(key)?.isOld ?? true) this.reload(key, ask);
    return this.loaded.get(key);
  }

  /** What is at this path, asked for once. */
  get(path, key = path) {
    return this.load(key, () => this.session.get(path));
  }

  /** Ask again; what is shown stays until the answer is there. */
  async reload(key, ask = this.loaded.get(key)?.ask) {
    const before = this.loaded.get(key);
    const entry = { status: before?.data === undefined ? "loading" : "ready", data: before?.data, ask, isOld: false };
    this.loaded.set(key, entry);
    try {
      entry.data = await ask();
      entry.status = "ready";
    } catch (error) {
      entry.error = error;
      entry.status = "failed";
    }
    this.draw();
  }

  /** To administrators, what somebody is called of whom only the id is known; null to others, and until it is there. */
  named(id) {
    return this.me && this.me.role !== "user" && id !== this.me.id ? this.get(NAMED + id).data?.name ?? null : null;
  }

  /** This is what there is under a key by now. */
  put(key, data) {
    Object.assign(this.loaded.get(key), { status: "ready", data });
    this.draw();
  }

  /** What begins like this is asked for again when it is needed. */
  forget(beginning) {
    for (const key of this.loaded.keys()) if (key.startsWith(beginning)) this.loaded.delete(key);
  }

  /** Do something over the live socket; `key` names the button that waits, and does nothing more until then. Gives the ack. */
  async act(key, name, args) {
    if (this.pending.has(key)) return { ok: false };
    this.pending.add(key);
    this.fault = null;
    this.draw();
    const ack = await this.link.command(name, args, () => {
      this.notice = "Not confirmed yet; asking again.";
      this.draw();
    });
    this.pending.delete(key);
    this.notice = "";
    if (!ack.ok) this.failed(ack.error);
    this.draw();
    return ack;
  }

  /** Do something by a request; as `act`, but gives the answer or null. */
  async request(key, ask) {
    if (this.pending.has(key)) return null;
    this.pending.add(key);
    this.fault = null;
    this.draw();
    try {
      return await ask();
    } catch (error) {
      this.failed(error);
      return null;
    } finally {
      this.pending.delete(key);
      this.draw();
    }
  }

  /** Have something done by REST; `key` names the button that waits. Gives the answer or null. */
  ask(method, path, body, key = path) {
    return this.request(key, () => this.session.ask(method, path, body));
  }

  /** Say it in passing: to see for a moment, and to hear. */
  tell(text) {
    this.passing = text;
    this.announcer.say(text);
    clearTimeout(this.passes);
    this.passes = setTimeout(() => { this.passing = null; this.draw(); }, PASSING_MS);
    this.draw();
  }

  failed(error) {
    this.fault = refused(error);
    this.passing = null;
    this.announcer.fail(this.fault.text);
    const first = () => document.querySelector('[aria-invalid="true"]')?.focus();
    // Once it is drawn.
    requestAnimationFrame(() => requestAnimationFrame(first));
  }

  refused(why) {
    this.signedOut = why || "Please sign in again.";
    this.leave();
  }

  async leave() {
    hush(this);
    closePlayer(this);
    this.link?.close();
    Object.assign(this, { link: null, ready: false, me: null, dialog: null, fault: null, notice: "", ui: {} });
    this.loaded.clear();
    this.pending.clear();
    const leaving = this.session.signOut();
    this.draw();
    await leaving;
  }

  kept(name, otherwise) {
    return localStorage.getItem(`talking.${name}`) ?? otherwise;
  }

  keep(name, value) {
    localStorage.setItem(`talking.${name}`, value);
    this.draw();
  }

  theme(name) {
    document.documentElement.dataset.theme = name;
    this.keep("theme", name);
  }
}
