// A platform's own back end in Node, without any package: it tells the assistant's widget who the worker is.
//
//   SHEBAO_KEY=… SHEBAO_PLATFORM=rider-app SHEBAO_KEY_ID=k1 PORT=9000 node backend.mjs

import { createHmac } from "node:crypto";
import { createServer } from "node:http";

const KEY = process.env.SHEBAO_KEY || ""; // the secret you agreed on: 32 bytes or more, never in a page or an app
const PLATFORM = process.env.SHEBAO_PLATFORM || "rider-app";
const KEY_ID = process.env.SHEBAO_KEY_ID || "k1";
const LIFE_SECONDS = 600;

// Your own log-in stands here: session -> who it is, and what you may tell of them (each fact may be left out).
const SESSIONS = new Map([
  ["demo-session", { id: "rider-81923", facts: { region: "CN-ZJ", occupation: "rider", language: "zh" } }],
]);

if (Buffer.byteLength(KEY) < 32) throw new Error("SHEBAO_KEY must hold 32 bytes or more");

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token for this worker, good for ten minutes. */
function sign(worker) {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: "HS256", typ: "JWT", kid: KEY_ID };
  const claims = {
    iss: PLATFORM,
    sub: worker.id,
    aud: "shebao-assistant",
    iat: now,
    exp: now + LIFE_SECONDS,
    facts: worker.facts,
  };
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${createHmac("sha256", KEY).update(signed).digest("base64url")}`;
}

function loggedIn(request) {
  const session = /(?:^|;\s*)session=([^;]+)/.exec(request.headers.cookie || "");
  return SESSIONS.get(session?.[1]);
}

const server = createServer((request, response) => {
  const isAsked = request.method === "GET" && request.url.split("?")[0] === "/shebao-token";
  const worker = isAsked ? loggedIn(request) : null;
  const status = !isAsked ? 404 : worker ? 200 : 401;
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(JSON.stringify(worker ? { token: sign(worker) } : { error: status === 401 ? "nobody is logged in" : "not found" }));
});

server.listen(process.env.PORT || 9000, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/shebao-token`);
});
