// Sound: the mu-law table, the change of rate, the jitter buffer and the listening socket's frames.
import assert from "node:assert/strict";
import { test } from "node:test";
import { comesBack, whyOver } from "../../server/web/audio/ear.js";
import { readFrame } from "../../server/web/audio/frames.js";
import { JitterBuffer } from "../../server/web/audio/jitter.js";
import { DECODE, decode, encode, loudness } from "../../server/web/audio/mulaw.js";
import { levelsOf, place } from "../../server/web/audio/player.js";
import { Resampler } from "../../server/web/audio/resample.js";

const tone = (hertz, rate, seconds) => Float32Array.from({ length: rate * seconds }, (_, at) => 0.5 * Math.sin((2 * Math.PI * hertz * at) / rate));

// How much of a frequency is in it (Goertzel), 1 for a full sine.
function share(samples, hertz, rate) {
  let [re, im] = [0, 0];
  samples.forEach((sample, at) => {
    re += sample * Math.cos((2 * Math.PI * hertz * at) / rate);
    im += sample * Math.sin((2 * Math.PI * hertz * at) / rate);
  });
  return (2 * Math.hypot(re, im)) / samples.length;
}

function resampled(samples, from, to, block) {
  const change = new Resampler(from, to);
  const out = [];
  for (let at = 0; at < samples.length; at += block) out.push(...change.push(samples.slice(at, at + block)));
  return out;
}

test("the table is G.711's: its ends, its silence and its sign", () => {
  assert.equal(DECODE[0x00], -32124);
  assert.equal(DECODE[0x80], 32124);
  assert.equal(DECODE[0xff], 0);
  assert.equal(DECODE[0x7f], 0);
});

test("every byte survives the way there and back", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x7f); // a second zero
  assert.deepEqual(encode(decode(bytes)), bytes);
});

test("what is too loud is clipped, not wrapped", () => {
  assert.deepEqual([...encode([2, -2])], [0x80, 0x00]);
});

for (const rate of [48000, 44100, 16000]) {
  test(`a tone at ${rate} Hz is the same tone at 8000 Hz, whatever the blocks`, () => {
    const out = resampled(tone(1000, rate, 1), rate, 8000, 128);
    assert.ok(Math.abs(out.length - 8000) <= 1, String(out.length));
    assert.ok(Math.abs(share(out.slice(100), 1000, 8000) - 0.5) < 0.03);
  });
}

test("what a telephone cannot carry does not fold into what it can", () => {
  const out = resampled(tone(7000, 48000, 1), 48000, 8000, 128);
  assert.ok(share(out.slice(100), 1000, 8000) < 0.01);
});

test("the way up keeps the tone and the length", () => {
  const out = resampled(tone(440, 8000, 1), 8000, 48000, 160);
  assert.ok(Math.abs(out.length - 48000) <= 6);
  assert.ok(Math.abs(share(out, 440, 48000) - 0.5) < 0.02);
});

test("the buffer waits for enough, plays in order, and counts where it ran dry", () => {
  const buffer = new JitterBuffer(4, 8);
  const take = () => { const out = new Float32Array(3); buffer.addTo(out); return [...out]; };
  buffer.push([1, 2]);
  assert.deepEqual(take(), [0, 0, 0]);
  buffer.push([3, 4]);
  assert.deepEqual(take(), [1, 2, 3]);
  assert.deepEqual(take(), [4, 0, 0]);
  assert.equal(buffer.underruns, 1);
});

test("the buffer never holds more than it may: the oldest goes", () => {
  const buffer = new JitterBuffer(1, 4);
  buffer.push([1, 2, 3, 4, 5, 6]);
  const out = new Float32Array(4);
  buffer.addTo(out);
  assert.deepEqual([...out], [3, 4, 5, 6]);
  assert.equal(buffer.dropped, 2);
});

test("clearing leaves nothing to play", () => {
  const buffer = new JitterBuffer(1, 8);
  buffer.push([1, 2, 3]);
  buffer.clear();
  const out = new Float32Array(3);
  buffer.addTo(out);
  assert.deepEqual([...out], [0, 0, 0]);
});

test("a frame says whose sound it is, when, and what", () => {
  const frame = readFrame(Uint8Array.from([2, 0, 1, 0, 1, 0xff, 0x80]).buffer);
  assert.deepEqual([frame.track, frame.at, [...frame.samples]], [2, 65537, [0, 32124 / 32768]].map((one) => (Array.isArray(one) ? one.map(Math.fround) : one)));
  assert.ok(loudness(frame.samples) > 0.6);
});

test("of a recording it is told how loud each side is, where it sounds", () => {
  const tracks = [new Float32Array(2400).fill(0.25, 800, 1600), new Float32Array(2400).fill(-1, 1600)];
  const sound = { sampleRate: 8000, getChannelData: (channel) => tracks[channel] };
  assert.deepEqual(levelsOf(sound, 5000), [{ side: "caller", at: 5100, level: 0.5 }, { side: "agent", at: 5200, level: 1 }]);
});

test("a recording that waits is where it was left, and one that is played goes on with its clock", () => {
  const player = { at: 2, playing: false, since: 10, context: { currentTime: 11.5 }, sound: { duration: 3 } };
  assert.equal(place(player), 2);
  assert.equal(place({ ...player, playing: true }), 3);
  assert.equal(place({ ...player, playing: true, since: 11 }), 2.5);
});

test("a socket that a node or the network lost is asked for anew, and why another is over is told", () => {
  for (const code of [1001, 1006, 1011, 4002, 4005]) assert.ok(comesBack(code), String(code));
  for (const code of [1000, 4502, 4504, 4510]) assert.ok(!comesBack(code), String(code));
  assert.match(whyOver(1000, "released", true), /no longer hold this call/);
  for (const [code, reason] of [[1000, "released"], [4510, "the call is over"]]) assert.equal(whyOver(code, reason, false), null);
  assert.equal(whyOver(4504, "too many listen to this call", false), "Too many listen to this call.");
  assert.equal(whyOver(4502, "", true), "The sound was lost.");
});
