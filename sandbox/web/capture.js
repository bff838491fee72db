// The microphone's worklet: samples in, frames out to the page. Makes no sound itself.
import { Framer } from "./framer.js";

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.framer = new Framer(sampleRate);
    this.nothing = new Float32Array(128);
    this.port.onmessage = ({ data }) => { this.framer.muted = data.muted; };
  }

  process(inputs) {
    for (const { frame, level } of this.framer.push(inputs[0][0] ?? this.nothing)) {
      this.port.postMessage({ frame: frame.buffer, level }, [frame.buffer]);
    }
    return true;
  }
}

registerProcessor("capture", Capture);
