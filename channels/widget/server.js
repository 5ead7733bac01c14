// The HTTP API as the chat uses it.

const ANSWER_MS = 12_000; // the server answers within five seconds; the rest is a slow network
const LOST = { status: 0, retryAfter: 0, body: null };

/**
 * `base` is the server's address, empty for the page's own. `identity`, where there is one, signs messages:
 * token(), refresh(old) and refused().
 */
export function createServer(base = "", identity = null) {
  async function call(path, options = {}) {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), ANSWER_MS);
    try {
      const response = await fetch(base + path, { ...options, signal: control.signal });
      const body = await response.json().catch(() => null);
      return { status: response.status, retryAfter: Number(response.headers.get("Retry-After")) || 1, body };
    } catch {
      return LOST;
    } finally {
      clearTimeout(timer);
    }
  }

  function send(message, token) {
    const headers = { "Content-Type": "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    return call("/api/v1/messages", { method: "POST", headers, body: JSON.stringify(message) });
  }

  /** Signed where that is possible. A token that is refused is renewed once; after that the message goes without. */
  async function sendSigned(message, isWanted) {
    const token = await identity.token();
    if (!isWanted()) return LOST;
    const result = await send(message, token);
    if (result.status !== 401 || !token) return result;
    const renewed = await identity.refresh(token);
    if (!isWanted()) return LOST;
    const again = renewed ? await send(message, renewed) : result;
    if (again.status !== 401 || !isWanted()) return again;
    identity.refused();
    return send(message, null);
  }

  return {
    /** Where a path of the server lies. */
    address: (path) => base + path,

    /** One message; `isWanted()` says whether it is still to go out once a token has come. */
    async post(message, isWanted = () => true) {
      if (!identity) return send(message, null);
      return sendSigned(message, isWanted).catch(() => LOST);
    },

    /** What a person has written since the line `after`. */
    async news(conversationId, after) {
      const token = identity ? await identity.token().catch(() => null) : null;
      const headers = token ? { Authorization: `Bearer ${token}` } : {};
      return call(`/api/v1/conversations/${encodeURIComponent(conversationId)}/news?after=${after}`, { headers });
    },

    /** Every province and city. */
    async regions() {
      const { status, body } = await call("/api/v1/regions");
      if (status !== 200 || !Array.isArray(body)) throw new Error(`regions: ${status}`);
      return body;
    },
  };
}
