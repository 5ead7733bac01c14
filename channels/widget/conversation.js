// The chat itself, wherever it stands: joins the elements below a root (a page or a shadow root), the memory, the
// outbox and the place picker.

import { element } from "./element.js";
import { createOutbox, newMessageId } from "./outbox.js";
import { createPicker, placeName, regionOf } from "./picker.js";
import { colleagueCard, noticeCard, replyCard, spokenBubble } from "./render.js";

const NEAR_LIMIT = 0.8;
const DELETED = "data_deleted";
const MASKED = "masked_personal_data";
const PRIVATE = /[\p{L}\d._%+-]+@[\p{L}\d.-]+|\+?\d(?:[\s.-]{0,2}[\dXx]){9,}/gu;
// Answers to a question just asked: pressed later they would answer another one.
const MOMENTARY = /^\/(affirm|deny|cancel|retry)\b/;

/**
 * `root` holds the elements by their ids; `hooks` are questions() for the first screen, scrollTo(node) (nothing: to the
 * top), labelled(), answered(reply), failed(code) and changed() whenever something new stands in the log.
 * `signal` ends the listening to the browser.
 */
export function createConversation({ root, memory, words, server, hooks, signal }) {
  const { word } = words;
  const find = (id) => root.getElementById(id);
  const log = find("log");
  const field = find("message");
  const limit = Number(field.dataset.maxCharacters);

  const hasBegun = () => memory.entries.some((entry) => !entry.silent);
  const characters = () => [...field.value.trim()].length;

  // --- What is seen --------------------------------------------------------------------------------------------

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
    find("questions").replaceChildren(...hooks.questions().map((question) => starter(question, { text: question })));
  }

  function label() {
    words.speak(memory.language);
    words.write(root);
    field.placeholder = word("message_hint");
    find("typing-text").textContent = find("typing").hidden ? "" : word("typing");
    find("region-label").textContent = memory.region
      ? word("region_chosen", { place: placeName(memory.region, words.language) })
      : word("region_none");
    greet();
    count();
    hooks.labelled();
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
    const pressed = (title, payload) => press(title, { payload });
    const cards = replies.map((reply) => replyCard(reply, { words, press: pressed, address: server.address }));
    if (after) after.after(...cards);
    else log.append(...cards);
    return cards;
  }

  function showEntry(entry) {
    if (entry.silent) return null;
    find("greeting").hidden = true;
    if (entry.line) return append(colleagueCard(entry.line, words));
    const bubble = append(spokenBubble(entry, words));
    if (entry.replies) showReplies(entry.replies, null);
    if (entry.refusal) mark(entry, "refused", word("state_refused", { reason: entry.refusal }));
    return bubble;
  }

  function append(node) {
    log.append(node);
    return node;
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
    if (field.scrollHeight) field.style.height = `${field.scrollHeight}px`;
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
      turn.replies.forEach(hooks.answered);
      if (turn.replies.some((reply) => reply.outcome === DELETED)) {
        forgetAllBut(turn);
        return;
      }
      if (turn.replies.some((reply) => reply.outcome === MASKED)) cover(entry);
      memory.keep();
      if (entry.silent) return;
      showReplies(turn.replies, bubbleOf(entry));
      followLanguage(turn.replies);
      followRegion(turn.replies);
      hooks.scrollTo(bubbleOf(entry));
      hooks.changed();
    },
    refused(entry, error) {
      typing(false);
      entry.refusal = error?.message?.[word("answers_in")] || word("not_understood");
      memory.keep();
      mark(entry, "refused", word("state_refused", { reason: entry.refusal }));
      if (entry.message.text && !field.value) field.value = entry.message.text;
      count();
      hooks.failed(error?.code || "not_understood");
    },
    late(entry, kind, seconds) {
      typing(false);
      connection(kind === "too_fast" ? "" : word(kind, { seconds }));
      mark(entry, "unsent", kind === "too_fast" ? word("too_fast", { seconds }) : word("state_unsent"));
      hooks.failed(kind);
    },
    conversationLost() {
      memory.conversationId = null;
      memory.keep();
    },
    idle: () => typing(false),
  };

  const outbox = createOutbox({ conversationId: () => memory.conversationId, events, post: server.post, signal });

  /** The server covered a private number; it is kept and shown here no longer either. */
  function cover(entry) {
    const halfWidth = entry.shown.replace(/[０-９Ａ-Ｚａ-ｚ＠．－]/g, (character) => character.normalize("NFKC"));
    entry.shown = halfWidth.replace(PRIVATE, "***");
    entry.message.text = entry.shown;
    bubbleOf(entry).querySelector("p").textContent = entry.shown;
  }

  /** `silent` messages leave no trace in the log: what they change is the answer. */
  function say(shown, content, { silent = false } = {}) {
    const message = { ...content, language: word("answers_in"), message_id: newMessageId() };
    const entry = { shown, silent, at: Date.now(), message };
    memory.entries.push(entry);
    memory.keep();
    const bubble = showEntry(entry);
    outbox.add(entry);
    if (outbox.waiting(entry)) mark(entry, "waiting", word("state_waiting"));
    if (bubble) hooks.scrollTo(bubble);
    return bubble;
  }

  /** Everything the worker had deleted goes from here as well; only the last word stays to be read. */
  function forgetAllBut(turn) {
    outbox.empty();
    memory.forget();
    memory.conversationId = turn.conversation_id;
    memory.keep();
    log.replaceChildren();
    label();
    showReplies(turn.replies, null);
  }

  /** The worker wrote in the other language and was answered in it: what is around follows. */
  async function followLanguage(replies) {
    const spoken = replies.map((reply) => reply.language).filter(Boolean).pop();
    if (spoken && spoken !== word("answers_in")) await switchTo(spoken).catch(() => {});
  }

  async function switchTo(language) {
    await words.load(language);
    memory.language = language;
    memory.keep();
    label();
  }

  /** The worker named a place in their own words: it is shown like one that was picked. */
  async function followRegion(replies) {
    const code = replies.map((reply) => reply.region).filter(Boolean).pop();
    if (!code || code === memory.region?.code) return;
    const region = await regionOf(code, server);
    if (!region) return;
    memory.region = region;
    memory.keep();
    label();
  }

  /** Nothing is left of what stood here. */
  function clear() {
    outbox.empty();
    memory.forget();
    redraw();
    connection("");
    typing(false);
  }

  function startAgain() {
    clear();
    hooks.scrollTo(null);
    field.focus();
  }

  /** The log anew, as the memory has it. */
  function redraw() {
    log.replaceChildren();
    find("greeting").hidden = hasBegun();
    label();
    memory.entries.forEach(showEntry);
    if (hasBegun()) hooks.scrollTo(log.lastElementChild);
  }

  // --- Controls ------------------------------------------------------------------------------------------------

  function submit() {
    const text = field.value.trim();
    if (!text || characters() > limit) return;
    field.value = "";
    count();
    say(text, { text });
    field.focus();
  }

  find("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });

  field.addEventListener("input", count);
  field.addEventListener("keydown", (event) => {
    // An Enter that chooses a Chinese word in the input method must not send (229: older WebKit).
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    find("composer").requestSubmit();
  });

  const picker = createPicker({
    root,
    words,
    server,
    chosen(region) {
      memory.region = region;
      label();
      const place = placeName(region, words.language);
      say(word("region_message", { place }), { payload: `/change_region{"region":"${region.code}"}` });
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

  addEventListener("offline", () => connection(word("offline")), { signal });
  addEventListener("online", () => connection(""), { signal });

  return {
    say,
    label,
    hasBegun,
    switchTo,
    clear,

    /** Show what is remembered and send what had not gone out. The memory's language is loaded by now. */
    begin() {
      redraw();
      memory.entries
        .filter((entry) => entry.message && !entry.replies && !entry.refusal)
        .forEach((entry) => outbox.add(entry));
      if (navigator.onLine === false) connection(word("offline"));
    },

    /** Say what somebody else's code asks for; a text that is too long is left in the field to be shortened. */
    ask(text) {
      const asked = text.trim();
      const fits = [...asked].length <= limit;
      if (fits && asked) say(asked, { text: asked });
      if (!fits) field.value = asked;
      count();
      return fits;
    },

    /** Another tab changed what is stored. */
    follow() {
      if (!outbox.isIdle()) return;
      const { language } = memory;
      memory.reload();
      memory.language = language;
      redraw();
    },

    /** Lines that a person wrote. */
    hear(lines) {
      const known = new Set(memory.entries.map((entry) => entry.line?.id));
      const fresh = lines.filter((line) => !known.has(line.id));
      memory.entries.push(...fresh.map((line) => ({ line, at: Date.now() })));
      memory.keep();
      const cards = fresh.map((line) => showEntry({ line }));
      if (cards.length) {
        hooks.scrollTo(cards[0]);
        hooks.changed();
      }
    },

    /** A sentence of the chat itself, that is not kept. */
    note(text) {
      hooks.scrollTo(append(noticeCard(text)));
    },

    /** The chat has just come into view: only now can it be measured. */
    shown() {
      count();
      if (hasBegun()) hooks.scrollTo(log.lastElementChild);
    },

    /** No message goes out any more from here. */
    stop: () => outbox.empty(),
  };
}
