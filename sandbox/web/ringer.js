// The sounds a phone makes by itself, made here: ringing in the American cadence, and its keys.

const RING = [440, 480];
const RING_SECONDS = 2;
const PERIOD_SECONDS = 6;
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
export const KEYS = "123456789*0#";

function chord(context, frequencies, loudness, from, until) {
  const gain = new GainNode(context, { gain: 0 });
  gain.connect(context.destination);
  gain.gain.setTargetAtTime(loudness, from, 0.01);
  gain.gain.setTargetAtTime(0, until, 0.01);
  for (const frequency of frequencies) {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(gain);
    tone.start(from);
    tone.stop(until + 0.1);
    tone.onended = () => gain.disconnect();
  }
  return gain;
}

export class Ringer {
  start(context, loudness) {
    this.stop();
    const ring = () => {
      const now = context.currentTime;
      this.sound = chord(context, RING, loudness, now, now + RING_SECONDS);
    };
    ring();
    this.timer = setInterval(ring, PERIOD_SECONDS * 1000);
  }

  stop() {
    clearInterval(this.timer);
    this.sound?.disconnect();
    this.sound = null;
  }
}

export function keyTone(context, digit) {
  const at = KEYS.indexOf(digit);
  const now = context.currentTime;
  chord(context, [ROWS[Math.floor(at / 3)], COLUMNS[at % 3]], 0.05, now, now + 0.12);
}
