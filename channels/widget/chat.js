// The web chat's own page: the conversation, the switch of language, and the memory of this tab.

import { createConversation } from "./conversation.js";
import { Memory } from "./memory.js";
import { HANDED_OVER, createNews, newsOf } from "./news.js";
import { createServer } from "./server.js";
import { confirmSheet, pickerSheet } from "./sheets.js";
import { createWords, preferredLanguage } from "./words.js";

const words = createWords();
const memory = new Memory(() => sessionStorage, "shebao-chat");
const switcher = document.getElementById("language");
const otherLanguage = () => (words.language === "zh" ? "en" : "zh");

document.querySelector("footer").after(pickerSheet(), confirmSheet());

const server = createServer();
const conversation = createConversation({
  root: document,
  memory,
  words,
  server,
  hooks: {
    questions: () => words.word("questions"),
    labelled() {
      document.documentElement.lang = words.tag;
      document.title = words.word("name");
      switcher.textContent = otherLanguage() === "zh" ? "中文" : "English";
      switcher.lang = otherLanguage() === "zh" ? "zh-CN" : "en";
    },
    scrollTo(node) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      (node ?? document.body).scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    },
    answered({ outcome = null }) {
      if (!HANDED_OVER.test(outcome || "")) return;
      memory.handoff = true;
      lookForNews();
    },
    failed() {},
    changed() {},
  },
});

const lookForNews = createNews({ ...newsOf(memory, server, conversation), signal: new AbortController().signal });

switcher.addEventListener("click", () => {
  memory.language = otherLanguage();
  memory.keep();
  conversation.label();
  const payload = `/change_language{"language":"${memory.language}"}`;
  conversation.say(memory.language === "zh" ? "中文" : "English", { payload }, { silent: !conversation.hasBegun() });
});

await Promise.all([words.load("zh"), words.load("en")]);
memory.language ??= preferredLanguage();
conversation.begin();
lookForNews();
document.documentElement.dataset.ready = "true";
