// Builds what is seen of a message. Everything that came from outside goes in as text, never as markup.

import { chartFigure } from "./chart.js";
import { element } from "./element.js";

// Numbers a worker may need to call at once; not inside a longer number, an address such as si.12333.gov.cn, or the
// name of the app (掌上12333, "the 12333 app").
const CALLABLE = /(?<![\w.]|掌上)(12333|12345|12356|110|119|120)(?![\w.]*\w)(?!\s*app\b)/gi;

function withCallableNumbers(line) {
  const parts = [];
  let end = 0;
  for (const match of line.matchAll(CALLABLE)) {
    const isMoneyOrYears = /^\s*(元|块|年|个|天|岁|yuan|years|months|days|%)/.test(line.slice(match.index + match[0].length));
    if (isMoneyOrYears) continue;
    parts.push(line.slice(end, match.index), element("a", { href: `tel:${match[0]}` }, match[0]));
    end = match.index + match[0].length;
  }
  parts.push(line.slice(end));
  return parts;
}

/** Paragraphs and "- " lists; there is no other markup in an answer. */
export function paragraphs(text) {
  const built = [];
  for (const block of text.split(/\n\s*\n/)) {
    let list = null;
    let paragraph = null;
    for (const line of block.split("\n")) {
      const item = /^\s*[-•*]\s+(.*)$/.exec(line);
      if (item) {
        if (!list) built.push((list = element("ul", { class: "plain" })));
        list.append(element("li", {}, ...withCallableNumbers(item[1])));
        paragraph = null;
      } else if (paragraph) {
        paragraph.append(element("br"), ...withCallableNumbers(line));
      } else {
        built.push((paragraph = element("p", {}, ...withCallableNumbers(line))));
        list = null;
      }
    }
  }
  return built;
}

function steps(reply, { word }) {
  if (!reply.next_steps?.length) return null;
  return element(
    "section",
    { class: "steps" },
    element("h3", {}, word("next_steps")),
    element("ol", {}, ...reply.next_steps.map((step) => element("li", {}, ...withCallableNumbers(step)))),
  );
}

function source(citation, { word, readableDate }) {
  const isPage = /^https?:\/\//.test(citation.url || "");
  const title = isPage
    ? element(
        "a",
        { href: citation.url, target: "_blank", rel: "noopener noreferrer" },
        citation.title,
        element("span", { class: "unseen" }, word("link_new_window")),
      )
    : element("span", {}, citation.title);
  const about = [citation.source, citation.as_of && word("as_of", { date: readableDate(citation.as_of) })];
  return element("li", {}, title, element("small", {}, about.filter(Boolean).join(" · ")));
}

function sources(reply, words) {
  const { word, readableDate } = words;
  const checked = reply.reviewed_on && word("reviewed_on", { date: readableDate(reply.reviewed_on) });
  if (!reply.citations?.length) return checked ? element("p", { class: "checked" }, checked) : null;
  return element(
    "details",
    { class: "sources" },
    element(
      "summary",
      {},
      element("span", {}, `${word("sources")} · ${reply.citations.length}`),
      checked ? element("span", { class: "checked" }, checked) : null,
    ),
    element("ul", {}, ...reply.citations.map((citation) => source(citation, words))),
  );
}

function choices(reply, press) {
  if (!reply.buttons?.length) return null;
  return element(
    "div",
    { class: "buttons" },
    ...reply.buttons.map((button) =>
      element(
        "button",
        { type: "button", "data-payload": button.payload, on: { click: () => press(button.title, button.payload) } },
        button.title,
      ),
    ),
  );
}

function related(reply, { word }, press) {
  if (!reply.suggestions?.length) return null;
  return element(
    "section",
    { class: "related" },
    element("h3", {}, word("related")),
    element(
      "ul",
      {},
      ...reply.suggestions.map(({ article_id, title }) => {
        const payload = `/read{"article":"${article_id}"}`;
        return element(
          "li",
          {},
          element("button", { type: "button", "data-payload": payload, on: { click: () => press(title, payload) } }, title),
        );
      }),
    ),
  );
}

function picture(reply, { word }, address) {
  const url = reply.image_url || "";
  const isSafe = /^(https?:\/)?\//.test(url);
  return isSafe ? element("img", { src: url.startsWith("/") ? address(url) : url, alt: word("picture"), loading: "lazy" }) : null;
}

/**
 * One reply of the assistant. `press(title, payload)` is called for a chosen button; `address(path)` says where a path of
 * the server lies.
 */
export function replyCard(reply, { words, press, address }) {
  const isError = /^error_/.test(reply.outcome || "");
  const isWarning = /^(masked_|handoff_emergency|handoff_distress)/.test(reply.outcome || "");
  return element(
    "article",
    {
      class: `reply${isError ? " trouble" : ""}${isWarning ? " notice" : ""}`,
      lang: reply.language === "en" ? "en" : reply.language === "zh" ? "zh-CN" : null,
      "data-outcome": reply.outcome,
    },
    element("span", { class: "unseen" }, words.word("assistant")),
    ...paragraphs(String(reply.text ?? "")),
    chartFigure(reply.chart, words),
    picture(reply, words, address),
    steps(reply, words),
    sources(reply, words),
    choices(reply, press),
    related(reply, words, press),
  );
}

/** What the worker said, with a line below it that tells whether it went out. */
export function spokenBubble(entry, { word }) {
  return element(
    "div",
    { class: "said", tabindex: "-1", "data-id": entry.message.message_id },
    element("span", { class: "unseen" }, word("you")),
    element("p", {}, entry.shown),
    element("small", { class: "state" }),
  );
}

/** A line that a person wrote. */
export function colleagueCard(line, { word }) {
  return element(
    "article",
    { class: "reply colleague", "data-line": line.id },
    element("p", { class: "who" }, word("colleague")),
    ...paragraphs(String(line.text)),
  );
}

/** A sentence of the chat itself, that is not kept. */
export function noticeCard(text) {
  return element("article", { class: "reply notice" }, element("p", {}, text));
}
