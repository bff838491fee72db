// G.711 mu-law by table, both ways. Samples are floats from -1 to 1; bytes are what a carrier sends.

const BIAS = 0x84;
const CLIP = 32635;

/** The sample (-32124 to 32124) of each of the 256 bytes. */
export const DECODE = Int16Array.from({ length: 256 }, (_, byte) => {
  const bits = ~byte & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + BIAS) << ((bits & 0x70) >> 4);
  return bits & 0x80 ? BIAS - magnitude : magnitude - BIAS;
});

// One entry for each 14-bit magnitude: sixteen bits lose their lowest two in this code anyway.
const ENCODE = Uint8Array.from({ length: 8192 }, (_, at) => {
  const sample = Math.min(CLIP, at << 2) + BIAS;
  const exponent = 31 - Math.clz32(sample) - 7;
  return ~((exponent << 4) | ((sample >> (exponent + 3)) & 0x0f)) & 0xff;
});

export function encode(samples) {
  return Uint8Array.from(samples, (sample) => {
    const whole = Math.max(-32768, Math.min(32767, Math.round(sample * 32767)));
    const byte = ENCODE[Math.min(8191, Math.abs(whole) >> 2)];
    return whole < 0 ? byte & 0x7f : byte;
  });
}

export function decode(bytes) {
  return Float32Array.from(bytes, (byte) => DECODE[byte] / 32768);
}

/** How loud it is, 0 to 1 (root of the mean square). */
export function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length ? Math.sqrt(sum / samples.length) : 0;
}
