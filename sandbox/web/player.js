// Playback: frames come as the network likes and leave as steady sound at the device's rate.
// Holds back as much as the network's jitter asks for, plays a little faster or slower to keep it so,
// fades when nothing is there, and reports which marks were really heard. Pure: time is an argument.
import { DECODED } from "./mulaw.js";
import { Resampler } from "./resample.js";

const FRAME_MS = 20;
const FRAME_SAMPLES = 160;
const SIZE = 16384; // two seconds
const START_MS = 60;
const LEAST_MS = 40;
const MOST_MS = 120;
const TOO_MUCH_MS = 100; // over the target: dropped at once, less is played away
const LEEWAY_MS = 8;
const MOST_STRETCH = 0.015;
const LEARNING_FRAMES = 50;

export class Player {
  constructor(rate) {
    this.rate = rate;
    this.resampler = new Resampler(8000, rate);
    this.base = this.resampler.step;
    this.ring = new Float32Array(SIZE);
    this.fading = Math.exp(-1 / (0.002 * rate));
    this.rising = 1 / (0.005 * rate);
    this.latency = 0; // samples between here and the loudspeaker
    this.last = this.tail = 0;
    this.restart();
  }

  // Another call, or the same after its socket was lost.
  restart() {
    this.written = this.played = 0;
    this.number = 0;
    this.frames = this.underruns = this.dropped = this.stretched = 0;
    this.jitter = this.margin = 0;
    this.transit = null;
    this.clear();
  }

  get depth() {
    return (this.written - this.played) / 8;
  }

  get target() {
    if (this.frames < LEARNING_FRAMES) return START_MS;
    return Math.min(MOST_MS, LEAST_MS + 3 * this.jitter + this.margin);
  }

  // A frame with its number, and when it came.
  push(number, mulaw, nowMs) {
    const transit = nowMs - number * FRAME_MS;
    if (this.transit !== null) this.jitter += (Math.abs(transit - this.transit) - this.jitter) / 16;
    [this.transit, this.number] = [transit, number];
    for (const byte of mulaw) this.ring[this.written++ & (SIZE - 1)] = DECODED[byte];
    this.frames++;
    if (this.depth > this.target + TOO_MUCH_MS) this.drop(this.depth - this.target);
  }

  drop(ms) {
    this.played += Math.round(ms * 8);
    this.dropped += Math.round(ms);
    this.level = this.depth;
    this.hush();
  }

  // Everything not yet heard is never heard; so are its marks, of which the other side knows.
  clear() {
    this.played = this.written;
    this.resampler.reset();
    this.flowing = false;
    this.level = 0;
    this.marks = [];
    this.sounding = [];
    this.hush();
  }

  // What sounds now fades out, what comes next fades in.
  hush() {
    this.tail = this.last;
    this.gain = 0;
  }

  // Heard, as soon as the frame with the number `after` has left the loudspeaker.
  mark(id, after) {
    this.marks.push({ id, at: this.written - (this.number - after) * FRAME_SAMPLES });
  }

  // Fill a block; the marks heard by its end.
  pull(out) {
    for (let at = 0; at < out.length; at++) {
      const sample = this.next();
      this.tail *= this.fading;
      this.gain = Math.min(1, this.gain + this.rising);
      this.last = out[at] = sample * this.gain + this.tail;
    }
    this.steer();
    return this.heard(out.length);
  }

  next() {
    if (!this.flowing && this.depth >= this.target) {
      this.flowing = true;
      this.gain = 0;
      this.level = this.depth;
    }
    if (!this.flowing) return 0;
    while (!this.resampler.ready) {
      if (this.played >= this.written) return this.runOut();
      this.resampler.write(this.ring[this.played++ & (SIZE - 1)]);
    }
    return this.resampler.read();
  }

  runOut() {
    this.underruns++;
    this.margin = Math.min(60, this.margin + 20);
    this.flowing = false;
    this.hush();
    return 0;
  }

  steer() {
    this.margin *= 0.9999;
    this.level += (this.depth - this.level) * 0.02;
    const over = this.level - this.target;
    const wanted = Math.abs(over) < LEEWAY_MS ? 0 : over * 0.0005;
    this.stretched = this.flowing ? Math.max(-MOST_STRETCH, Math.min(MOST_STRETCH, wanted)) : 0;
    this.resampler.step = this.base * (1 + this.stretched);
  }

  heard(samples) {
    for (const mark of this.sounding) mark.left -= samples;
    while (this.marks.length && this.marks[0].at <= this.played) {
      const { id, at } = this.marks.shift();
      this.sounding.push({ id, left: this.latency - ((this.played - at) / 8000) * this.rate });
    }
    const heard = this.sounding.filter((mark) => mark.left <= 0).map((mark) => mark.id);
    this.sounding = this.sounding.filter((mark) => mark.left > 0);
    return heard;
  }
}
