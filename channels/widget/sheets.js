// The two dialogs of the chat: choosing a place, and whether to start again. Their words come by `data-word`.

import { drawn, element } from "./element.js";

/** A line drawing on a 24 by 24 field; for the eye only. */
export function icon(size, ...paths) {
  const field = { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" };
  return drawn("svg", field, ...paths.map((d) => drawn("path", { d })));
}

/** A square button that shows an icon and says the word of that name. */
export function iconButton(id, name, path) {
  return element(
    "button",
    { class: "quiet square", id, type: "button" },
    icon(22, path),
    element("span", { class: "unseen", "data-word": name }),
  );
}

/** A button that says the word of that name. */
const wordButton = (id, name, kind) => element("button", { class: kind, id, type: "button", "data-word": name });

export const CROSS = "M6 6l12 12M18 6L6 18";

/** Where the worker pays; driven by picker.js. */
export function pickerSheet() {
  const back = iconButton("picker-back", "back", "M15 6l-6 6 6 6");
  back.hidden = true;
  return element(
    "dialog",
    { id: "picker", class: "sheet", "aria-labelledby": "picker-title" },
    element(
      "div",
      { class: "sheet-head" },
      back,
      element("h2", { id: "picker-title", "data-word": "picker_title" }),
      iconButton("picker-close", "close", CROSS),
    ),
    element("label", { class: "unseen", for: "picker-search", "data-word": "picker_search" }),
    element("input", { id: "picker-search", type: "search", autocomplete: "off", enterkeyhint: "search" }),
    element("p", { class: "small", id: "picker-status", role: "status" }),
    element("ul", { class: "places", id: "picker-list" }),
  );
}

/** Whether everything on the screen may go. */
export function confirmSheet() {
  return element(
    "dialog",
    { id: "confirm", class: "sheet narrow", "aria-labelledby": "confirm-title" },
    element("h2", { id: "confirm-title", "data-word": "reset_question" }),
    element("p", { "data-word": "reset_text" }),
    element(
      "div",
      { class: "choices" },
      wordButton("confirm-no", "reset_no", "quiet framed"),
      wordButton("confirm-yes", "reset_yes", "strong"),
    ),
  );
}
