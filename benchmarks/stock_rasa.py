"""The peer: Rasa as it comes (DIET, ResponseSelector, TED), answering the same articles.

Every article becomes a retrieval intent, its first question variants the training examples, its title the answer.
Trained once into var/bench; trained again only when the articles change.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import frontmatter
import yaml

from benchmarks.running import Running, free_ports, running

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var/bench/stock"
RASA = (str(ROOT / "bot/.venv/bin/python"), "-m", "rasa")
VARIANTS = 12  # a language and article; all of them would train for half an hour and answer no slower or faster
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}

# The default pipeline and policies of Rasa 3.6, with jieba in place of the whitespace tokenizer for Chinese.
# Few epochs: they decide how well it answers, not how long a turn takes, and this times turns only.
CONFIG = """
recipe: default.v1
language: zh
assistant_id: stock
pipeline:
  - name: JiebaTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - {name: CountVectorsFeaturizer, analyzer: char_wb, min_ngram: 1, max_ngram: 4}
  - {name: DIETClassifier, epochs: 5, constrain_similarities: true}
  - name: EntitySynonymMapper
  - {name: ResponseSelector, epochs: 5, constrain_similarities: true}
  - {name: FallbackClassifier, threshold: 0.3, ambiguity_threshold: 0.1}
policies:
  - name: MemoizationPolicy
  - name: RulePolicy
  - {name: UnexpecTEDIntentPolicy, max_history: 5, epochs: 5}
  - {name: TEDPolicy, max_history: 5, epochs: 5, constrain_similarities: true}
"""


def serve_stock() -> AbstractContextManager[Running]:
    """Stock Rasa's REST channel on a free port, trained if need be."""
    train()
    (port,) = free_ports(1)
    options = ("run", "--interface", "127.0.0.1", "--port", str(port), "--model", "models")
    url = f"http://127.0.0.1:{port}"
    return running((*RASA, *options), FOLDER, url, "/", QUIET, ROOT / "var/bench/stock.log")


def train() -> None:
    """Write the project and train it, unless the same was trained before."""
    files = dict(_project())
    wanted = hashlib.sha256("\0".join(files.values()).encode()).hexdigest()
    stamp = FOLDER / "trained"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, text in files.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print("Training stock Rasa once (a few minutes) …", flush=True)
    command = ["env", *(f"{name}={value}" for name, value in QUIET.items()), *RASA, "train"]
    with (ROOT / "var/bench/stock-training.log").open("wb") as log:
        subprocess.run(command, cwd=FOLDER, stdout=log, stderr=log, check=True)
    stamp.write_text(wanted)


def _project() -> Iterator[tuple[str, str]]:
    articles = [frontmatter.load(str(path)) for path in sorted((ROOT / "knowledge/articles").glob("*/*.md"))]
    metadata = [article.metadata for article in articles]
    topics = sorted({str(one["topic"]) for one in metadata})
    yield "config.yml", CONFIG
    yield "endpoints.yml", ""
    yield "credentials.yml", "rest:\n"
    yield "data/nlu.yml", _yaml({"nlu": [_examples(one) for one in metadata]})
    yield "data/rules.yml", _yaml({"rules": [_told(topic, "rule") for topic in topics]})
    yield "data/stories.yml", _yaml({"stories": [_told(topic, "story") for topic in topics]})
    responses = {f"utter_{one['id']}": [{"text": _title(one)}] for one in metadata}
    actions = [f"utter_{topic}" for topic in topics]
    yield "domain.yml", _yaml({"intents": topics, "actions": actions, "responses": responses})


def _examples(article: Mapping[str, object]) -> dict[str, str]:
    questions = article["questions"]
    assert isinstance(questions, dict)
    lines = [f"- {_plain(question)}" for language in ("zh", "en") for question in questions[language][:VARIANTS]]
    return {"intent": str(article["id"]), "examples": "\n".join(lines) + "\n"}


def _told(topic: str, kind: str) -> dict[str, object]:
    return {kind: f"{kind} {topic}", "steps": [{"intent": topic}, {"action": f"utter_{topic}"}]}


def _title(article: Mapping[str, object]) -> str:
    title = article["title"]
    assert isinstance(title, dict)
    return f"{title['zh']} / {title['en']}"


def _plain(question: str) -> str:
    return question.translate(str.maketrans("[](){}", "      ")).strip()


def _yaml(content: dict[str, object]) -> str:
    return yaml.safe_dump({"version": "3.1", **content}, allow_unicode=True, sort_keys=False, width=1000)
