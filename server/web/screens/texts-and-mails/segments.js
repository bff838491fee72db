// In which alphabet a text goes out and in how many parts: GSM 03.38 in seven bits, else UCS-2.
// Says what the server's own count says; a test compares the two.
import { PLAIN } from "./smart_encoding.js";

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
// An escape and a character.
const EXTENDED = new Set("^{}\\[~]|€\f");

/** The text without the typography that would double its price, if nothing else does. */
export function plain(text) {
  const composed = text.normalize("NFC");
  const plainer = [...composed].map((one) => PLAIN.get(one) ?? one).join("");
  return segments(plainer).encoding === "gsm7" ? plainer : composed;
}

/** {encoding, count, used, room}: `room` is how many units the last part still holds. */
export function segments(text) {
  const characters = [...text];
  if (characters.every((one) => BASIC.has(one) || EXTENDED.has(one))) {
    return parts("gsm7", characters.map((one) => (EXTENDED.has(one) ? 2 : 1)), 160, 153);
  }
  return parts("ucs2", characters.map((one) => one.length), 70, 67);
}

function parts(encoding, units, whole, part) {
  const used = units.reduce((sum, unit) => sum + unit, 0);
  if (used <= whole) return { encoding, count: 1, used, room: whole - used };
  let count = 1;
  let room = part;
  for (const unit of units) {
    // A pair is never split over two parts.
    if (unit > room) {
      count += 1;
      room = part;
    }
    room -= unit;
  }
  return { encoding, count, used, room };
}
