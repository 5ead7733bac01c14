// Every word on the page, in both languages; the wording lives in strings.<language>.json.

const LANGUAGES = ["zh", "en"];
const texts = {};

export let language = "zh";

export async function loadWords() {
  const loaded = await Promise.all(
    LANGUAGES.map((code) => fetch(`/widget/strings.${code}.json`).then((response) => response.json())),
  );
  LANGUAGES.forEach((code, index) => (texts[code] = loaded[index]));
}

export function preferredLanguage() {
  return (navigator.languages || [navigator.language]).some((code) => /^zh/i.test(code)) ? "zh" : "en";
}

export function otherLanguage() {
  return language === "zh" ? "en" : "zh";
}

/** The word or list of that name, with its {words} filled in. */
export function word(name, values = {}) {
  const found = texts[language][name];
  if (typeof found !== "string") return found;
  return found.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

/** Switch the page, not the conversation. */
export function speak(code) {
  language = LANGUAGES.includes(code) ? code : "zh";
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = word("name");
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word);
  }
}

/** 2026-11-23 as people write it; anything else is shown as it is. */
export function readableDate(written) {
  const parts = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(written || "");
  if (!parts) return written;
  const [year, month, day] = parts.slice(1).map(Number);
  if (language === "zh") return `${year}年${month}月${day ? `${day}日` : ""}`;
  const name = new Intl.DateTimeFormat("en-GB", { month: "long" }).format(new Date(year, month - 1, 1));
  return `${day ? `${day} ` : ""}${name} ${year}`;
}
