// What survives a reload: the conversation's id, its messages, language and place.

const MOST_ENTRIES = 200;
const LONGEST_DAYS = 30;
const DAY_MS = 86_400_000;

const empty = () => ({
  conversationId: null,
  language: null,
  region: null,
  entries: [],
  round: null, // changes whenever everything is forgotten, so that another tab notices
  touched: 0,
  pageLanguage: null, // the language the host page had asked for
  owner: null, // whose conversation it is, where the platform says so
  handoff: false, // a person may answer
  newsAfter: 0, // the last line of a person that was read
});

const keyOf = (entry) => entry.message?.message_id ?? `line-${entry.line?.id}`;

/**
 * `storage` is a function, because a browser may refuse the very access to it. `isShared`: other tabs write there too,
 * so that what they added is kept, and a conversation that nobody touched for 30 days is not read again.
 */
export class Memory {
  #storage;
  #isShared;

  constructor(storage, key, { isShared = false } = {}) {
    this.#storage = storage;
    this.#isShared = isShared;
    Object.defineProperty(this, "key", { value: key });
    this.reload();
  }

  #stored() {
    try {
      const kept = JSON.parse(this.#storage().getItem(this.key));
      if (!Array.isArray(kept?.entries)) return null;
      return this.#isShared && Date.now() - kept.touched > LONGEST_DAYS * DAY_MS ? null : kept;
    } catch {
      return null;
    }
  }

  #write() {
    this.touched = Date.now();
    this.entries = this.entries.slice(-MOST_ENTRIES);
    try {
      this.#storage().setItem(this.key, JSON.stringify(this));
    } catch {
      // Storage may be full or switched off; the conversation then lasts as long as the page.
    }
  }

  /** What another tab added since; nothing where one of the two has started over. */
  #merge(stored) {
    if (!stored || stored.round !== this.round) return;
    const known = new Set(this.entries.map(keyOf));
    const added = stored.entries.filter((entry) => !known.has(keyOf(entry)));
    if (!added.length) return;
    this.entries = [...added, ...this.entries].sort((one, other) => (one.at || 0) - (other.at || 0));
    this.conversationId ??= stored.conversationId;
  }

  /** Read again what is stored. */
  reload() {
    Object.assign(this, empty(), this.#stored());
  }

  keep() {
    if (this.#isShared) this.#merge(this.#stored());
    this.#write();
  }

  /** Everything goes but the language and whose it is. */
  forget() {
    const { language, pageLanguage, owner } = this;
    Object.assign(this, empty(), { language, pageLanguage, owner, round: String(Math.random()).slice(2) });
    this.#write();
  }
}
