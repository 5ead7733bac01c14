// Figures of an estimate as bars, and the same figures as a table for who cannot see them or wants to read them exactly.

import { drawn, element } from "./element.js";

const WIDTH = 320;
const BAR = 18;
const LABEL = 20;
const GAP = 12;
const ROOM_FOR_NUMBER = 64;

function bars(chart) {
  const longest = Math.max(...chart.rows.flatMap((row) => row.values), 1);
  const parts = [];
  let top = 0;
  for (const row of chart.rows) {
    parts.push(drawn("text", { class: "label", x: 0, y: top + 14 }, row.label));
    top += LABEL;
    row.values.forEach((value, series) => {
      const long = Math.max(1, (value / longest) * (WIDTH - ROOM_FOR_NUMBER));
      parts.push(drawn("rect", { class: `bar series-${series % 2}`, x: 0, y: top, width: long.toFixed(1), height: BAR, rx: 2 }));
      parts.push(drawn("text", { class: "number", x: (long + 6).toFixed(1), y: top + BAR - 4 }, row.texts[series]));
      top += BAR + 3;
    });
    top += GAP;
  }
  return drawn("svg", { viewBox: `0 0 ${WIDTH} ${top - GAP}`, role: "img", "aria-label": inOneLine(chart) }, ...parts);
}

/** What the picture shows, for a screen reader. */
function inOneLine(chart) {
  const rows = chart.rows.map((row) => `${row.label} ${row.texts.join(" / ")}`);
  return `${chart.title} (${chart.unit}): ${rows.join("; ")}`;
}

function key(chart) {
  if (!chart.series.length) return null;
  const entries = chart.series.map((name, series) =>
    element("li", {}, element("span", { class: `swatch series-${series % 2}`, "aria-hidden": "true" }), name),
  );
  return element("ul", { class: "key" }, ...entries);
}

function table(chart, word) {
  const heads = chart.series.length ? ["", ...chart.series] : ["", chart.unit];
  const head = element("tr", {}, ...heads.map((name) => element(name ? "th" : "td", name ? { scope: "col" } : {}, name)));
  const rows = chart.rows.map((row) =>
    element("tr", {}, element("th", { scope: "row" }, row.label), ...row.texts.map((text) => element("td", {}, text))),
  );
  return element(
    "details",
    { class: "twin" },
    element("summary", {}, word("as_table")),
    element("table", {}, element("caption", {}, `${chart.title} · ${chart.unit}`), element("thead", {}, head), element("tbody", {}, ...rows)),
  );
}

/** The chart with its table, or nothing where there is no chart that could be drawn. */
export function chartFigure(chart, { word }) {
  if (!chart?.rows?.length) return null;
  return element(
    "figure",
    { class: "chart" },
    element("figcaption", {}, element("strong", {}, chart.title), element("small", {}, chart.unit)),
    bars(chart),
    key(chart),
    table(chart, word),
  );
}
