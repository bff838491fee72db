// What an operator can do to a call that runs: say, mute, listen, take over, keys, hand on, hang up.
import { h, sign } from "../../core/dom.js";
import { capital, masked } from "../../core/format.js";
import { now } from "../../core/now.js";
import { hush, listen } from "../../audio/ear.js";
import { emptied, form, line, submit, tick } from "../forms.js";
import { act, ask } from "../parts.js";
import { holderOf, isHeldFrom, keysOf, transferOf } from "./past.js";

/** What one can do to a call that runs; always in sight. */
export function foot(app, row, held, marks) {
  const ear = app.ear?.call === row.id ? app.ear : null;
  const talks = row.status === "talking";
  const last = transferOf(marks);
  const handing = Boolean(last) && !last.failed;
  const only = { disabled: !talks };
  const args = { call: row.id };
  const isHeld = !ear?.talk && isHeldFrom(app.me, row, held);
  if (isHeld) return heldFoot(app, row, held, ear, only);
  const say = async (typed, element) => {
    const ack = await app.act(`say:${row.id}`, "call.say", { call: row.id, text: typed.words, interrupt: typed.interrupt });
    if (ack.ok) emptied(element, typed);
  };
  return h("div.foot", { role: "group", "aria-label": "What you can do", key: "foot" },
    form({ class: "say" }, say,
      h("input", { name: "words", "aria-label": "Say to the caller", placeholder: "Say…", maxlength: "500", required: true, autocomplete: "off" }),
      tick("cut in", { name: "interrupt" }),
      submit(app, `say:${row.id}`, sign("say", "Say"), "")),
    h("div.actions",
      held.muted ? act(app, "Unmute", "unmute", "call.ai_unmute", args, { hotkey: "m", ...only })
        : act(app, "Mute agent", "mute", "call.ai_mute", args, { hotkey: "m", ...only }),
      listening(app, row, ear, only),
      held.taken || ear?.talk ? act(app, "Give back", "give", "call.release", args, { hotkey: "t", class: "on", after: () => hush(app) })
        : act(app, "Take over", "take", "call.takeover", args, { hotkey: "t", ...only, after: (data) => listen(app, row.id, data, true) }),
      h("button", { key: "keypad", disabled: !talks, onclick: () => app.open(keypad.bind(null, app, row, now())) }, sign("keypad", "Keypad")),
      h("button", { key: "transfer", disabled: !talks || handing, "aria-busy": handing, onclick: () => app.open(() => transfer(app, row)) }, sign("transfer", handing ? "Handing on" : "Transfer")),
      hangUp(app, row)),
    ear?.talk && ear.state === "connecting" && h("p.meta", { role: "status" }, "Connecting; you are not heard yet."),
    ear?.fault && h("p.fault", { role: "alert" }, ear.fault));
}

const listening = (app, row, ear, only) => (ear && !ear.talk && !ear.fault
  ? h("button", { key: "hush", onclick: () => hush(app) }, sign("listen", ear.state === "on" ? "Stop listening" : "Connecting…"))
  : act(app, "Listen", "listen", "call.listen", { call: row.id }, { ...only, after: (data) => listen(app, row.id, data, false) }));

const hangUp = (app, row) => act(app, "Hang up", "hangup", "call.hangup", { call: row.id }, { hotkey: "x", class: "danger", confirm: `Hang up on ${masked(row.user_phone_number)}?` });

// What is left to those who do not hold the call: its owner may end it, an operator the takeover.
function heldFoot(app, row, { by, name }, ear, only) {
  const isMine = row.user_id === app.me.id;
  const who = holderOf(by, null, row, name);
  return h("div.foot", { role: "group", "aria-label": "What you can do", key: "foot" },
    h("p.meta", { role: "status" }, `${name ?? capital(who)} holds this call; only they act on it until they give it back.`),
    h("div.actions", listening(app, row, ear, only),
      app.me.role === "operator" && act(app, "End their takeover", "give", "call.release", { call: row.id, of: by || row.user_id }, { ...only, confirm: `End the takeover of ${who}? The agent goes on, and it is written down that you did.` }),
      isMine && hangUp(app, row)),
    ear?.fault && h("p.fault", { role: "alert" }, ear.fault));
}

// The keys as they are pressed, and as the call has them: theirs that came, ours that were sent.
function keypad(app, row, since) {
  const pad = (app.ui.keypad ??= {});
  if (pad.since !== since) Object.assign(pad, { since, asked: "" });
  const send = async (digits) => {
    pad.asked += digits;
    const ack = await app.act(`dtmf:${row.id}:${pad.asked.length}`, "call.dtmf", { call: row.id, digits });
    if (!ack.ok) pad.asked = pad.asked.slice(0, -1);
    app.draw();
  };
  const sent = keysOf((app.state.marks[row.id] ?? []).filter((mark) => mark.at >= since - 1000));
  const by = (who) => sent.filter((one) => one.by === who).map((one) => one.keys).join("");
  return [h("h2", "Keypad"),
    h("p.pressed", { role: "status" }, h("span.meta", "Pressed "), h("output", pad.asked || "–"), h("span.meta", " sent "), h("output", by("you") || "–"), by("they") ? [h("span.meta", " by them "), by("they")] : null),
    h("div.keypad", { onkeydown: ({ key }) => { if (/^[\d*#]$/.test(key)) send(key); } }, [..."123456789*0#"].map((digit) => h("button", { key: digit, onclick: () => send(digit) }, digit))),
    h("div.actions", h("button", { onclick: () => app.close() }, "Close"))];
}

function transfer(app, row) {
  const hand = ({ to }) => ask(app, `Hand this call to ${to}? The agent leaves it.`, "Transfer", () => app.act(`transfer:${row.id}`, "call.transfer", { call: row.id, to }));
  return [form({ key: "transfer" }, hand, h("h2", "Transfer"),
    line("Number to hand the call to", "to", { type: "tel", required: true, placeholder: "+12025550100" }),
    h("div.actions", h("button.primary", "Transfer…"), h("button", { onclick: () => app.close() }, "Cancel")))];
}
