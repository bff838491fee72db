// From one sample rate to any other, sample by sample: a windowed sinc that also keeps out what a
// telephone cannot carry. Pure. Knows neither where samples come from nor where they go.

const TELEPHONE = 8000;
const CUTOFF = 3700; // the middle of the slope: flat below 3.2 kHz, nothing above 4.2 kHz
const HALF = 14; // samples of a telephone on either side
const PHASES = 128;
const BETA = 6; // of the Kaiser window: 60 dB down
const SIZE = 4096;
const FAR = 2 ** 29;

function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 25; k++) sum += term *= (x / 2 / k) ** 2;
  return sum;
}

function kernel(rate, half) {
  const rows = [];
  for (let phase = 0; phase <= PHASES; phase++) {
    const row = new Float32Array(2 * half);
    let sum = 0;
    for (let tap = 0; tap < 2 * half; tap++) {
      const t = tap - half + 1 - phase / PHASES;
      const x = (2 * CUTOFF * t) / rate;
      const window = bessel(BETA * Math.sqrt(Math.max(0, 1 - (t / half) ** 2))) / bessel(BETA);
      row[tap] = (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * window;
      sum += row[tap];
    }
    rows.push(row.map((value) => value / sum));
  }
  return rows;
}

export class Resampler {
  constructor(from, to) {
    this.step = from / to; // input samples for one output sample; may be changed a little at any time
    this.half = Math.ceil((HALF * from) / TELEPHONE);
    this.rows = kernel(from, this.half);
    this.buffer = new Float32Array(SIZE);
    this.reset();
  }

  reset() {
    this.buffer.fill(0);
    this.written = this.half;
    this.at = this.half; // where the next output sample lies among the input samples
  }

  get ready() {
    return Math.floor(this.at) + this.half < this.written;
  }

  write(sample) {
    this.buffer[this.written++ & (SIZE - 1)] = sample;
    if (this.at > 2 * FAR) {
      this.at -= FAR;
      this.written -= FAR;
    }
  }

  // One output sample; only when `ready`.
  read() {
    const whole = Math.floor(this.at);
    const phase = (this.at - whole) * PHASES;
    const near = Math.floor(phase);
    const far = phase - near;
    const [a, b] = [this.rows[near], this.rows[near + 1]];
    let sum = 0;
    for (let tap = 0, from = whole - this.half + 1; tap < a.length; tap++) {
      sum += this.buffer[(from + tap) & (SIZE - 1)] * (a[tap] + far * (b[tap] - a[tap]));
    }
    this.at += this.step;
    return sum;
  }
}
