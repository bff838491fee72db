// The loudspeaker's worklet: frames, marks and clears in from the page, sound out, and figures back.
import { Player } from "./player.js";

const REPORT_SECONDS = 0.1;
const QUIET = 0.001;

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.player = new Player(sampleRate);
    this.reported = 0;
    this.energy = this.samples = 0;
    this.clearing = false;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take({ type, ...data }) {
    if (type === "frame") this.player.push(data.number, new Uint8Array(data.frame, 4), data.at);
    else if (type === "mark") this.player.mark(data.id, data.after);
    else if (type === "latency") this.player.latency = data.seconds * sampleRate;
    else if (type === "restart") this.player.restart();
    else if (type === "clear") {
      this.player.clear();
      this.clearing = true;
    }
  }

  process(_, [[out]]) {
    for (const id of this.player.pull(out)) this.port.postMessage({ type: "played", id });
    let peak = 0;
    for (const sample of out) {
      peak = Math.max(peak, Math.abs(sample));
      this.energy += sample * sample;
    }
    this.samples += out.length;
    if (this.clearing && peak < QUIET) {
      this.clearing = false;
      this.port.postMessage({ type: "cleared" });
    }
    if (currentTime - this.reported >= REPORT_SECONDS) this.report();
    return true;
  }

  report() {
    const { level: held, jitter, underruns, dropped } = this.player;
    const level = Math.sqrt(this.energy / this.samples);
    this.port.postMessage({ type: "figures", held, jitter, underruns, dropped, level });
    this.reported = currentTime;
    this.energy = this.samples = 0;
  }
}

registerProcessor("playback", Playback);
