"""The baseline: Rasa's own ResponseSelector, trained on the same question variants as our retrieval.

Run by `shebao knowledge eval` in the bot's environment. Reads JSON from standard input
(`{"variants": [[article_id, text], …], "questions": [text, …]}`), writes `{"rankings": [[article_id, …], …]}`.
"""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

RANKS = 10
EPOCHS = 6  # of tens of thousands of examples: the default of 300 would take half a day on two cores
CONFIG = {
    "recipe": "default.v1",
    "assistant_id": "response-selector-baseline",
    "language": "zh",
    "pipeline": [
        {"name": "components.tokenizer.BilingualTokenizer"},
        {"name": "CountVectorsFeaturizer", "min_df": 2},
        {
            "name": "CountVectorsFeaturizer",
            "analyzer": "char_wb",
            "min_ngram": 1,
            "max_ngram": 4,
            "min_df": 5,
        },
        {
            "name": "ResponseSelector",
            "retrieval_intent": "faq",
            "epochs": EPOCHS,
            "constrain_similarities": True,
        },
    ],
    "policies": [],
}


def training_files(folder: Path, variants: list[list[str]], names: dict[str, str]) -> tuple[Path, Path, Path]:
    """Config, NLU data and domain of the baseline."""
    examples: dict[str, list[str]] = {}
    for article_id, text in variants:
        examples.setdefault(names[article_id], []).append(" ".join(text.replace("[", "(").replace("]", ")").split()))
    nlu = [
        {"intent": f"faq/{name}", "examples": "".join(f"- {text}\n" for text in texts)}
        for name, texts in examples.items()
    ]
    # Rasa wants a second intent to tell the retrieval intent from
    nlu.append({"intent": "nothing", "examples": "- zzz\n- yyy\n"})
    domain = {
        "version": "3.1",
        "intents": ["faq", "nothing"],
        "responses": {f"utter_faq/{name}": [{"text": name}] for name in examples},
    }
    files = (folder / "config.yml", folder / "nlu.yml", folder / "domain.yml")
    for path, content in zip(files, (CONFIG, {"version": "3.1", "nlu": nlu}, domain), strict=True):
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return files


async def rankings(model: str, questions: list[str], ids: dict[str, str]) -> list[list[str]]:
    """Article ids, best first, for each question."""
    agent = Agent.load(model)
    found = []
    for question in questions:
        parsed = await agent.parse_message(question)
        ranking = parsed["response_selector"]["faq"]["ranking"][:RANKS]
        found.append([ids[row["intent_response_key"].split("/", 1)[1]] for row in ranking])
    return found


def main() -> None:
    """Trains, ranks, prints."""
    asked = json.load(sys.stdin)
    output = os.dup(1)
    os.dup2(2, 1)  # whatever Rasa prints goes to standard error; standard output carries the JSON alone
    names = {article_id: article_id.replace("/", "__").replace("-", "_") for article_id, _ in asked["variants"]}
    ids = {name: article_id for article_id, name in names.items()}
    with tempfile.TemporaryDirectory() as folder:
        config, nlu, domain = training_files(Path(folder), asked["variants"], names)
        model = train_nlu(str(config), str(nlu), folder, domain=str(domain))
        result = asyncio.run(rankings(str(model), asked["questions"], ids))
    with os.fdopen(output, "w", encoding="utf-8") as stream:
        json.dump({"rankings": result}, stream, ensure_ascii=False)


if __name__ == "__main__":
    main()
