// The pure parts of the phone's page, run under Node by test_routes_page.py, which puts the page's
// modules and the Python tables beside this file.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Framer } from "./framer.js";
import { DECODED, ENCODED, encode } from "./mulaw.js";
import { Line } from "./line.js";
import { Player } from "./player.js";
import { Resampler } from "./resample.js";

const tables = JSON.parse(readFileSync(new URL("./tables.json", import.meta.url)));
const DEVICE = 48000;

const tone = (hertz, rate, seconds) =>
  Float32Array.from({ length: rate * seconds }, (_, at) => 0.5 * Math.sin((2 * Math.PI * hertz * at) / rate));

function resampled(from, to, samples) {
  const resampler = new Resampler(from, to);
  const out = [];
  for (const sample of samples) {
    resampler.write(sample);
    while (resampler.ready) out.push(resampler.read());
  }
  return out;
}

// How strong a frequency is in some sound, with a window so that nothing leaks in from elsewhere.
function strength(samples, hertz, rate) {
  let [re, im, sum] = [0, 0, 0];
  for (let at = 0; at < samples.length; at++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / samples.length);
    re += window * samples[at] * Math.cos((2 * Math.PI * hertz * at) / rate);
    im += window * samples[at] * Math.sin((2 * Math.PI * hertz * at) / rate);
    sum += window;
  }
  return (2 * Math.hypot(re, im)) / sum;
}

const decibels = (ratio) => 20 * Math.log10(ratio);
const loudness = (samples) => Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);

// Stands for the browser's socket; timers run when the test says so.
class FakeSocket {
  static OPEN = 1;
  static all = [];

  constructor() {
    Object.assign(this, { readyState: 1, bufferedAmount: 0, sent: [] });
    FakeSocket.all.push(this);
  }

  send(data) {
    this.sent.push(data);
  }

  close() {
    this.readyState = 3;
  }
}

function newLine() {
  FakeSocket.all = [];
  const [states, later, always] = [[], [], []];
  Object.assign(globalThis, {
    WebSocket: FakeSocket, location: { href: "http://127.0.0.1/phone" }, addEventListener() {},
    document: { addEventListener() {}, visibilityState: "visible" },
    setTimeout: (run) => later.push(run), setInterval: (run) => always.push(run),
  });
  const frames = [];
  const line = new Line("a-secret-key", "", {
    state: (name) => states.push(name), welcome() {}, frame: (number) => frames.push(number),
  });
  line.open();
  return { line, states, later, always, frames, socket: () => FakeSocket.all.at(-1) };
}

test("a line that takes no sound keeps the newest 200 ms of it", () => {
  const { line, socket } = newLine();
  const frames = Array.from({ length: 30 }, () => new ArrayBuffer(160));
  socket().bufferedAmount = 5000;
  for (const frame of frames) line.sound(frame);
  assert.equal(line.counters.dropped, 20);
  assert.deepEqual(socket().sent, []);
  socket().bufferedAmount = 0;
  line.sound(new ArrayBuffer(160));
  assert.equal(socket().sent.length, 10);
  assert.equal(socket().sent[0], frames[21]);
});

test("a lost line is opened again, one that was taken over or refused is not", () => {
  const { states, later, socket } = newLine();
  socket().onclose({ code: 1006, reason: "" });
  assert.deepEqual(states, ["joining", "lost"]);
  later.pop()();
  assert.equal(FakeSocket.all.length, 2);
  for (const [code, state] of [[4001, "elsewhere"], [4002, "refused"]]) {
    const before = later.length;
    socket().onclose({ code, reason: "" });
    assert.equal(states.at(-1), state);
    assert.equal(later.length, before);
  }
});

test("a line on which nothing comes back is cut, a quiet one that answers is not", (context) => {
  const { states, always, socket, line } = newLine();
  let now = 0;
  context.mock.method(performance, "now", () => now);
  for (const [at, answers] of [[0, true], [60000, true], [120000, false], [130000, false]]) {
    now = at;
    always[0]();
    if (answers) socket().onmessage({ data: JSON.stringify({ type: "pong", at, mouth_ms: 20 }) });
  }
  assert.deepEqual(states, ["joining"]);
  assert.equal(line.counters.buffered, 20);
  now = 133000;
  always[0]();
  assert.deepEqual(states, ["joining", "lost"]);
});

test("a frame comes with its number", () => {
  const { frames, socket } = newLine();
  const data = new ArrayBuffer(164);
  new DataView(data).setUint32(0, 70000);
  socket().onmessage({ data });
  assert.deepEqual(frames, [70000]);
});

test("mu-law is the same here as in Python", () => {
  assert.deepEqual(Array.from(ENCODED), tables.encoded);
  assert.deepEqual(Array.from(DECODED, (sample) => Math.round(sample * 32768) || 0), tables.decoded);
  assert.equal(encode(0), 0xff);
  assert.equal(encode(2), encode(1));
  assert.equal(encode(-2), encode(-1));
});

for (const rate of [16000, 44100, 48000, 96000]) {
  test(`from ${rate} Hz a telephone gets speech whole and nothing it would fold over`, () => {
    for (const hertz of [200, 1000, 3000]) {
      const kept = decibels(strength(resampled(rate, 8000, tone(hertz, rate, 0.5)).slice(400), hertz, 8000) / 0.5);
      assert.ok(Math.abs(kept) < 0.5, `${hertz} Hz: ${kept} dB`);
    }
    for (const hertz of [4400, 5000, 7000, 7900]) {
      const folded = decibels(loudness(resampled(rate, 8000, tone(hertz, rate, 0.5)).slice(400)) / 0.35);
      assert.ok(folded < -45, `${hertz} Hz: ${folded} dB`);
    }
  });

  test(`to ${rate} Hz a telephone's sound comes without its mirror image`, () => {
    for (const hertz of [300, 1000, 3000]) {
      const out = resampled(8000, rate, tone(hertz, 8000, 0.5)).slice(rate / 20);
      assert.ok(Math.abs(decibels(strength(out, hertz, rate) / 0.5)) < 0.5);
      if (rate > 16000) assert.ok(decibels(strength(out, 8000 - hertz, rate) / 0.5) < -45);
    }
  });

  test(`as many samples come out of ${rate} Hz as time goes in`, () => {
    assert.ok(Math.abs(resampled(rate, 8000, new Float32Array(rate)).length - 8000) < 60);
  });
}

test("a microphone's samples become fifty frames a second, silent ones while muted", () => {
  const framer = new Framer(DEVICE);
  const sound = tone(1000, DEVICE, 1);
  const frames = [];
  for (let at = 0; at < sound.length; at += 128) frames.push(...framer.push(sound.subarray(at, at + 128)));
  assert.ok(frames.length === 49 || frames.length === 50);
  assert.ok(frames.every(({ frame }) => frame.length === 160));
  assert.ok(Math.abs(frames[20].level - 0.3535) < 0.01);
  framer.muted = true;
  const [, muted] = [framer.push(sound.subarray(0, 960)), framer.push(sound.subarray(0, 960))];
  assert.ok(muted[0].frame.every((byte) => byte === 0xff));
  assert.ok(muted[0].level > 0.3);
});

const LOUD = Uint8Array.from(tone(500, 8000, 0.02), (sample) => encode(sample));

// Frames by a schedule of arrival times, played in blocks as a device asks for them.
class Ear {
  constructor() {
    this.player = new Player(DEVICE);
    this.now = 0;
    this.number = 0;
    this.out = [];
    this.heard = [];
  }

  run(ms, arrivals = () => 1) {
    for (const end = this.now + ms; this.now < end; this.now += 10) {
      for (let left = this.now % 20 ? 0 : arrivals(this.now); left > 0; left--) {
        this.player.push(++this.number, LOUD, this.now);
      }
      const block = new Float32Array(480);
      for (const id of this.player.pull(block)) this.heard.push({ id, at: this.now + 10 });
      this.out.push(...block);
    }
    return this;
  }

  last(ms) {
    return loudness(this.out.slice(-48 * ms));
  }
}

test("playing begins when sixty milliseconds are there and goes on without a gap", () => {
  const ear = new Ear().run(40);
  assert.equal(ear.last(40), 0);
  ear.run(3000);
  assert.ok(ear.last(2500) > 0.3);
  assert.equal(ear.player.underruns, 0);
  assert.ok(ear.player.level > 30 && ear.player.level < 60, `holds ${ear.player.level} ms`);
});

test("a jittery network is given more time, up to a limit", () => {
  const ear = new Ear().run(4000, (now) => (now % 60 ? 0 : 3));
  assert.ok(ear.player.jitter > 10);
  assert.ok(ear.player.target > 70 && ear.player.target <= 120, `aims at ${ear.player.target} ms`);
  const before = ear.player.underruns;
  ear.run(3000, (now) => (now % 60 ? 0 : 3));
  assert.equal(ear.player.underruns, before);
});

test("when nothing comes the sound fades, and comes back", () => {
  const ear = new Ear().run(1000);
  ear.run(400, () => 0);
  assert.equal(ear.player.underruns, 1);
  assert.ok(ear.last(200) < 1e-4);
  const steps = ear.out.map((sample, at) => Math.abs(sample - (ear.out[at - 1] ?? 0)));
  assert.ok(Math.max(...steps) < 0.06, "no click");
  ear.run(600);
  assert.ok(ear.last(200) > 0.3);
});

test("what piles up after a stall is dropped at once, a little too much is played away", () => {
  const ear = new Ear().run(1000).run(20, () => 30);
  assert.ok(ear.player.dropped > 300);
  assert.ok(ear.player.depth < 150);
  const slack = new Ear().run(1500).run(20, () => 4);
  const dropped = slack.player.dropped;
  assert.ok(slack.player.depth > 70);
  slack.run(6000);
  assert.equal(slack.player.dropped, dropped);
  assert.ok(slack.player.level < 62, `holds ${slack.player.level} ms`);
});

for (const [name, every] of [["faster", 100], ["slower", -100]]) {
  test(`a clock that runs ${name} by a hundredth neither piles up nor runs dry`, () => {
    let count = 0;
    const ear = new Ear().run(20000, () => (++count % Math.abs(every) ? 1 : every > 0 ? 2 : 0));
    assert.ok(ear.player.underruns <= 1, `${ear.player.underruns} gaps`);
    assert.ok(ear.player.depth < 120);
  });
}

test("a mark is heard when its frame has left the loudspeaker, latency and all", () => {
  const ear = new Ear();
  ear.player.latency = 0.1 * DEVICE;
  ear.run(200);
  ear.player.mark(1, ear.number);
  const waits = ear.player.depth + 100;
  ear.run(1000);
  const [{ id, at }] = ear.heard;
  assert.equal(id, 1);
  assert.ok(Math.abs(at - 200 - waits) <= 15, `after ${at - 200} ms instead of ${waits}`);
  ear.player.mark(2, 5);
  assert.deepEqual(ear.player.pull(new Float32Array(128)), [2]);
});

test("a clear is silence within ten milliseconds, and its marks are forgotten", () => {
  const ear = new Ear().run(1000);
  ear.player.mark(1, ear.number);
  ear.player.clear();
  ear.run(100, () => 0);
  assert.ok(loudness(ear.out.slice(-90 * 48)) < 1e-3);
  assert.deepEqual(ear.heard, []);
  ear.run(400);
  assert.ok(ear.last(200) > 0.3);
});
