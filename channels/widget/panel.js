// The launcher and the panel around the chat: what stands in the shadow root, and how it opens and closes.

import { drawn, element } from "./element.js";
import { confirmSheet, CROSS, icon, iconButton, pickerSheet } from "./sheets.js";

const MOST_CHARACTERS = 500;
const PIN = "M12 21s-7-6.2-7-11a7 7 0 0 1 14 0c0 4.8-7 11-7 11zM9.4 10a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0";
const SHIELD = "M24 9c4.4 3 8.7 4.3 13 4.6v9.6c0 7.9-5.2 13.2-13 15.8-7.8-2.6-13-7.9-13-15.8v-9.6C15.3 13.3 19.6 12 24 9z";
const FOCUSABLE = "button, textarea, summary, a[href], [tabindex='0']";

// A panel that fills the screen covers the page, so that the focus must not wander off behind it.
const FILLS_THE_SCREEN = "(max-width: 480px), (max-height: 420px)";

const asked = (name) => element("span", { "data-word": name });

function shield(size) {
  return drawn(
    "svg",
    { class: "mark", viewBox: "6 6 36 36", width: size, height: size, "aria-hidden": "true" },
    drawn("path", { d: SHIELD }),
    drawn("path", { class: "tick", d: "M17.8 24.2l4.5 4.4 8-8.6" }),
  );
}

function head() {
  const name = element(
    "div",
    { class: "name" },
    element("h2", { id: "name", "data-word": "name" }),
    element("p", { "data-word": "tagline" }),
  );
  const region = element(
    "button",
    { id: "region", type: "button", "aria-haspopup": "dialog" },
    icon(20, PIN),
    element("span", { id: "region-label" }),
    icon(18, "M9 6l6 6-6 6"),
  );
  return element(
    "header",
    { class: "head" },
    element("div", { class: "bar" }, shield(36), name, iconButton("reset", "reset", "M12 5v14M5 12h14"), iconButton("close", "close", CROSS)),
    element("div", { class: "place" }, region),
    element("p", { class: "strip", id: "connection", role: "status", hidden: true }),
  );
}

function middle() {
  const greeting = element(
    "section",
    { class: "greeting", id: "greeting", "aria-labelledby": "greeting-title" },
    element("h3", { class: "greeting-title", id: "greeting-title" }),
    element("p", { id: "greeting-text" }),
    element("h4", { class: "greeting-part", id: "questions-title" }),
    element("ul", { class: "questions", id: "questions" }),
    element("h4", { class: "greeting-part", id: "events-title" }),
    element("ul", { class: "tiles", id: "events" }),
  );
  const dots = element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
  return element(
    "div",
    { class: "scroller", id: "scroller", tabindex: "0", role: "region", "aria-labelledby": "talk" },
    element("span", { class: "unseen", id: "talk", "data-word": "conversation" }),
    greeting,
    element("div", { class: "log", id: "log", role: "log", "aria-live": "polite", "aria-labelledby": "talk" }),
    element("div", { class: "typing", id: "typing", hidden: true }, dots, element("span", { role: "status", id: "typing-text" })),
  );
}

function foot() {
  const field = {
    id: "message",
    rows: 1,
    autocomplete: "off",
    enterkeyhint: "send",
    "aria-describedby": "warning counter",
    "data-max-characters": MOST_CHARACTERS,
  };
  const send = element(
    "button",
    { class: "send", id: "send", type: "submit" },
    icon(24, "M12 19V5M6 11l6-6 6 6"),
    element("span", { class: "unseen", "data-word": "send" }),
  );
  return element(
    "footer",
    { class: "foot" },
    element(
      "form",
      { class: "composer", id: "composer" },
      element("label", { class: "unseen", for: "message", "data-word": "message_label" }),
      element("textarea", field),
      send,
    ),
    element(
      "p",
      { class: "small below" },
      element("span", { id: "warning", "data-word": "warning" }),
      element("span", { id: "counter", role: "status" }),
    ),
  );
}

function launcher() {
  const fresh = element("span", { class: "fresh", id: "fresh", role: "status" });
  return element(
    "div",
    { class: "corner", id: "corner" },
    element("button", { class: "launcher", id: "launcher", type: "button", "aria-haspopup": "dialog" }, shield(30), asked("name")),
    fresh,
  );
}

/** Everything that stands in the shadow root. */
export function skeleton() {
  return element(
    "div",
    { class: "shell", id: "shell" },
    launcher(),
    element("section", { class: "panel", id: "panel", "aria-labelledby": "name", tabindex: "-1", hidden: true }, head(), middle(), foot()),
    pickerSheet(),
    confirmSheet(),
  );
}

/** Opens and closes the panel below `root`. `close()` asks whoever holds the element to close it. */
export function createPanel({ root, words, close, signal }) {
  const find = (id) => root.getElementById(id);
  const panel = find("panel");
  const screen = matchMedia(FILLS_THE_SCREEN);
  let isInline = false;

  let openedFrom = null;

  const isOpen = () => !panel.hidden;
  const fillsScreen = () => screen.matches && !isInline;

  function describe() {
    panel.setAttribute("role", isInline ? "region" : "dialog");
    if (fillsScreen()) panel.setAttribute("aria-modal", "true");
    else panel.removeAttribute("aria-modal");
  }

  function enter() {
    // On a touch screen the field would bring up the keyboard over the chat.
    if (matchMedia("(pointer: fine)").matches) find("message").focus();
    else panel.focus();
  }

  function tell(isFresh) {
    find("fresh").textContent = isFresh ? words.word("new_messages") : "";
  }

  function keepFocusInside(event) {
    const stops = [...panel.querySelectorAll(FOCUSABLE)].filter((stop) => !stop.disabled && stop.getClientRects().length);
    const [first, last] = [stops[0], stops[stops.length - 1]];
    const leaves = event.shiftKey ? [first, panel].includes(root.activeElement) : root.activeElement === last;
    if (!leaves) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }

  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && !isInline) close();
    if (event.key === "Tab" && fillsScreen()) keepFocusInside(event);
  });
  find("close").addEventListener("click", close);
  screen.addEventListener("change", describe, { signal });

  return {
    isOpen,

    /** Show the panel; with `focus` the worker opened it, and the focus goes in. */
    open({ focus }) {
      openedFrom = document.activeElement;
      panel.hidden = false;
      find("corner").hidden = true;
      tell(false);
      if (focus) enter();
    },

    /** Hide it; the focus goes back to where it came from if it was inside. */
    close() {
      const wasInside = panel.contains(root.activeElement);
      panel.hidden = true;
      find("corner").hidden = isInline;
      if (!wasInside) return;
      const isOutside = openedFrom?.isConnected && ![document.body, root.host].includes(openedFrom);
      (isOutside ? openedFrom : find("launcher")).focus();
    },

    /** `inline`: the panel is a part of the page, and stays open. */
    place(position) {
      isInline = position === "inline";
      find("shell").classList.toggle("inline", isInline);
      find("close").hidden = isInline;
      find("corner").hidden = isInline || isOpen();
      describe();
    },

    /** Bring a message to the top of what is seen, without moving the page around; nothing: the beginning. */
    scrollTo(node) {
      const scroller = find("scroller");
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const above = node ? node.getBoundingClientRect().top - scroller.getBoundingClientRect().top - 12 : -scroller.scrollTop;
      scroller.scrollBy({ top: above, behavior: calm ? "auto" : "smooth" });
    },

    /** Something new was said; told at the launcher while the panel is closed. */
    news() {
      if (!isOpen()) tell(true);
    },
  };
}
