// The frames of the listening socket `audio.v1`. Pure; no sound device and no socket.
import { decode } from "./mulaw.js";

const HEAD = 5;

/** {track, at, samples} of a binary frame: one byte of track, four of milliseconds, then mu-law. */
export function readFrame(buffer) {
  const view = new DataView(buffer);
  return { track: view.getUint8(0), at: view.getUint32(1), samples: decode(new Uint8Array(buffer, HEAD)) };
}
