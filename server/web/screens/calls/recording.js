// A call's recording: whether there is one, what one can do about it, and playing it on the time line.
import { close, open, pause, place, play, seek, turn } from "../../audio/player.js";
import { h, sign } from "../../core/dom.js";
import { capital, clock } from "../../core/format.js";
import { isOver } from "../../core/store.js";
import { act, panel } from "../parts.js";

const STATES = {
  asking: "They are being asked whether the call may be recorded.", on: "The call is being recorded.", paused: "The recording is paused.",
  stopped: "The call was recorded.", declined: "Not recorded: they did not say yes.",
};

/** What is to be heard of this call by now, or null. */
export const playerOf = (app, row) => (app.player?.call === row.id && app.player.state === "ready" ? app.player : null);

/** The panel; nothing where a call is over that nobody wanted to record. */
export function recording(app, row, mayAct, isHeld) {
  if (app.player && app.player.call !== row.id) close(app);
  const isLive = !isOver(row);
  if (!row.recording && !(isLive && mayAct)) return null;
  const words = STATES[row.recording] ?? "The call is not recorded. Whoever was called is asked before it is.";
  return panel("Recording", { key: "recording", class: "recording", actions: isLive && mayAct ? controls(app, row, isHeld) : [] },
    h("p", { class: `rec-state is-${row.recording ?? "off"}`, role: "status" }, row.recording === "on" && h("span.dot", { "aria-hidden": "true" }), words),
    row.recording === "stopped" && heard(app, row));
}

// Of a call that somebody else holds its owner may still end what is kept of it.
function controls(app, row, isHeld) {
  if (isHeld && row.user_id !== app.me.id) return [];
  const args = { call: row.id };
  const only = { disabled: row.status !== "talking" };
  const start = (label) => !isHeld && act(app, label, "record", "call.recording_start", args, only);
  const stop = (label) => act(app, label, "stop", "call.recording_stop", args, only);
  switch (row.recording) {
    case "asking": return [stop("Do not ask")];
    case "on": return [act(app, "Pause", "pause", "call.recording_pause", args, only), stop("Stop")];
    case "paused": return [start("Go on"), stop("Stop")];
    default: return [start("Record")];
  }
}

function heard(app, row) {
  const player = app.player?.call === row.id ? app.player : null;
  if (player?.state !== "ready") return opener(app, row, player);
  const at = place(player);
  return h("div.player", { role: "group", "aria-label": "Player" },
    h("button.primary", { key: "play", onclick: () => (player.playing ? pause(app) : play(app)) }, sign(player.playing ? "pause" : "play", player.playing ? "Pause" : "Play")),
    h("input", { type: "range", key: "place", "aria-label": "Place in the recording", min: "0", max: player.sound.duration.toFixed(1), step: "0.1", value: at.toFixed(1), "aria-valuetext": clock(at * 1000), oninput: (event) => seek(app, Number(event.target.value)) }),
    h("span.tabular", { key: "time" }, clock(at * 1000), " / ", clock(player.sound.duration * 1000)),
    ["caller", "agent"].map((side) => h("label", { class: `tick key ${side}`, key: side }, h("input", { type: "checkbox", checked: player.sides[side], onchange: (event) => turn(app, side, event.target.checked) }), capital(side))),
    h("a.button", { key: "download", href: player.url, download: `call-${row.id}.wav` }, sign("download", "Download")));
}

// Its sound is fetched when somebody wants to hear it, which is written down where it is another person's.
function opener(app, row, player) {
  const isLoading = player?.state === "loading";
  const begin = async () => {
    await open(app, row.id);
    if (playerOf(app, row)) play(app);
  };
  return [player?.fault && h("p.fault", { role: "alert", key: "fault" }, player.fault),
    h("div.actions", { key: "open" }, h("button.primary", { "aria-busy": isLoading, disabled: isLoading, onclick: begin }, sign("play", isLoading ? "Loading…" : "Play")))];
}

/** Seeks to a moment of the call, in ms since the epoch. */
export const seeker = (app, player) => (player ? (at) => seek(app, (at - player.began) / 1000) : null);

/** A click within a list whose entries have `data-at` seeks there. */
export const seekOf = (to) => (to ? (event) => {
  const found = event.target.closest("[data-at]");
  if (found) to(Number(found.dataset.at));
} : null);
