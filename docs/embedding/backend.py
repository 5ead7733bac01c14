"""A platform's own back end in Python: it tells the assistant's widget who the worker is, with a signed token.

pip install fastapi uvicorn pyjwt
SHEBAO_KEY=… SHEBAO_PLATFORM=rider-app SHEBAO_KEY_ID=k1 uvicorn backend:app --port 9000
"""

import os
import time
from typing import Annotated

import jwt
from fastapi import Cookie, FastAPI, HTTPException, Response

KEY = os.environ["SHEBAO_KEY"]  # the secret you agreed on: 32 bytes or more, never in a page or an app
PLATFORM = os.environ.get("SHEBAO_PLATFORM", "rider-app")
KEY_ID = os.environ.get("SHEBAO_KEY_ID", "k1")
LIFE_SECONDS = 600

# Your own log-in stands here: session -> who it is, and what you may tell of them (each fact may be left out).
SESSIONS = {
    "demo-session": {
        "id": "rider-81923",
        "facts": {"region": "CN-ZJ", "occupation": "rider", "language": "zh"},
    },
}

if len(KEY.encode()) < 32:
    raise SystemExit("SHEBAO_KEY must hold 32 bytes or more")

app = FastAPI()


@app.get("/shebao-token")
async def token(response: Response, session: Annotated[str | None, Cookie()] = None) -> dict[str, str]:
    """A token for whoever is logged in, good for ten minutes; 401 for anybody else."""
    worker = SESSIONS.get(session or "")
    if worker is None:
        raise HTTPException(401, "nobody is logged in")
    now = int(time.time())
    claims = {
        "iss": PLATFORM,
        "sub": worker["id"],
        "aud": "shebao-assistant",
        "iat": now,
        "exp": now + LIFE_SECONDS,
        "facts": worker["facts"],
    }
    response.headers["Cache-Control"] = "no-store"
    return {"token": jwt.encode(claims, KEY, algorithm="HS256", headers={"kid": KEY_ID})}
