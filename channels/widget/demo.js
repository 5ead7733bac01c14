// Shows what a platform can do with the widget: its attributes, methods and events.

import { element } from "./element.js";

const MOST_EVENTS = 20;
const find = (id) => document.getElementById(id);
const assistant = document.querySelector("shebao-assistant");

function showMarkup() {
  const written = [...assistant.attributes].map(({ name, value }) => (value ? ` ${name}="${value}"` : ` ${name}`));
  const script = `<script type="module" src="${location.origin}/widget.js"></` + `script>`;
  find("markup").textContent = `${script}\n<shebao-assistant${written.join("")}></shebao-assistant>`;
}

for (const choice of find("attributes").elements) {
  choice.value = assistant.getAttribute(choice.name) ?? choice.value;
  choice.addEventListener("change", () => assistant.setAttribute(choice.name, choice.value));
}
new MutationObserver(showMarkup).observe(assistant, { attributes: true });
assistant.setAttribute("server", location.origin);

await customElements.whenDefined("shebao-assistant");
find("open").addEventListener("click", () => assistant.open());
find("close").addEventListener("click", () => assistant.close());
find("ask").addEventListener("click", () => assistant.ask("断缴了怎么办"));
find("identity").addEventListener("submit", (event) => {
  event.preventDefault();
  assistant.setToken(event.target.elements.jwt.value.trim() || null);
});

for (const name of ["open", "close", "answer", "error"]) {
  addEventListener(`shebao:${name}`, (event) => {
    find("events").prepend(element("li", {}, `${event.type} ${JSON.stringify(event.detail)}`));
    [...find("events").children].slice(MOST_EVENTS).forEach((old) => old.remove());
  });
}
document.documentElement.dataset.ready = "true";
