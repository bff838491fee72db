// Listening to a call and talking in it: the socket `audio.v1`, the loudspeaker and the microphone.
// What is heard and said goes through here; nothing of it is kept.
import { capital } from "../core/words.js";
import { readFrame } from "./frames.js";

const AGENT = 1;
const [DONE, FINAL, CALL_OVER] = [1000, 4500, 4510];
// For so long a call may have no server, as when its own just failed.
const AGAIN_MS = 12000;
const PAUSE_MS = 1000;
// 200 ms: what waits longer for the network is old.
const MOST_BUFFERED = 1600;
const WHY = { NotAllowedError: "The browser was not allowed to use the microphone.", NotFoundError: "There is no microphone." };

/** Open the ear on a call; `talk` opens the microphone, too. */
export async function listen(app, call, { ticket, url }, talk) {
  hush(app);
  const ear = { call, talk, state: "connecting", fault: null };
  app.ear = ear;
  try {
    if (talk && !navigator.mediaDevices) throw new Error("The microphone needs a page with TLS.");
    ear.context = new AudioContext();
    const names = talk ? ["playback", "capture"] : ["playback"];
    await Promise.all(names.map((name) => ear.context.audioWorklet.addModule(`/web/audio/${name}.js`)));
    // Given up meanwhile.
    if (app.ear !== ear) return;
    ear.player = new AudioWorkletNode(ear.context, "playback", { outputChannelCount: [1] });
    ear.player.connect(ear.context.destination);
    connect(app, ear, ticket, url);
    if (talk) await speak(app, ear);
  } catch (error) {
    if (app.ear !== ear) return;
    // The caller hears nobody meanwhile.
    if (talk) app.session.post(`/v1/calls/${call}/release`).catch(() => {});
    return end(app, ear, WHY[error.name] ?? error.message);
  }
  app.draw();
}

function connect(app, ear, ticket, url) {
  const address = new URL(url, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address, "audio.v1");
  socket.binaryType = "arraybuffer";
  ear.socket = socket;
  socket.onopen = () => socket.send(JSON.stringify({ op: "hello", ticket }));
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") told(app, ear, JSON.parse(data));
    else {
      const { track, samples } = readFrame(data);
      ear.player.port.postMessage({ track, samples }, [samples.buffer]);
    }
  };
  socket.onclose = ({ code, reason }) => {
    if (app.ear !== ear) return;
    if (comesBack(code)) return comeBack(app, ear);
    // What one asked for oneself is no news.
    const isAsked = [...app.pending].some((key) => key.startsWith("call.release"));
    end(app, ear, isAsked ? null : whyOver(code, reason, ear.talk));
  };
}

/** Whether a new ticket may help a socket that was closed with this code. */
export const comesBack = (code) => code !== DONE && code < FINAL;

/** What to say of a socket that is closed for good, or null; pure. */
export function whyOver(code, reason, talk) {
  if (code === CALL_OVER) return null;
  if (code === DONE) return talk ? "You no longer hold this call: the agent goes on." : null;
  return `${capital(reason || "the sound was lost")}.`;
}

function end(app, { call }, fault) {
  hush(app);
  if (fault) app.ear = { call, talk: false, state: "closed", fault };
  app.draw();
}

async function comeBack(app, ear) {
  ear.state = "connecting";
  app.draw();
  const until = Date.now() + AGAIN_MS;
  while (app.ear === ear) {
    try {
      const { ticket, url } = await app.session.post(`/v1/calls/${ear.call}/${ear.talk ? "takeover" : "listen"}`);
      if (app.ear === ear) connect(app, ear, ticket, url);
      return;
    } catch (error) {
      const isPassing = !error.status || error.status >= 500 || error.code === "wrong_state";
      if (app.ear === ear && (!isPassing || Date.now() > until)) end(app, ear, whyOver(FINAL, "", ear.talk));
      else await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  }
}

function told(app, ear, message) {
  if (message.op === "clear") ear.player.port.postMessage({ clear: AGENT });
  if (message.op !== "welcome") return;
  ear.state = "on";
  ear.mayTalk = message.talk;
  app.draw();
}

async function speak(app, ear) {
  const microphone = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });
  if (app.ear !== ear) return microphone.getTracks().forEach((track) => track.stop());
  ear.microphone = microphone;
  const capture = new AudioWorkletNode(ear.context, "capture", { numberOfOutputs: 0 });
  capture.port.onmessage = ({ data }) => {
    const { socket } = ear;
    if (ear.mayTalk && socket.readyState === 1 && socket.bufferedAmount < MOST_BUFFERED) socket.send(data);
  };
  ear.context.createMediaStreamSource(microphone).connect(capture);
}

/** Stop listening and talking. */
export function hush(app) {
  const { ear } = app;
  app.ear = null;
  ear?.socket?.close();
  ear?.microphone?.getTracks().forEach((track) => track.stop());
  ear?.context?.close();
}
