// Every word that is shown; the wording lies in strings.<language>.json beside this file.

// A language pack: its file beside this one, its questions in contexts.json, and its code here (docs/embedding.md).
export const LANGUAGES = ["zh", "en"];

/** The language pack for a tag as people write it (`zh-CN`, `en_GB`); Chinese where there is none. */
export function languageOf(tag) {
  const code = (tag || "").toLowerCase().split(/[-_]/)[0];
  return LANGUAGES.includes(code) ? code : LANGUAGES[0];
}

/** Chinese for whoever reads Chinese at all, otherwise English. */
export function preferredLanguage() {
  return (navigator.languages || [navigator.language]).some((code) => /^zh/i.test(code)) ? "zh" : "en";
}

/** The words of one page or widget. A language is loaded before it is spoken. */
export function createWords() {
  const texts = {};
  let language = LANGUAGES[0];

  async function load(code) {
    if (texts[code]) return;
    if (!LANGUAGES.includes(code)) throw new Error("no such language pack");
    const response = await fetch(new URL(`strings.${code}.json`, import.meta.url));
    if (!response.ok) throw new Error(`strings: ${response.status}`);
    texts[code] = await response.json();
  }

  /** The word or list of that name, with its {words} filled in. */
  function word(name, values = {}) {
    const found = texts[language][name];
    if (typeof found !== "string") return found;
    return found.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  }

  /** 2026-11-23 as people write it; anything else is shown as it is. */
  function readableDate(written) {
    const parts = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(written || "");
    if (!parts) return written;
    const [year, month, day] = parts.slice(1).map(Number);
    if (language === "zh") return `${year}年${month}月${day ? `${day}日` : ""}`;
    const locale = language === "en" ? "en-GB" : language;
    const name = new Intl.DateTimeFormat(locale, { month: "long" }).format(new Date(year, month - 1, 1));
    return `${day ? `${day} ` : ""}${name} ${year}`;
  }

  return {
    load,
    word,
    readableDate,
    get language() {
      return language;
    },
    /** The language as an HTML `lang` says it. */
    get tag() {
      return language === "zh" ? "zh-CN" : language;
    },
    /** Switch what is shown, not the conversation. */
    speak(code) {
      language = texts[code] ? code : language;
    },
    /** Put the words into every element below that asks for one by `data-word`. */
    write(root) {
      for (const asking of root.querySelectorAll("[data-word]")) asking.textContent = word(asking.dataset.word);
    },
  };
}
