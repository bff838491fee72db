// From one sampling rate to another, block by block: a low-pass against folding, then between samples.

const TAPS = 48;
// Of the lower rate: 3.4 kHz of 8 kHz.
const PASS = 0.43;

// A windowed sinc (Blackman) that lets through what is below `cutoff`, a share of the rate.
function lowPass(cutoff) {
  const taps = Float32Array.from({ length: TAPS + 1 }, (_, at) => {
    const x = at - TAPS / 2;
    const ideal = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
    const angle = (2 * Math.PI * at) / TAPS;
    return ideal * (0.42 - 0.5 * Math.cos(angle) + 0.08 * Math.cos(2 * angle));
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

export class Resampler {
  constructor(from, to) {
    this.step = from / to;
    this.taps = to < from ? lowPass((PASS * to) / from) : null;
    // Samples the low-pass still needs.
    this.past = new Float32Array(TAPS);
    // The sample before this block.
    this.last = 0;
    this.place = 0; // of the next output, counted from `last`
  }

  /** The block at the other rate; what lies between blocks is carried over. */
  push(block) {
    const smooth = this.taps ? this.filtered(block) : block;
    const out = [];
    while (this.place < smooth.length) {
      const before = Math.floor(this.place);
      const left = before === 0 ? this.last : smooth[before - 1];
      out.push(left + (smooth[before] - left) * (this.place - before));
      this.place += this.step;
    }
    this.place -= smooth.length;
    if (smooth.length) this.last = smooth[smooth.length - 1];
    return Float32Array.from(out);
  }

  filtered(block) {
    const line = new Float32Array(TAPS + block.length);
    line.set(this.past);
    line.set(block, TAPS);
    this.past = line.slice(block.length);
    return block.map((_, at) => {
      let sum = 0;
      for (let tap = 0; tap <= TAPS; tap++) sum += this.taps[tap] * line[at + TAPS - tap];
      return sum;
    });
  }
}
