// A recording in the browser: both sides from any moment on, either of them alone, and how loud they
// are. Sound is fetched whole when it is first wanted; nothing of it is kept beyond the screen.

const RATE = 8000;
const READING_S = 0.1;
const DRAW_MS = 200;
const SIDES = ["caller", "agent"];

/** The recording of a call, ready to be played: {call, state: loading | ready | failed, ...}. */
export async function open(app, call) {
  close(app);
  const player = { call, state: "loading", fault: null, sides: { caller: true, agent: true }, at: 0, playing: false };
  app.player = player;
  app.draw();
  try {
    const answer = await app.session.fetch(`/v1/calls/${call}/recording`);
    player.began = Date.parse(answer.headers.get("X-Recording-Began"));
    const bytes = await answer.arrayBuffer();
    player.url = URL.createObjectURL(new Blob([bytes], { type: "audio/wav" }));
    player.context = new AudioContext({ sampleRate: RATE });
    player.sound = await player.context.decodeAudioData(bytes);
    player.gains = wired(player);
    player.levels = levelsOf(player.sound, player.began);
    player.state = "ready";
  } catch (error) {
    Object.assign(player, { state: "failed", fault: error.message });
  }
  // Given up meanwhile.
  if (app.player !== player) return release(player);
  app.draw();
}

// Each side through a loudness of its own, the caller left and the agent right.
function wired(player) {
  const { context } = player;
  const join = context.createChannelMerger(2);
  join.connect(context.destination);
  player.split = context.createChannelSplitter(2);
  return SIDES.map((_, channel) => {
    const gain = context.createGain();
    player.split.connect(gain, channel);
    gain.connect(join, 0, channel);
    return gain;
  });
}

/** How loud each side is, every tenth of a second: [{side, at, level}], at in ms, where it sounds. */
export function levelsOf(sound, began) {
  const size = Math.round(READING_S * sound.sampleRate);
  return SIDES.flatMap((side, channel) => {
    const samples = sound.getChannelData(channel);
    const readings = [];
    for (let first = 0; first < samples.length; first += size) {
      let most = 0;
      for (let at = first; at < Math.min(first + size, samples.length); at += 4) most = Math.max(most, Math.abs(samples[at]));
      if (most > 0.01) readings.push({ side, at: began + (first / sound.sampleRate) * 1000, level: Math.sqrt(most) });
    }
    return readings;
  });
}

/** Where it is, in seconds from its beginning. */
export const place = (player) => (player.playing ? Math.min(player.sound.duration, player.at + player.context.currentTime - player.since) : player.at);

export function play(app) {
  const { player } = app;
  halt(player);
  if (player.at >= player.sound.duration - 0.05) player.at = 0;
  const source = player.context.createBufferSource();
  source.buffer = player.sound;
  source.connect(player.split);
  source.onended = () => { if (player.source === source) pause(app); };
  player.context.resume();
  Object.assign(player, { source, playing: true, since: player.context.currentTime });
  source.start(0, player.at);
  player.timer = setInterval(() => app.draw(), DRAW_MS);
  app.draw();
}

export function pause(app) {
  halt(app.player);
  app.draw();
}

/** Go on from there, in seconds, or wait there if it was waiting. */
export function seek(app, seconds) {
  const { player } = app;
  const wasPlaying = player.playing;
  halt(player);
  player.at = Math.max(0, Math.min(player.sound.duration, seconds));
  if (wasPlaying) play(app);
  else app.draw();
}

/** Hear a side, or not. */
export function turn(app, side, isOn) {
  app.player.sides[side] = isOn;
  app.player.gains[SIDES.indexOf(side)].gain.value = isOn ? 1 : 0;
  app.draw();
}

function halt(player) {
  if (!player.source) return;
  player.at = place(player);
  const { source } = player;
  Object.assign(player, { source: null, playing: false });
  clearInterval(player.timer);
  source.stop();
}

function release(player) {
  if (player.source) halt(player);
  if (player.url) URL.revokeObjectURL(player.url);
  player.context?.close();
}

/** Let go of it. */
export function close(app) {
  const { player } = app;
  app.player = null;
  if (player && player.state !== "loading") release(player);
}
