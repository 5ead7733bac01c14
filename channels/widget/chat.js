// The web chat: joins the page, the memory of this tab, the outbox and the place picker.

import { forget, keep, memory } from "./memory.js";
import { createOutbox, newMessageId } from "./outbox.js";
import { createPicker, placeName, regionOf } from "./picker.js";
import { element, replyCard, spokenBubble } from "./render.js";
import { language, loadWords, otherLanguage, preferredLanguage, speak, word } from "./words.js";

const find = (id) => document.getElementById(id);
const log = find("log");
const field = find("message");
const limit = Number(field.dataset.maxCharacters);
const NEAR_LIMIT = 0.8;
const DELETED = "data_deleted";
const MASKED = "masked_personal_data";
const PRIVATE = /[\p{L}\d._%+-]+@[\p{L}\d.-]+|\+?\d(?:[\s.-]{0,2}[\dXx]){9,}/gu;
// Answers to a question just asked: pressed later they would answer another one.
const MOMENTARY = /^\/(affirm|deny|cancel|retry)\b/;

const hasBegun = () => memory.entries.some((entry) => !entry.silent);
const characters = () => [...field.value.trim()].length;

// --- What is on the page -------------------------------------------------------------------------------------

function greet() {
  find("greeting-title").textContent = word("greeting_title");
  find("greeting-text").textContent = word("greeting_text");
  find("events-title").textContent = word("events_title");
  find("questions-title").textContent = word("questions_title");
  const starter = (title, message) =>
    element("li", {}, element("button", { type: "button", on: { click: () => press(title, message) } }, title));
  const events = Object.entries(word("events")).map(([intent, title]) => starter(title, { payload: `/${intent}` }));
  events.push(starter(word("all_events"), { payload: "/menu" }));
  find("events").replaceChildren(...events);
  find("questions").replaceChildren(...word("questions").map((question) => starter(question, { text: question })));
}

function label() {
  speak(memory.language);
  find("language").textContent = otherLanguage() === "zh" ? "中文" : "English";
  find("language").lang = otherLanguage() === "zh" ? "zh-CN" : "en";
  field.placeholder = word("message_hint");
  find("typing-text").textContent = find("typing").hidden ? "" : word("typing");
  find("region-label").textContent = memory.region
    ? word("region_chosen", { place: placeName(memory.region) })
    : word("region_none");
  greet();
  count();
}

function scrollTo(node) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  node?.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

/** A tap on a button; the focus moves on, because the button may be gone with the next line. */
function press(title, message) {
  if (message.payload === "/change_region") return picker.open();
  say(title, message)?.focus({ preventScroll: true });
}

function bubbleOf(entry) {
  return log.querySelector(`[data-id="${CSS.escape(entry.message.message_id)}"]`);
}

/** Write, below what the worker said, where it stands; no text where all is well. */
function mark(entry, state, text = "") {
  const bubble = bubbleOf(entry);
  if (!bubble) return;
  bubble.dataset.state = state;
  bubble.querySelector(".state").textContent = text;
}

function showReplies(replies, after) {
  for (const stale of log.querySelectorAll("button")) {
    if (MOMENTARY.test(stale.dataset.payload || "")) stale.disabled = true;
  }
  const cards = replies.map((reply) => replyCard(reply, (title, payload) => press(title, { payload })));
  if (after) after.after(...cards);
  else log.append(...cards);
  return cards;
}

function showEntry(entry) {
  if (entry.silent) return null;
  find("greeting").hidden = true;
  const bubble = spokenBubble(entry);
  log.append(bubble);
  if (entry.replies) showReplies(entry.replies, null);
  if (entry.refusal) mark(entry, "refused", word("state_refused", { reason: entry.refusal }));
  return bubble;
}

function typing(isOn) {
  find("typing").hidden = !isOn;
  find("typing-text").textContent = isOn ? word("typing") : "";
}

function connection(text) {
  find("connection").hidden = !text;
  find("connection").textContent = text;
}

function count() {
  const left = limit - characters();
  find("counter").textContent =
    left < 0 ? word("counter_over", { over: -left }) : left < limit * (1 - NEAR_LIMIT) ? word("counter", { left }) : "";
  find("counter").classList.toggle("over", left < 0);
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 140)}px`;
  find("send").disabled = characters() === 0 || left < 0;
}

// --- Sending -------------------------------------------------------------------------------------------------

const events = {
  sending(entry) {
    if (bubbleOf(entry)?.dataset.state === "waiting") mark(entry, "sending");
    typing(!entry.silent);
  },
  answered(entry, turn) {
    connection("");
    typing(false);
    mark(entry, "sent");
    memory.conversationId = turn.conversation_id;
    entry.replies = turn.replies;
    if (turn.replies.some((reply) => reply.outcome === DELETED)) {
      forgetAllBut(turn);
      return;
    }
    if (turn.replies.some((reply) => reply.outcome === MASKED)) cover(entry);
    keep();
    if (entry.silent) return;
    showReplies(turn.replies, bubbleOf(entry));
    followLanguage(turn.replies);
    followRegion(turn.replies);
    scrollTo(bubbleOf(entry));
  },
  refused(entry, error) {
    typing(false);
    entry.refusal = error?.message?.[language] || word("not_understood");
    keep();
    mark(entry, "refused", word("state_refused", { reason: entry.refusal }));
    if (entry.message.text && !field.value) field.value = entry.message.text;
    count();
  },
  late(entry, kind, seconds) {
    typing(false);
    connection(kind === "too_fast" ? "" : word(kind, { seconds }));
    mark(entry, "unsent", kind === "too_fast" ? word("too_fast", { seconds }) : word("state_unsent"));
  },
  conversationLost() {
    memory.conversationId = null;
    keep();
  },
  idle: () => typing(false),
};

const outbox = createOutbox({ conversationId: () => memory.conversationId, events });

/** The server covered a private number; this tab keeps and shows it no longer either. */
function cover(entry) {
  const halfWidth = entry.shown.replace(/[０-９Ａ-Ｚａ-ｚ＠．－]/g, (character) => character.normalize("NFKC"));
  entry.shown = halfWidth.replace(PRIVATE, "***");
  entry.message.text = entry.shown;
  bubbleOf(entry).querySelector("p").textContent = entry.shown;
}

/** `silent` messages leave no trace on the page: the page itself is the answer. */
function say(shown, content, { silent = false } = {}) {
  const entry = { shown, silent, message: { ...content, language, message_id: newMessageId() } };
  memory.entries.push(entry);
  keep();
  const bubble = showEntry(entry);
  outbox.add(entry);
  if (outbox.waiting(entry)) mark(entry, "waiting", word("state_waiting"));
  if (bubble) scrollTo(bubble);
  return bubble;
}

/** Everything the worker had deleted goes from this tab as well; only the last word stays to be read. */
function forgetAllBut(turn) {
  outbox.empty();
  forget();
  memory.conversationId = turn.conversation_id;
  keep();
  log.replaceChildren();
  label();
  showReplies(turn.replies, null);
}

/** The worker wrote in the other language and was answered in it: the page follows. */
function followLanguage(replies) {
  const spoken = replies.map((reply) => reply.language).filter(Boolean).pop();
  if (!spoken || spoken === language) return;
  memory.language = spoken;
  keep();
  label();
}

/** The worker named a place in their own words: the header shows it like one that was picked. */
async function followRegion(replies) {
  const code = replies.map((reply) => reply.region).filter(Boolean).pop();
  if (!code || code === memory.region?.code) return;
  const region = await regionOf(code);
  if (!region) return;
  memory.region = region;
  keep();
  label();
}

function startAgain() {
  outbox.empty();
  forget();
  log.replaceChildren();
  find("greeting").hidden = false;
  connection("");
  typing(false);
  label();
  scrollTo(document.body);
  field.focus();
}

// --- The page's own controls ---------------------------------------------------------------------------------

find("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text || characters() > limit) return;
  field.value = "";
  count();
  say(text, { text });
  field.focus();
});

field.addEventListener("input", count);
field.addEventListener("keydown", (event) => {
  // An Enter that chooses a Chinese word in the input method must not send (229: older WebKit).
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  find("composer").requestSubmit();
});

find("language").addEventListener("click", () => {
  memory.language = otherLanguage();
  keep();
  label();
  const payload = `/change_language{"language":"${memory.language}"}`;
  say(memory.language === "zh" ? "中文" : "English", { payload }, { silent: !hasBegun() });
});

const picker = createPicker({
  chosen(region) {
    memory.region = region;
    label();
    say(word("region_message", { place: placeName(region) }), { payload: `/change_region{"region":"${region.code}"}` });
  },
});
find("region").addEventListener("click", () => picker.open());

find("reset").addEventListener("click", () => {
  if (hasBegun()) find("confirm").showModal();
  else startAgain();
});
find("confirm-no").addEventListener("click", () => find("confirm").close());
find("confirm-yes").addEventListener("click", () => {
  find("confirm").close();
  startAgain();
});

addEventListener("offline", () => connection(word("offline")));
addEventListener("online", () => connection(""));

// --- Begin ---------------------------------------------------------------------------------------------------

await loadWords();
memory.language ??= preferredLanguage();
label();
memory.entries.forEach(showEntry);
memory.entries.filter((entry) => !entry.replies && !entry.refusal).forEach((entry) => outbox.add(entry));
if (navigator.onLine === false) connection(word("offline"));
if (hasBegun()) scrollTo(log.lastElementChild);
document.documentElement.dataset.ready = "true";
