// The sound thread's end of the microphone: 8 kHz mu-law in pieces of 20 ms.
import { encode } from "./mulaw.js";
import { Resampler } from "./resample.js";

const FRAME = 160;

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, 8000);
    this.held = [];
  }

  process([[input]]) {
    if (!input) return true;
    this.held.push(...this.resampler.push(input));
    while (this.held.length >= FRAME) {
      const frame = encode(this.held.splice(0, FRAME));
      this.port.postMessage(frame.buffer, [frame.buffer]);
    }
    return true;
  }
}

registerProcessor("capture", Capture);
