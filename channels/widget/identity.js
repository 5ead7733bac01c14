// Who the worker is, as the platform says it: a signed token (JWT) from the platform's own back end. It stands in
// memory only, and goes to the assistant's server alone.

const EARLY_MS = 60_000; // renewed this long before it ends
const WAIT_MS = 5_000; // for the platform's back end
const PATIENCE = 3; // so often is a back end that cannot be reached asked before a message goes without a token
const PAUSE_MS = 60_000; // before one that said no is asked again

/** What a token says of itself, unchecked: the server is the one that checks. */
export function claimsOf(token) {
  try {
    const bytes = atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"));
    const claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
    return claims && typeof claims === "object" ? claims : {};
  } catch {
    return {};
  }
}

// A phone's clock may be wrong, so the length of a token's life counts from its arrival.
function lifeOf({ exp, iat }) {
  const milliseconds = Number.isFinite(iat) ? (exp - iat) * 1000 : exp * 1000 - Date.now();
  return Number.isFinite(milliseconds) ? milliseconds : Infinity;
}

async function read(response) {
  const text = (await response.text()).trim();
  try {
    const { token } = JSON.parse(text);
    return token;
  } catch {
    return text;
  }
}

/**
 * `tokenUrl()` names the back end's address, or nothing. `arrived(subject)` is told whose token came, before it is used;
 * `failed(code)` that there is none ("token_unavailable") or that the server took none ("token_refused");
 * `loggedOut()` that the back end knows nobody.
 */
export function createIdentity({ tokenUrl, arrived, failed, loggedOut }) {
  let held = null;
  let ends = Infinity;
  let asking = null;
  let failures = 0;
  let quietUntil = -Infinity;

  function take(token) {
    const claims = claimsOf(token);
    held = token;
    ends = performance.now() + lifeOf(claims);
    failures = 0;
    quietUntil = -Infinity;
    arrived(typeof claims.sub === "string" ? claims.sub : null);
    return held;
  }

  /** Nobody, for a while; what was held is gone. */
  function give(code) {
    held = null;
    quietUntil = performance.now() + PAUSE_MS;
    failed(code);
    return null;
  }

  async function fetchToken() {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), WAIT_MS);
    try {
      const options = { credentials: "include", cache: "no-store", signal: control.signal };
      const response = await fetch(tokenUrl(), options);
      if (response.status >= 500) throw new Error("the back end is broken");
      const token = response.ok ? await read(response) : null;
      if (typeof token === "string" && token) return take(token);
      if (response.status === 401 || response.status === 403) loggedOut();
      return give("token_unavailable");
    } catch {
      if (navigator.onLine === false || ++failures < PATIENCE) throw new Error("no token yet");
      failed("token_unavailable");
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  /** One question at a time, whoever wants to know. */
  function ask() {
    asking ??= fetchToken().finally(() => (asking = null));
    return asking;
  }

  const isFresh = () => held !== null && performance.now() < ends - EARLY_MS;

  return {
    /** A token that holds, or null where there is none; throws where it is worth trying again later. */
    async token() {
      if (isFresh()) return held;
      if (!tokenUrl()) return held;
      if (performance.now() < quietUntil) return null;
      return ask();
    },

    /** Another token than `old`, which the server did not take; null where there is none. */
    async refresh(old) {
      if (held !== old) return held;
      return tokenUrl() ? ask() : null;
    },

    /** The server takes no token of ours. */
    refused: () => give("token_refused"),

    /** The platform brings a token itself, or null when nobody is logged in any more. */
    set(token) {
      if (token) take(token);
      else {
        held = null;
        loggedOut();
      }
    },

    /** Whether anybody could be known. */
    isUsed: () => held !== null || Boolean(tokenUrl()),

    /** The back end's address has changed. */
    reset() {
      held = null;
      failures = 0;
      quietUntil = -Infinity;
    },
  };
}
