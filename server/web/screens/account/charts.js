// Two charts of our own, drawn as SVG from plain rows, each with its table behind it. Pure: rows in,
// description out. Knows nothing of what is counted.
import { h } from "../../core/dom.js";

const HEIGHT = 150;
const FOOT = 16;
const HEAD = 12;
const ROW = 34;

/** The least round number that is not below: 1, 2, 5, 10, 20, 50 … */
export function roof(value) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= value);
}

const percent = (part) => `${(part * 100).toFixed(2)}%`;

/** Columns side by side, each of parts upon each other: rows of {name, parts}; `top` of the scale, if it is known. */
export function bars(label, rows, series, top = 0) {
  const most = top || roof(Math.max(...rows.map((row) => row.parts.reduce((a, b) => a + b, 0))));
  const room = HEIGHT - FOOT - HEAD;
  const y = (value) => HEAD + room - (value / most) * room;
  const every = Math.ceil(rows.length / 6);
  return figure(label, rows.map((row) => [row.name, ...row.parts]), series,
    h("svg.chart", { width: "100%", height: HEIGHT, role: "img", "aria-label": `${label}; the figures are in the table below` },
      [0, most / 2, most].map((value) => [h("line.grid", { x1: "0", x2: "100%", y1: y(value), y2: y(value) }),
        value && Number.isInteger(value) ? h("text.tick-text", { x: "0", y: y(value) - 3 }, value) : null]),
      rows.map((row, at) => {
        let under = 0;
        return [row.parts.map((part, place) => {
          const over = y(under + part);
          const drawn = part ? h("rect", { class: `part p${place}`, x: percent((at + 0.12) / rows.length), width: percent(0.76 / rows.length), y: over, height: Math.max(1, y(under) - over) }, h("title", `${row.name}: ${part} ${series[place]}`)) : null;
          under += part;
          return drawn;
        }), at % every === 0 && at / rows.length < 0.93 ? h("text.tick-text", { x: percent(at / rows.length), y: HEIGHT - 3 }, row.name) : null];
      })));
}

/** Lines of bars under each other: rows of {name, values, text}. */
export function beside(label, rows, series) {
  const most = Math.max(...rows.flatMap((row) => row.values)) || 1;
  return figure(label, rows.map((row) => [row.name, ...row.values]), series,
    h("svg.chart", { width: "100%", height: rows.length * ROW, role: "img", "aria-label": `${label}; the figures are in the table below` },
      rows.map((row, at) => [
        h("text.name-text", { x: "0", y: at * ROW + 12 }, row.name),
        h("text.value-text", { x: "100%", y: at * ROW + 12 }, row.text),
        row.values.map((value, place) => h("rect", { class: `part p${place}`, x: "0", width: percent(Math.max(0.002, value / most)), y: at * ROW + 17 + place * 5, height: row.values.length > 1 ? "4" : "9" }, h("title", `${row.name}: ${value} ${series[place]}`))),
      ])));
}

function figure(label, lines, series, picture) {
  return h("figure.picture",
    series.length > 1 && h("figcaption.legend", series.map((name, at) => h("span", { class: `key p${at}`, key: name }, name))), picture,
    h("details", h("summary", "As a table"), h("div.scrolls", { tabindex: "0", role: "group", "aria-label": `${label}, table` },
      h("table", { "aria-label": label }, h("thead", h("tr", h("th", { scope: "col" }, h("span.unseen", "Name")), series.map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", lines.map(([name, ...values]) => h("tr", { key: name }, h("th", { scope: "row" }, name), values.map((value) => h("td", value)))))))));
}
