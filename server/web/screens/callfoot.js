// What an operator can do to a call that runs: say, mute, listen, take over, keys, hand on, hang up.
import { h, icon } from "../core/dom.js";
import { masked } from "../core/format.js";
import { hush, listen } from "../audio/ear.js";
import { act, ask, field, value } from "./parts.js";
import { keysOf, transferOf } from "./callpast.js";

/** What one can do to a call that runs; always in sight. */
export function foot(app, row, held, marks) {
  const ear = app.ear?.call === row.id ? app.ear : null;
  const talks = row.status === "talking";
  const last = transferOf(marks);
  const handing = Boolean(last) && !last.failed;
  const only = { disabled: !talks };
  const args = { call: row.id };
  const sayIt = async (event) => {
    event.preventDefault();
    const form = event.target;
    const ack = await app.act(`say:${row.id}`, "call.say", { call: row.id, text: value(form, "words"), interrupt: form.elements.interrupt.checked });
    if (ack.ok) form.reset();
  };
  return h("div", { class: "foot", role: "group", "aria-label": "What you can do", key: "foot" },
    h("form", { class: "say", onsubmit: sayIt },
      h("input", { name: "words", "aria-label": "Say to the caller", placeholder: "Say…", maxlength: "500", required: true, autocomplete: "off" }),
      h("label", { class: "tick" }, h("input", { type: "checkbox", name: "interrupt" }), "cut in"),
      h("button", { "aria-busy": app.pending.has(`say:${row.id}`) ? "true" : null }, icon("say"), h("span", {}, "Say"))),
    h("div", { class: "actions" },
      held.muted ? act(app, { label: "Unmute", symbol: "unmute", name: "call.ai_unmute", args, hotkey: "m", ...only })
        : act(app, { label: "Mute agent", symbol: "mute", name: "call.ai_mute", args, hotkey: "m", ...only }),
      ear && !ear.talk ? h("button", { type: "button", key: "hush", onclick: () => hush(app) }, icon("listen"), h("span", {}, ear.state === "on" ? "Stop listening" : "Connecting…"))
        : act(app, { label: "Listen", symbol: "listen", name: "call.listen", args, ...only, after: (data) => listen(app, row.id, data, false) }),
      held.taken || ear?.talk ? act(app, { label: "Give back", symbol: "give", name: "call.release", args, hotkey: "t", class: "on", after: () => hush(app) })
        : act(app, { label: "Take over", symbol: "take", name: "call.takeover", args, hotkey: "t", ...only, after: (data) => listen(app, row.id, data, true) }),
      h("button", { type: "button", key: "keypad", disabled: !talks, onclick: () => app.open(() => keypad(app, row, Date.now())) }, icon("keypad"), h("span", {}, "Keypad")),
      h("button", { type: "button", key: "transfer", disabled: !talks || handing, "aria-busy": handing ? "true" : null, onclick: () => app.open(() => transfer(app, row)) }, icon("transfer"), h("span", {}, handing ? "Handing on" : "Transfer")),
      act(app, { label: "Hang up", symbol: "hangup", name: "call.hangup", args, hotkey: "x", class: "danger", confirm: `Hang up on ${masked(row.user_phone_number)}?` })),
    ear?.fault ? h("p", { class: "fault", role: "alert" }, ear.fault) : null);
}

// The keys as they are pressed, and as the call has them: theirs that came, ours that were sent.
function keypad(app, row, since) {
  const pad = (app.ui.keypad ??= {});
  if (pad.since !== since) Object.assign(pad, { since, asked: "" });
  const send = async (digits) => {
    pad.asked += digits;
    const ack = await app.act(`dtmf:${row.id}`, "call.dtmf", { call: row.id, digits });
    if (!ack.ok) pad.asked = pad.asked.slice(0, -1);
    app.draw();
  };
  const sent = keysOf((app.state.marks[row.id] ?? []).filter((mark) => mark.at >= since - 1000));
  const by = (who) => sent.filter((one) => one.by === who).map((one) => one.keys).join("");
  return [h("h2", {}, "Keypad"),
    h("p", { class: "pressed", role: "status" }, h("span", { class: "meta" }, "Pressed "), h("output", {}, pad.asked || "–"), h("span", { class: "meta" }, " sent "), h("output", {}, by("you") || "–"), by("they") ? [h("span", { class: "meta" }, " by them "), by("they")] : null),
    h("div", { class: "keypad" }, [..."123456789*0#"].map((digit) => h("button", { type: "button", key: digit, onclick: () => send(digit) }, digit))),
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => app.close() }, "Close"))];
}

function transfer(app, row) {
  const submit = (event) => {
    event.preventDefault();
    const to = value(event.target, "to");
    app.close();
    ask(app, `Hand this call to ${to}? The agent leaves it.`, "Transfer", () => app.act(`transfer:${row.id}`, "call.transfer", { call: row.id, to }));
  };
  return [h("form", { onsubmit: submit, key: "transfer" }, h("h2", {}, "Transfer"),
    field("Number to hand the call to", h("input", { name: "to", type: "tel", required: true, placeholder: "+12025550100" })),
    h("div", { class: "actions" }, h("button", { class: "primary" }, "Transfer…"), h("button", { type: "button", onclick: () => app.close() }, "Cancel")))];
}
