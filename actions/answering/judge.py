"""Says how sure retrieval may be: the chance that a question is in the folder at all, and which article it is.

Both are fitted on the calibration questions of `knowledge/evaluation` when the index is built, so an edited folder
gets a judge that fits it. The floor is the lowest chance at which no more false answers pass than
`knowledge/answering.yml` allows, measured on questions that the fitting did not see.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler

Floats = NDArray[np.float64]
FORMAT = 2  # raise when a judge on disk no longer fits the evidence
LEGS = 3  # dense, lexical, topical: a higher one never speaks against an article
FOLDS = 10
ROUNDS = 5
SHRINKAGE = 0.01  # keeps the three weights small where the questions do not decide


@dataclass(frozen=True)
class Evidence:
    """What is known of one question: `legs` has a row an article, `outside` the same for topics out of scope.

    The first three columns are the legs of the search, any others say how an article's place agrees with the
    question's. `signs` describe the question as a whole.
    """

    legs: Floats
    outside: Floats
    signs: tuple[float, ...]


Asked = tuple[Evidence, tuple[int, ...]]  # a question, and the rows of the articles that answer it (none: decline)


@dataclass(frozen=True)
class Judge:
    """Fitted weights of one language. From `floor` on an article is shown, from `choice_floor` on a few are offered."""

    fusion: tuple[float, ...]
    scope_mean: tuple[float, ...]
    scope_scale: tuple[float, ...]
    scope_weights: tuple[float, ...]
    scope_bias: float
    floor: float
    choice_floor: float

    def fused(self, legs: Floats) -> Floats:
        """One score an article: the weighted legs."""
        fused: Floats = legs @ np.asarray(self.fusion)
        return fused

    def posterior(self, legs: Floats) -> Floats:
        """The chance of each article, given that one of them is right; sums to 1."""
        fused = self.fused(legs)
        odds = np.exp(fused - fused.max())
        result: Floats = odds / odds.sum()
        return result

    def scope(self, evidence: Evidence) -> float:
        """The chance, 0 to 1, that some article answers the question."""
        scaled = (np.asarray(signs_of(self, evidence)) - self.scope_mean) / self.scope_scale
        return float(1 / (1 + np.exp(-(scaled @ np.asarray(self.scope_weights) + self.scope_bias))))


def signs_of(judge: Judge, evidence: Evidence) -> tuple[float, ...]:
    """What the chance of being in scope is judged by: the best article's legs, its lead, and the question's own signs.

    The lead is over the best topic that is known to be out of scope, leg by leg and in all.
    """
    posterior = judge.posterior(evidence.legs)
    likely = np.sort(posterior)[::-1][:3]
    legs, outside = evidence.legs[:, :LEGS], evidence.outside[:, :LEGS]
    most = legs.max(axis=0)
    best = judge.fused(evidence.legs).max()
    length = float(np.linalg.norm(judge.fusion)) or 1.0
    return (
        *legs[int(posterior.argmax())],
        *most,
        *(most - outside.max(axis=0, initial=0.0)),
        float(likely[0]),
        float(likely.sum()),
        float(best - judge.fused(evidence.outside).max(initial=0.0)) / length,
        float(best) / length,
        *evidence.signs,
    )


def fit(asked: dict[str, list[Asked]], false_answers_at_most: float, false_choices_at_most: float) -> dict[str, Judge]:
    """A judge a language. Fusion and scale are each language's own; the weights of scope are learnt together.

    Raises ValueError for a language without questions of both sorts.
    """
    plain = {language: _without_scope(language, rows) for language, rows in asked.items()}
    signs = {k: np.array([signs_of(plain[k], evidence) for evidence, _ in rows]) for k, rows in asked.items()}
    scalers = {language: StandardScaler().fit(rows) for language, rows in signs.items()}
    together = np.vstack([scalers[language].transform(rows) for language, rows in signs.items()])
    in_scope = np.array([bool(rows) for some in asked.values() for _, rows in some])
    unseen = _unseen_chances(together, in_scope)
    model = _scope_model().fit(together, in_scope)
    floor, choice_floor = (_floor(unseen[~in_scope], share) for share in (false_answers_at_most, false_choices_at_most))
    return {
        language: Judge(
            fusion=judge.fusion,
            scope_mean=tuple(scalers[language].mean_.tolist()),
            scope_scale=tuple(scalers[language].scale_.tolist()),
            scope_weights=tuple(model.coef_[0].tolist()),
            scope_bias=float(model.intercept_[0]),
            floor=floor,
            choice_floor=choice_floor,
        )
        for language, judge in plain.items()
    }


def _without_scope(language: str, asked: list[Asked]) -> Judge:
    answerable = [(evidence, rows) for evidence, rows in asked if rows]
    if not answerable or len(answerable) == len(asked):
        raise ValueError(f"{language!r} needs questions that an article answers and questions to be declined")
    return Judge(_fit_fusion(answerable), (), (), (), 0.0, 0.0, 0.0)


def _scope_model() -> LogisticRegression:
    return LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000)


def _unseen_chances(signs: Floats, in_scope: NDArray[np.bool_]) -> Floats:
    """The chance of each question by models that did not see it, averaged over several ways to divide them."""
    folds = min(FOLDS, int(in_scope.sum()), int((~in_scope).sum()))
    rounds = [
        cross_val_predict(
            _scope_model(),
            signs,
            in_scope,
            cv=StratifiedKFold(folds, shuffle=True, random_state=seed),
            method="predict_proba",
        )[:, 1]
        for seed in range(ROUNDS)
    ]
    result: Floats = np.mean(rounds, axis=0)
    return result


def _fit_fusion(answerable: list[Asked]) -> tuple[float, ...]:
    """Weights under which the right article is most likely (softmax over all articles); those of legs from 0 up."""

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = SHRINKAGE * float(weights @ weights), 2 * SHRINKAGE * weights
        for evidence, rows in answerable:
            right = evidence.legs[list(rows)]
            fused, wanted = evidence.legs @ weights, right @ weights
            every, some = np.logaddexp.reduce(fused), np.logaddexp.reduce(wanted)
            total += float(every - some)
            slope = slope + np.exp(fused - every) @ evidence.legs - np.exp(wanted - some) @ right
        return total, slope

    others = answerable[0][0].legs.shape[1] - LEGS
    start = np.array([5.0] * LEGS + [0.0] * others)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, 60.0)] * LEGS + [(-60.0, 60.0)] * others)
    return tuple(float(weight) for weight in found.x)


def _floor(declined: Floats, false_answers_at_most: float) -> float:
    """The chance above which about that share of the questions to be declined lies; halfway to the next one."""
    ordered = np.sort(declined)[::-1]
    allowed = min(round(false_answers_at_most * len(ordered)), len(ordered) - 1)
    above = ordered[allowed - 1] if allowed else 1.0
    return float((ordered[allowed] + above) / 2)


def save(judges: dict[str, Judge], folder: Path) -> None:
    """`judge.json` in the index folder."""
    (folder / "judge.json").write_text(json.dumps({k: asdict(v) for k, v in judges.items()}), encoding="utf-8")


def load(folder: Path) -> dict[str, Judge]:
    """What `save` wrote; raises OSError or ValueError."""
    raw = json.loads((folder / "judge.json").read_text(encoding="utf-8"))
    judges: dict[str, Judge] = TypeAdapter(dict[str, Judge]).validate_python(raw)
    return judges
