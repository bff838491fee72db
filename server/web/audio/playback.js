// The sound thread's end of listening: a jitter buffer for each track, mixed at the device's rate.
import { JitterBuffer } from "./jitter.js";
import { Resampler } from "./resample.js";

const START_SECONDS = 0.06;
const MOST_SECONDS = 0.4;

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.tracks = new Map();
    this.port.onmessage = ({ data: { track, samples, clear } }) => {
      if (clear !== undefined) this.track(clear).buffer.clear();
      else {
        const to = this.track(track);
        to.buffer.push(to.resampler.push(samples));
      }
    };
  }

  track(number) {
    if (!this.tracks.has(number)) {
      this.tracks.set(number, {
        buffer: new JitterBuffer(Math.round(START_SECONDS * sampleRate), Math.round(MOST_SECONDS * sampleRate)),
        resampler: new Resampler(8000, sampleRate),
      });
    }
    return this.tracks.get(number);
  }

  process(_inputs, [[out]]) {
    for (const { buffer } of this.tracks.values()) buffer.addTo(out);
    return true;
  }
}

registerProcessor("playback", Playback);
