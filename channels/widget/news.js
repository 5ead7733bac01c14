// Looks for what a person has written while a conversation is handed over: every five seconds, less often while nothing
// comes or the server fails, and not at all while the page is not seen.

const PAUSE_S = 5;
const SLOWEST_QUIET_S = 20;
const SLOWEST_FAILING_S = 60;
const SLOWER_WHEN_QUIET = 1.1;

/** Outcomes with which a conversation is with a person, or on its way there. */
export const HANDED_OVER = /^handoff_/;

/** What `createNews` needs, for a chat with this memory, server and conversation. */
export function newsOf(memory, server, conversation) {
  return {
    isOn: () => memory.handoff && memory.conversationId !== null,
    async fetchNews() {
      const id = memory.conversationId;
      const news = await server.news(id, memory.newsAfter);
      return id === memory.conversationId ? news : { status: 0, retryAfter: 0, body: null };
    },
    arrived({ lines, handoff }) {
      memory.newsAfter = Math.max(memory.newsAfter, ...lines.map((line) => Number(line.id) || 0));
      memory.handoff = Boolean(handoff);
      if (lines.length || !memory.handoff) conversation.hear(lines.filter((line) => line.text));
    },
    ended() {
      memory.handoff = false;
      memory.keep();
    },
  };
}

/**
 * `isOn()` says whether to look at all, `fetchNews()` asks the server, `arrived(news)` takes what it said;
 * `ended()` is told that the server knows of no news. `signal` stops everything.
 */
export function createNews({ isOn, fetchNews, arrived, ended, signal }) {
  let timer = null;
  let asking = false;
  let seconds = PAUSE_S;

  const mayAsk = () => isOn() && !signal.aborted && document.visibilityState === "visible";

  function wait() {
    clearTimeout(timer);
    timer = mayAsk() ? setTimeout(look, seconds * 1000) : null;
  }

  function take({ status, retryAfter, body }) {
    if (status === 200 && Array.isArray(body?.lines)) {
      seconds = body.lines.length ? PAUSE_S : Math.min(SLOWEST_QUIET_S, seconds * SLOWER_WHEN_QUIET);
      arrived(body);
    } else if (status === 404 || status === 403) {
      ended();
    } else {
      seconds = Math.min(SLOWEST_FAILING_S, Math.max(seconds * 2, retryAfter));
    }
  }

  async function look() {
    if (asking || !mayAsk()) return;
    asking = true;
    const news = await fetchNews();
    asking = false;
    if (signal.aborted || !isOn()) return;
    take(news);
    wait();
  }

  document.addEventListener(
    "visibilitychange",
    () => {
      if (!mayAsk()) return clearTimeout(timer);
      seconds = PAUSE_S;
      look();
    },
    { signal },
  );
  signal.addEventListener("abort", () => clearTimeout(timer));

  /** A conversation has just been handed over, or the page was loaded anew. */
  return function start() {
    seconds = PAUSE_S;
    wait();
  };
}
