"""Makes `actions/answering/english_adapter.npz`: the English model trained on the folder's own English questions.

Each article, and each topic out of scope, has a point on the sphere; a question is drawn to the point of its own and
away from all others (softmax over the cosines). All layers learn but the word vectors. What is kept is the change of
each weight, four bits a number. Prints how many development questions find their article before and after.
Takes half an hour to an hour on two cores; run it again when much of the folder is new.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, normalize
from transformers import AutoModel, AutoTokenizer

from actions.answering.embedder import verify_packaged_model
from actions.answering.english_adapter import ADAPTER, NIBBLES, STEPS, WHOLE, packed
from actions.answering.evaluation import read_questions
from actions.answering.folder import read_knowledge
from actions.answering.passages import passages
from actions.answering.rendering import Renderer
from benchmarks.retrieval import ROOT, today

TOKENS = 48  # longer questions are cut while training
BATCH, BUCKET = 64, 50  # questions a step; steps among which questions of like length meet
RATE, RATE_OF_POINTS, WARM_UP = 1e-4, 1e-3, 100
SHARPNESS = 22.0  # of the cosines
SMOOTHING = 0.1
LEFT_OUT, LEFT_OUT_OF = 0.12, 0.5  # share of words left out, of so many questions


@dataclass
class Trainee:
    """The model, its tokeniser and the points of the labels."""

    model: Any
    tokeniser: Any
    points: torch.nn.Parameter

    def ids(self, texts: Sequence[str], longest: int) -> list[list[int]]:
        """Token ids of each text."""
        found: list[list[int]] = self.tokeniser(list(texts), truncation=True, max_length=longest)["input_ids"]
        return found

    def vectors(self, ids: Sequence[Sequence[int]]) -> torch.Tensor:
        """One row a text, of length 1: the mean over its tokens."""
        table = torch.zeros(len(ids), max(map(len, ids)), dtype=torch.long)
        for row, own in enumerate(ids):
            table[row, : len(own)] = torch.tensor(own)
        mask = torch.arange(table.shape[1])[None, :] < torch.tensor([len(own) for own in ids])[:, None]
        hidden = self.model(input_ids=table, attention_mask=mask.long()).last_hidden_state
        return normalize((hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True), dim=1)

    @torch.inference_mode()
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As `vectors`, for many texts."""
        self.model.eval()
        ids = self.ids(texts, 256)
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        rows = np.zeros((len(ids), self.points.shape[1]), dtype=np.float32)
        for first in range(0, len(order), 32):
            part = order[first : first + 32]
            rows[part] = self.vectors([ids[i] for i in part]).numpy()
        return rows


def main() -> None:
    """Trains, measures, writes."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--epochs", type=float, default=3)
    options.add_argument("--out", type=Path, default=ADAPTER)
    chosen = options.parse_args()
    torch.manual_seed(0)
    random.seed(0)
    texts, labels, names = _questions()
    folder = verify_packaged_model()
    model = AutoModel.from_pretrained(folder)
    model.embeddings.requires_grad_(False)
    points = torch.nn.Parameter(torch.zeros(len(names), model.config.hidden_size))
    trainee = Trainee(model, AutoTokenizer.from_pretrained(folder), points)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    rows = trainee.embed(texts)
    for label in range(len(names)):
        points.data[label] = torch.from_numpy(rows[labels == label].mean(axis=0))
    print(f"{len(texts)} questions, {len(names)} labels; before: {_found(trainee, names):.3f}", flush=True)
    _train(trainee, trainee.ids(texts, TOKENS), labels, int(chosen.epochs * len(texts) / BATCH), names)
    np.savez_compressed(chosen.out, **_changes(model, before))
    print(f"{chosen.out.name}: {chosen.out.stat().st_size / 1e6:.1f} MB")


def _questions() -> tuple[list[str], NDArray[np.int64], list[str]]:
    knowledge = read_knowledge(ROOT / "knowledge")
    entries = passages(knowledge, Renderer(knowledge.parameters), today())
    own = [entry for entry in entries if entry.language == "en" and entry.kind != "passage"]
    names = sorted({entry.article_id for entry in own})
    place = {name: i for i, name in enumerate(names)}
    return [entry.text for entry in own], np.array([place[entry.article_id] for entry in own]), names


def _train(trainee: Trainee, ids: list[list[int]], labels: NDArray[np.int64], steps: int, names: Sequence[str]) -> None:
    learning = [weight for weight in trainee.model.parameters() if weight.requires_grad]
    groups = [{"params": learning, "lr": RATE}, {"params": [trainee.points], "lr": RATE_OF_POINTS, "weight_decay": 0}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / WARM_UP) * max(0.02, 1 - step / steps)
    )
    batches = _batches(ids)
    for step in range(1, steps + 1):
        trainee.model.train()
        chosen = next(batches)
        cosines = trainee.vectors([_shortened(ids[i]) for i in chosen]) @ normalize(trainee.points, dim=1).T
        wanted = torch.from_numpy(labels[chosen])
        loss = cross_entropy(cosines * SHARPNESS, wanted, label_smoothing=SMOOTHING)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimiser.step()
        schedule.step()
        if step % 200 == 0 or step == steps:
            print(f"step {step} of {steps}: loss {loss.item():.2f}, {_found(trainee, names):.3f}", flush=True)


def _batches(ids: list[list[int]]) -> Iterator[list[int]]:
    """Questions in no order, but of like length in one batch, for ever."""
    while True:
        order = np.random.default_rng(random.randrange(2**32)).permutation(len(ids)).tolist()
        batches = []
        for first in range(0, len(order), BATCH * BUCKET):
            alike = sorted(order[first : first + BATCH * BUCKET], key=lambda i: len(ids[i]))
            batches += [alike[i : i + BATCH] for i in range(0, len(alike), BATCH)]
        random.shuffle(batches)
        yield from batches


def _shortened(ids: list[int]) -> list[int]:
    if len(ids) <= 6 or random.random() > LEFT_OUT_OF:
        return ids
    return [ids[0], *(token for token in ids[1:-1] if random.random() > LEFT_OUT), ids[-1]]


def _found(trainee: Trainee, names: Sequence[str]) -> float:
    """The share of the development questions whose nearest point is that of a right article."""
    (asked,) = (one for one in read_questions(ROOT / "benchmarks/development") if one.language == "en")
    questions = [one for one in asked.questions if one.expect]
    points = normalize(trainee.points.detach(), dim=1).numpy()
    best = (trainee.embed([one.q for one in questions]) @ points.T).argmax(axis=1)
    return float(np.mean([names[i] in one.expect for i, one in zip(best, questions, strict=True)]))


def _changes(model: Any, before: dict[str, torch.Tensor]) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    for name, weight in model.named_parameters():
        change = (weight.detach() - before[name]).numpy()
        if not np.any(change):
            continue
        if change.ndim == 2:
            found[name + STEPS], found[name + NIBBLES] = packed(change)
        else:
            found[name + WHOLE] = change.astype(np.float16)
    return found


if __name__ == "__main__":
    main()
