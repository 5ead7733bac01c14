// What survives a reload of this tab, and nothing longer: the conversation's id, its messages, language and place.

const KEY = "shebao-chat";
const MOST_ENTRIES = 200;

const empty = () => ({ conversationId: null, language: null, region: null, entries: [] });

function read() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    return kept && Array.isArray(kept.entries) ? { ...empty(), ...kept } : empty();
  } catch {
    return empty();
  }
}

export const memory = read();

export function keep() {
  memory.entries = memory.entries.slice(-MOST_ENTRIES);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(memory));
  } catch {
    // Storage may be full or switched off; the conversation then lasts as long as the page.
  }
}

export function forget() {
  Object.assign(memory, { ...empty(), language: memory.language });
  keep();
}
