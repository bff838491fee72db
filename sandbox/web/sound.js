// Microphone and loudspeaker: owns the AudioContext and both worklets. Knows no socket and no document.

const RAW = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const CLEAN = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export class Sound {
  // `frame` gets what the microphone says, `played` the marks heard; `cleared` is told that it is quiet
  // again, `changed` that sound was switched on or off, `unplugged` that the microphone is gone.
  constructor(handlers, { raw }) {
    this.handlers = handlers;
    this.constraints = raw ? RAW : CLEAN;
    this.figures = {};
    this.micLevel = 0;
    this.volume = 1;
  }

  get isOn() {
    return this.context?.state === "running";
  }

  // Without a secure origin there are no worklets: the phone rings and texts, but carries no sound.
  get canPlay() {
    return this.isOn && Boolean(this.ear);
  }

  // Only after somebody pressed something; may be called again.
  async start() {
    this.starting ??= this.build();
    await this.starting;
    await this.context.resume();
    this.tellLatency();
  }

  async build() {
    this.context = new AudioContext({ latencyHint: "interactive" });
    this.context.onstatechange = () => this.handlers.changed();
    const load = (name) => this.context.audioWorklet?.addModule(new URL(name, import.meta.url));
    await Promise.all([load("./capture.js"), load("./playback.js")]);
    if (!this.context.audioWorklet) return;
    const node = (name) => new AudioWorkletNode(this.context, name, { outputChannelCount: [1] });
    this.gain = new GainNode(this.context, { gain: this.volume });
    this.ear = node("playback");
    this.ear.connect(this.gain).connect(this.context.destination);
    this.mouth = node("capture"); // its output is silent, but only what leads somewhere runs
    this.mouth.connect(this.context.destination);
    this.mouth.port.onmessage = ({ data }) => {
      this.micLevel = data.level;
      this.handlers.frame(data.frame);
    };
    this.ear.port.onmessage = ({ data: { type, ...data } }) => {
      if (type === "figures") Object.assign(this.figures, data);
      else if (type === "played") this.handlers.played(data.id);
      else this.handlers.cleared();
    };
    setInterval(() => this.tellLatency(), 1000);
  }

  tellLatency() {
    this.tell({ type: "latency", seconds: this.outputLatency });
  }

  get outputLatency() {
    return this.context?.outputLatency || this.context?.baseLatency || 0;
  }

  // Open a microphone, by default the usual one. Rejects as getUserMedia does.
  async listen(deviceId) {
    this.close();
    const exact = deviceId ? { deviceId: { exact: deviceId } } : {};
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, ...this.constraints, ...exact },
    });
    this.close();
    this.stream = stream;
    this.source = new MediaStreamAudioSourceNode(this.context, { mediaStream: stream });
    this.source.connect(this.mouth);
    const [track] = stream.getAudioTracks();
    this.inputLatency = track.getSettings().latency ?? 0;
    track.onended = () => this.handlers.unplugged();
  }

  close() {
    this.source?.disconnect();
    for (const track of this.stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.stream = this.source = null;
  }

  mute(muted) {
    this.mouth?.port.postMessage({ muted });
  }

  setVolume(volume) {
    this.volume = volume;
    this.gain?.gain.setTargetAtTime(volume, this.context.currentTime, 0.01);
  }

  tell(message, transfer = []) {
    this.ear?.port.postMessage(message, transfer);
  }
}
