// The page: signs in, keeps the store, draws it.
import { Link } from "/web/link.js";
import { head, line, make } from "/web/make.js";
import { apply, empty, fromSnapshot, isOver, newestFirst } from "/web/store.js";
import { letter, thread } from "/web/threads.js";

const byId = (id) => document.getElementById(id);
const WORDS = {
  off: "Not signed in", joining: "Connecting…", live: "Live", lost: "Connection lost, trying again…",
};
let state = empty;
let session = null;
let link = null;

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
  byId("usage").textContent = state.usage ? `Plan ${state.plan}: ${used("calls")}, ${used("texts")}, ${used("emails")}.` : "";
  const command = (name, args) => link.command(name, args);
  show("calls", newestFirst(state.calls).map(card));
  show("threads", newestFirst(state.conversations).map((row) => thread(row, state.messages[row.id] ?? [], command)));
  show("letters", newestFirst(state.emails).map(letter));
}

function used(name) {
  const { used, limit, reserved } = state.usage[name];
  return `${used} of ${limit < 0 ? "unlimited" : limit} ${name} used${reserved ? `, ${reserved} running` : ""}`;
}

// Put the cards in place; what is being typed in one of them stays.
function show(place, cards) {
  const focused = document.activeElement?.closest(`#${place} article`)?.dataset.id;
  const typed = focused && byId(place).querySelector(`[data-id="${focused}"] input`)?.value;
  byId(place).replaceChildren(...cards);
  const input = focused && byId(place).querySelector(`[data-id="${focused}"] input`);
  if (input) [input.value] = [typed], input.focus();
}

function card(call) {
  const element = make("article", "", { "data-id": call.id });
  const seconds = call.duration_seconds === null ? "" : `, ${call.duration_seconds} s`;
  const why = call.end_reason ? ` (${call.end_reason.replaceAll("_", " ")})` : "";
  const who = call.answered_by ? `, answered by ${call.answered_by.replaceAll("_", " ")}` : "";
  element.append(head(call.topic, call.status));
  element.append(make("p", `${call.user_phone_number}${who}${seconds}${why}`, { class: "facts" }));
  const lines = make("ol", "", { role: "log", "aria-label": "Transcript" });
  for (const turn of state.transcripts[call.id] ?? []) lines.append(spoken(turn));
  element.append(lines);
  if (!isOver(call)) element.append(controls(call));
  return element;
}

function spoken(turn) {
  const item = make("li", "");
  item.append(make("b", turn.speaker), ` ${turn.heard}`);
  const unheard = turn.text.slice(turn.heard.length).trim();
  if (unheard) item.append(" ", make("s", unheard, { title: "not heard" }));
  return item;
}

function controls(call) {
  return line({
    label: "Say to the caller", placeholder: "Say…", button: "Say",
    send: (text) => link.command("call.say", { call: call.id, text, interrupt: false }),
    more: { "Hang up": () => link.command("call.hangup", { call: call.id }) },
  });
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

function begins(form, name) {
  byId(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = Object.entries(Object.fromEntries(new FormData(event.target)));
    const ack = await link.command(name, Object.fromEntries(given.filter(([, value]) => value)));
    event.target.querySelector(".fault").textContent = ack.ok ? "" : ack.error.message;
    if (ack.ok) event.target.reset();
  });
}

begins("new-call", "call.start");
begins("new-thread", "conv.start");
