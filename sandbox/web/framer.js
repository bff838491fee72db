// From a microphone's samples to frames of the telephone: 160 bytes of mu-law for each 20 ms. Pure.
// Muted, the frames keep coming and are silent.
import { encode, SILENCE } from "./mulaw.js";
import { Resampler } from "./resample.js";

export const FRAME_BYTES = 160;

export class Framer {
  constructor(rate) {
    this.resampler = new Resampler(rate, 8000);
    this.muted = false;
    this.begin();
  }

  begin() {
    this.frame = new Uint8Array(FRAME_BYTES);
    this.filled = 0;
    this.energy = 0;
  }

  // The frames that a block of samples completes, each with how loud it was, muted or not.
  push(block) {
    const done = [];
    for (let at = 0; at < block.length; at++) {
      this.resampler.write(block[at]);
      while (this.resampler.ready) {
        const sample = this.resampler.read();
        this.energy += sample * sample;
        this.frame[this.filled++] = this.muted ? SILENCE : encode(sample);
        if (this.filled < FRAME_BYTES) continue;
        done.push({ frame: this.frame, level: Math.sqrt(this.energy / FRAME_BYTES) });
        this.begin();
      }
    }
    return done;
  }
}
