// The page: signs in, keeps the store, draws it. Everything anybody said is set as text.
import { Link } from "/web/link.js";
import { apply, empty, fromSnapshot, isOver, newestFirst } from "/web/store.js";

const byId = (id) => document.getElementById(id);
const WORDS = {
  off: "Not signed in", joining: "Connecting…", live: "Live", lost: "Connection lost, trying again…",
};
let state = empty;
let session = null;
let link = null;

function make(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

async function ask(url, options) {
  const answer = await fetch(url, options);
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  throw Object.assign(new Error(body.detail ?? body.msg ?? answer.statusText), { status: answer.status });
}

async function token() {
  const { auth_url, publishable_key } = await ask("/console.json");
  const grant = session?.refresh_token ? "refresh_token" : "password";
  const body = grant === "password" ? session : { refresh_token: session.refresh_token };
  if (session?.expires_at && session.expires_at * 1000 - Date.now() > 60000) return session.access_token;
  session = await ask(`${auth_url}/token?grant_type=${grant}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", apikey: publishable_key },
    body: JSON.stringify(body),
  });
  return session.access_token;
}

async function newTicket() {
  const answer = await ask("/v1/tickets", {
    method: "POST",
    headers: { Authorization: `Bearer ${await token()}` },
  });
  return answer.ticket;
}

function showLink(name, why) {
  const text = name === "refused" ? `Signed out: ${why}` : WORDS[name];
  byId("link").textContent = text;
  byId("link").dataset.state = name;
}

function draw() {
  const used = state.usage?.calls;
  byId("usage").textContent = used
    ? `Plan ${state.plan}: ${used.used} of ${used.limit < 0 ? "unlimited" : used.limit} calls used, ${used.reserved} running.`
    : "";
  const cards = newestFirst(state).map(card);
  const focused = document.activeElement?.closest("article")?.dataset.id;
  const typed = focused && byId("calls").querySelector(`[data-id="${focused}"] input`)?.value;
  byId("calls").replaceChildren(...cards);
  if (focused) {
    const input = byId("calls").querySelector(`[data-id="${focused}"] input`);
    if (input) [input.value] = [typed], input.focus();
  }
}

function card(call) {
  const element = make("article", "", { "data-id": call.id });
  const head = make("header", "");
  const status = call.status.replace("_", " ");
  head.append(make("h3", call.topic), make("span", status, { class: "status" }));
  const seconds = call.duration_seconds === null ? "" : `, ${call.duration_seconds} s`;
  const why = call.end_reason ? ` (${call.end_reason.replaceAll("_", " ")})` : "";
  const who = call.answered_by ? `, answered by ${call.answered_by.replaceAll("_", " ")}` : "";
  element.append(head, make("p", `${call.user_phone_number}${who}${seconds}${why}`, { class: "facts" }));
  const lines = make("ol", "", { role: "log", "aria-label": "Transcript" });
  for (const turn of state.transcripts[call.id] ?? []) lines.append(line(turn));
  element.append(lines);
  if (!isOver(call)) element.append(controls(call));
  return element;
}

function line(turn) {
  const item = make("li", "");
  item.append(make("b", turn.speaker), ` ${turn.heard}`);
  const unheard = turn.text.slice(turn.heard.length).trim();
  if (unheard) item.append(" ", make("s", unheard, { title: "not heard" }));
  return item;
}

function controls(call) {
  const form = make("form", "");
  const text = make("input", "", { "aria-label": "Say to the caller", placeholder: "Say…", maxlength: "500" });
  const say = make("button", "Say");
  const end = make("button", "Hang up", { type: "button" });
  const fault = make("p", "", { class: "fault", role: "alert" });
  const run = async (name, args) => {
    const ack = await link.command(name, args);
    fault.textContent = ack.ok ? "" : ack.error.message;
    if (ack.ok) text.value = "";
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run("call.say", { call: call.id, text: text.value, interrupt: false });
  });
  end.addEventListener("click", () => run("call.hangup", { call: call.id }));
  form.append(text, say, end, fault);
  return form;
}

byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  session = Object.fromEntries(new FormData(form));
  try {
    await token();
  } catch (fault) {
    session = null;
    form.querySelector(".fault").textContent = fault.message;
    return;
  }
  form.hidden = true;
  byId("console").hidden = false;
  link = new Link(newTicket, {
    state: showLink,
    snapshot: (data) => { state = fromSnapshot(data); draw(); },
    event: (message) => { state = apply(state, message); draw(); },
  });
  link.open();
});

byId("new-call").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const { topic, to } = Object.fromEntries(new FormData(form));
  const ack = await link.command("call.start", to ? { topic, to } : { topic });
  form.querySelector(".fault").textContent = ack.ok ? "" : ack.error.message;
  if (ack.ok) form.reset();
});
