// Values as people read them. Pure.

export { capital, words } from "./words.js";

/** A number one can tell apart but not read off a screen. */
export function masked(number) {
  if (!number || number.length < 8) return number ?? "";
  return `${number.slice(0, -7)} ••• ${number.slice(-4)}`;
}

/** 75000 -> "1:15" */
export function clock(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** How long something took, for a label: "0.4 s", "12 s", "2:05". */
export function took(milliseconds) {
  if (milliseconds < 0) return "0 s";
  if (milliseconds < 10000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return milliseconds < 60000 ? `${Math.round(milliseconds / 1000)} s` : clock(milliseconds);
}

export function csv(rows, columns) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    // No formula in a spreadsheet.
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns, ...rows.map((row) => columns.map((name) => row[name]))]
    .map((line) => line.map(cell).join(",")).join("\r\n");
}
