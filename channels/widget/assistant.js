// <shebao-assistant>: the chat on the page of somebody else. Attributes, methods and events: docs/embedding.md.

import { createConversation } from "./conversation.js";
import { createIdentity } from "./identity.js";
import { Memory } from "./memory.js";
import { HANDED_OVER, createNews, newsOf } from "./news.js";
import { createPanel, skeleton } from "./panel.js";
import { refusePictures } from "./pictures.js";
import { createServer } from "./server.js";
import { createWords, LANGUAGES, languageOf } from "./words.js";

const HOME = new URL(".", import.meta.url);
const SHEETS = ["colours.css", "parts.css", "assistant.css"];
const DARK_WHEN = { light: "not all", dark: "all" };

async function fetched(name) {
  const response = await fetch(new URL(name, HOME));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response;
}

function sheet(text, options) {
  const made = new CSSStyleSheet(options);
  made.replaceSync(text);
  return made;
}

async function load() {
  const textOf = (name) => fetched(name).then((response) => response.text());
  const contexts = fetched("contexts.json").then((response) => response.json());
  const [dark, questions, ...texts] = await Promise.all([textOf("dark.css"), contexts, ...SHEETS.map(textOf)]);
  return { dark, contexts: questions, sheets: texts.map((text) => sheet(text)) };
}

let loading = null;

/** Style and starter questions, once for all elements of the page; asked for again after a failure. */
function loadOnce() {
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

class ShebaoAssistant extends HTMLElement {
  static observedAttributes = ["server", "platform", "lang", "context", "token-url", "theme", "open", "position"];

  #root = this.attachShadow({ mode: "open" });
  #words = createWords();
  #life = null; // ends with the element's time on the page
  #memory = null;
  #loaded = null;
  #conversation = null;
  #panel = null;
  #news = null;
  #ready = Promise.resolve();

  #identity = createIdentity({
    tokenUrl: () => this.getAttribute("token-url"),
    arrived: (subject) => subject && this.#belongsTo(subject),
    loggedOut: () => this.#belongsTo(null),
    failed: (code) => this.#tell("error", { code }),
  });

  // --- For the page around -------------------------------------------------------------------------------------

  /** Show the panel. */
  open() {
    this.setAttribute("open", "");
  }

  /** Hide the panel; one that stands inline stays. */
  close() {
    this.removeAttribute("open");
  }

  /** Open, and say this for the worker. */
  async ask(text) {
    this.open();
    await this.#ready;
    if (this.#conversation?.ask(String(text)) === false) this.#tell("error", { code: "text_too_long" });
  }

  /** Who the worker is, as a signed token; null when nobody is logged in any more. */
  setToken(jwt) {
    this.#identity.set(jwt || null);
  }

  // --- On and off the page -------------------------------------------------------------------------------------

  connectedCallback() {
    this.#start();
  }

  disconnectedCallback() {
    this.#stop();
  }

  #start() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    const key = `shebao-assistant ${this.#server()} ${this.getAttribute("platform") || ""}`;
    this.#memory = new Memory(() => localStorage, key, { isShared: true });
    this.#ready = this.#build(signal).catch(() => {
      if (signal.aborted) return;
      this.#tell("error", { code: "load_failed" });
      addEventListener("online", () => this.#restart(), { once: true, signal });
    });
  }

  #stop() {
    this.#life?.abort();
    this.#conversation?.stop();
    this.#conversation = this.#panel = this.#news = null;
  }

  #restart() {
    this.#stop();
    if (this.isConnected) this.#start();
  }

  async #build(signal) {
    const memory = this.#memory;
    if (!LANGUAGES.includes(memory.language) || memory.pageLanguage !== this.#askedLanguage()) this.#followPageLanguage();
    const [loaded] = await Promise.all([loadOnce(), this.#words.load(memory.language), this.#whoseItIs()]);
    if (signal.aborted) return;
    this.#loaded = loaded;
    this.#dress();
    this.#root.replaceChildren(skeleton());
    this.#join(signal);
    this.#conversation.begin();
    if (memory.pageLanguage !== this.#askedLanguage()) this.#speakPageLanguage(); // the page changed it meanwhile
    this.#panel.place(this.getAttribute("position"));
    if (this.#isToBeOpen()) this.#show({ focus: false });
    if (memory.handoff) this.#news();
  }

  /** Before a conversation is shown that somebody logged in had, see whether it is still them. */
  async #whoseItIs() {
    if (this.#memory.owner && this.#identity.isUsed()) await this.#identity.token().catch(() => null);
  }

  /** What a worker said is not shown to the next one who uses the phone. */
  #belongsTo(subject) {
    const memory = this.#memory;
    if (!memory || memory.owner === subject) return;
    if (memory.owner && memory.owner !== subject) {
      if (this.#conversation) this.#conversation.clear();
      else memory.forget();
    }
    memory.owner = subject;
    memory.keep();
  }

  #join(signal) {
    const root = this.#root;
    const [words, memory] = [this.#words, this.#memory];
    const server = createServer(this.#server(), this.#identity);
    const panel = createPanel({ root, words, close: () => this.close(), signal });
    const conversation = createConversation({ root, memory, words, server, hooks: this.#hooks(panel), signal });
    this.#news = createNews({ ...newsOf(this.#memory, server, conversation), signal });
    this.#panel = panel;
    this.#conversation = conversation;
    root.getElementById("launcher").addEventListener("click", () => this.open());
    refusePictures(root.getElementById("panel"), () => conversation.note(words.word("no_pictures")));
    addEventListener("storage", (event) => event.key === memory.key && conversation.follow(), { signal });
  }

  #hooks(panel) {
    return {
      questions: () => this.#questions(),
      scrollTo: panel.scrollTo,
      labelled: () => (this.#root.getElementById("shell").lang = this.#words.tag),
      changed: panel.news,
      failed: (code) => this.#tell("error", { code }),
      answered: ({ outcome = null, article_id = null }) => {
        this.#tell("answer", { outcome, article_id });
        if (!HANDED_OVER.test(outcome || "")) return;
        this.#memory.handoff = true;
        this.#news();
      },
    };
  }

  // --- Attributes ----------------------------------------------------------------------------------------------

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.#memory || !this.isConnected) return;
    if (name === "server" || name === "platform") return this.#restart();
    if (name === "token-url") return this.#identity.reset();
    if (!this.#conversation) return;
    if (name === "lang") this.#speakPageLanguage();
    if (name === "context") this.#conversation.label();
    if (name === "theme") this.#dress();
    if (name === "position") this.#panel.place(after);
    if (name === "open" || name === "position") this.#openOrClose();
  }

  #server() {
    const written = this.getAttribute("server");
    return (written ? new URL(written, document.baseURI).href : HOME.origin).replace(/\/+$/, "");
  }

  #askedLanguage() {
    return languageOf(this.getAttribute("lang") ?? document.documentElement.lang);
  }

  #followPageLanguage() {
    this.#memory.language = this.#memory.pageLanguage = this.#askedLanguage();
  }

  #speakPageLanguage() {
    const asked = this.#askedLanguage();
    this.#memory.pageLanguage = asked;
    this.#conversation.switchTo(asked).catch(() => this.#tell("error", { code: "load_failed" }));
  }

  #questions() {
    const { contexts } = this.#loaded;
    const { language } = this.#words;
    const here = contexts[this.getAttribute("context")]?.[language];
    return here ?? contexts.default[language] ?? contexts.default.en;
  }

  /** Put on the style sheets; the theme says when the dark one counts. */
  #dress() {
    const media = DARK_WHEN[this.getAttribute("theme")] ?? "(prefers-color-scheme: dark)";
    this.#root.adoptedStyleSheets = [...this.#loaded.sheets, sheet(this.#loaded.dark, { media })];
  }

  #isToBeOpen() {
    return this.hasAttribute("open") || this.getAttribute("position") === "inline";
  }

  #openOrClose() {
    if (this.#isToBeOpen() === this.#panel.isOpen()) return;
    if (this.#isToBeOpen()) this.#show({ focus: this.getAttribute("position") !== "inline" });
    else {
      this.#panel.close();
      this.#tell("close", {});
    }
  }

  #show(how) {
    this.#panel.open(how);
    this.#conversation.shown();
    if (this.#identity.isUsed()) this.#identity.token().catch(() => null);
    this.#tell("open", {});
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`shebao:${name}`, { bubbles: true, composed: true, detail }));
  }
}

customElements.define("shebao-assistant", ShebaoAssistant);
