// Sends messages one after another, each exactly once: an unanswered message goes out again under the same
// message_id, and the server answers a repeated id with the answer it already gave.

const FIRST_PAUSE_S = 1;
const LONGEST_PAUSE_S = 30;

/** A version-4 UUID; randomUUID itself is only there on https and localhost. */
export function newMessageId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

const wasAnswered = (result) => result.status === 200 && Array.isArray(result.body?.replies);
const canBeSentLater = (result) => result.status === 0 || result.status >= 500 || result.status === 408;

/**
 * events: sending(entry), answered(entry, turn), refused(entry, error), late(entry, kind, seconds),
 * conversationLost(), idle().
 * `conversationId` is a function, because the first answer brings the id that the second message needs.
 * `post(message, isWanted)` sends; `signal` ends the listening to the browser.
 */
export function createOutbox({ conversationId, events, post, signal }) {
  let queue = [];
  let running = false;
  let wake = null;

  function pause(seconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    }).finally(() => (wake = null));
  }

  /** Take one message as often as it needs; ends early when the queue was emptied meanwhile. */
  async function deliver(entry) {
    for (let failures = 0; queue[0] === entry; ) {
      events.sending(entry);
      const id = conversationId();
      const message = id ? { ...entry.message, conversation_id: id } : entry.message;
      const result = await post(message, () => queue[0] === entry);
      if (queue[0] !== entry) return;
      if (wasAnswered(result)) {
        queue.shift();
        events.answered(entry, result.body);
      } else if (result.status === 409) {
        await pause(result.retryAfter);
      } else if (result.status === 429) {
        events.late(entry, "too_fast", result.retryAfter);
        await pause(result.retryAfter);
      } else if (canBeSentLater(result)) {
        const seconds = Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** failures++);
        events.late(entry, navigator.onLine === false ? "offline" : "unreachable", seconds);
        await pause(seconds);
      } else if (id && result.body?.error?.code === "conversation_unknown") {
        events.conversationLost();
      } else {
        queue.shift();
        events.refused(entry, result.body?.error);
      }
    }
  }

  async function run() {
    if (running) return;
    running = true;
    while (queue.length) await deliver(queue[0]);
    running = false;
    events.idle();
  }

  addEventListener("online", () => wake?.(), { signal });

  return {
    add(entry) {
      queue.push(entry);
      run();
    },
    waiting: (entry) => queue.indexOf(entry) > 0,
    /** Whether there is nothing under way. */
    isIdle: () => queue.length === 0,
    empty() {
      queue = [];
      wake?.();
    },
  };
}
