// Mu-law by tables, after ITU-T G.711: one byte for a sample, as telephones have it. Pure.

const BIAS = 132;
const CLIP = 32635;

function encodeOne(pcm) {
  const magnitude = Math.min(Math.abs(pcm), CLIP) + BIAS;
  const exponent = 24 - Math.clz32(magnitude);
  return ~((pcm < 0 ? 0x80 : 0) | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}

function decodeOne(byte) {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 0x0f) << 3) + BIAS) << ((code & 0x70) >> 4)) - BIAS;
  return code & 0x80 ? -magnitude : magnitude;
}

export const SILENCE = 0xff;

// By the 16-bit sample plus 32768, and by the byte: samples from -1 to 1.
export const ENCODED = Uint8Array.from({ length: 65536 }, (_, at) => encodeOne(at - 32768));
export const DECODED = Float32Array.from({ length: 256 }, (_, byte) => decodeOne(byte) / 32768);

export const encode = (sample) =>
  ENCODED[Math.max(-32768, Math.min(32767, Math.round(sample * 32768))) + 32768];
