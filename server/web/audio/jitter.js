// A small buffer that turns sound arriving in bursts into sound at a steady pace. Pure; no clock.

export class JitterBuffer {
  /** Starts to play once `start` samples are there, and never holds more than `most`. */
  constructor(start, most) {
    Object.assign(this, { start, most, underruns: 0, dropped: 0 });
    this.ring = new Float32Array(most);
    this.clear();
  }

  clear() {
    Object.assign(this, { first: 0, length: 0, playing: false });
  }

  push(samples) {
    for (const sample of samples) {
      // Late sound is worth less than sound in time.
      if (this.length === this.most) {
        this.first = (this.first + 1) % this.most;
        this.length -= 1;
        this.dropped += 1;
      }
      this.ring[(this.first + this.length) % this.most] = sample;
      this.length += 1;
    }
    if (this.length >= this.start) this.playing = true;
  }

  /** Add what is due to `out`; nothing while too little is there. */
  addTo(out) {
    if (!this.playing) return;
    const due = Math.min(out.length, this.length);
    for (let at = 0; at < due; at++) out[at] += this.ring[(this.first + at) % this.most];
    this.first = (this.first + due) % this.most;
    this.length -= due;
    if (due < out.length) {
      this.playing = false;
      this.underruns += 1;
    }
  }
}
