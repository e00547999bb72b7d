"""Which systems a file is in: one, two mixed, or not enough evidence.

Rows i, systems h, log-likelihoods L[i, h] (evidence.py). A model is a set of systems with shares π:

    score(π) = Σ_i log Σ_h π_h·exp(L[i, h]) + log prior

- pure: π_h = 1, prior of the system;
- mixed: shares fitted by expectation-maximisation (Dempster, Laird, Rubin 1977); each further system costs
  ½·log n (Schwarz 1978) and the prior of mixing. A third system must raise the score by `MIXED_MIN` = 7, and
  so must the mixture against the pure model; in between, the file is neither pure nor mixed for certain.

The file is *certain* if the best model beats every other by `CERTAIN` = 7 nats (odds 1,100 : 1), *likely*
by `LIKELY` = 3 (20 : 1), and else there is *not enough evidence*. Rows are
interchangeable, so their order cannot matter; a wrong row has nearly the same likelihood everywhere and
hardly votes.

Where each row tells little (it names a village, no water), a file of two systems favours one of them by such
odds by chance, while a mixture fits no worse. A pure model is certain only if it also beats, by
`SOLE_CERTAIN` nats, a file of which `MINOR_ASKED` is in any other system, and likely by `SOLE_LIKELY`. A few
rows of which each speaks for itself cannot reach that, and need not: `SOLE_SHARE` of what they could reach
will do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.doctor.systems import Floats

Confidence = Literal["certain", "likely", "none"]

CERTAIN: Final = 7.0
LIKELY: Final = 3.0
MIXED_MIN: Final = 7.0
MIXED_PRIOR: Final = -3.0
MINOR_SHARE: Final = 0.05
MINOR_ROWS: Final = 1.5
DOUBT_MIN: Final = -2.0
"""A file is not called unmixed while a mixture is about as likely."""
MINOR_ASKED: Final = 0.3
SOLE_CERTAIN: Final = 3.0
SOLE_LIKELY: Final = 0.5
SOLE_SHARE: Final = 0.65
"""Of 60 drawn files each of 50, 100, 200 rows that name a village, 60 % in GCJ-02, none is called certain."""
ROW_SILENT: Final = 0.1
"""By which a row that tells two systems apart favours one of them, in nats."""
ROW_CERTAIN: Final = 0.95
STRAY_SHARE: Final = 0.002
"""Share that a system outside the verdict is given when single rows are judged in an unmixed file."""
ROUNDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The verdict over one part of a file; arrays run over its rows and systems."""

    chosen: tuple[int, ...]
    confidence: Confidence
    margin: float
    shares: Floats
    scores: Floats
    """Score of each pure model, in nats."""
    posterior: Floats
    """Rows by systems."""


def decide(likelihoods: Floats, priors: Floats) -> Decision:
    """Return the decision on rows x systems log-likelihoods, given prior odds of the systems."""
    log_priors = np.log(priors / priors.sum())
    scores = likelihoods.sum(axis=0) + log_priors
    best = int(np.argmax(scores))
    if likelihoods.shape[1] == 1:
        return Decision(
            chosen=(0,), confidence="certain", margin=np.inf, shares=np.ones(1), scores=scores,
            posterior=np.ones_like(likelihoods),
        )  # fmt: skip
    chosen, shares, gain = _mixture(likelihoods, scores, best)
    counts = _counts(likelihoods, shares)
    if gain >= MIXED_MIN and counts:
        # What speaks for a mixture speaks against every pure model.
        return Decision(
            chosen=chosen,
            confidence=_confidence(gain),
            margin=gain,
            shares=shares,
            scores=scores,
            posterior=_posterior(likelihoods, shares),
        )
    margin = float(scores[best] - np.delete(scores, best).max())
    alone = np.full(len(scores), STRAY_SHARE / max(len(scores) - 1, 1))
    alone[best] = 1.0 - STRAY_SHARE
    confidence = _sole(likelihoods, best, _confidence(margin))
    if counts and gain > DOUBT_MIN:
        confidence = "none"
    held = _posterior(likelihoods, alone if confidence != "none" else priors / priors.sum())
    return Decision(
        chosen=(best,), confidence=confidence, margin=margin, shares=np.eye(len(scores))[best],
        scores=scores, posterior=held,
    )  # fmt: skip


def _confidence(margin: float) -> Confidence:
    if margin >= CERTAIN:
        return "certain"
    return "likely" if margin >= LIKELY else "none"


def _sole(likelihoods: Floats, best: int, confidence: Confidence) -> Confidence:
    """Return how sure it is that no third of the rows is in another system, `confidence` at the most."""
    own, others = likelihoods[:, [best]], np.delete(likelihoods, best, axis=1)
    # Where no row tells one system from the other, the prior alone decided, and knows of no mixture.
    others = others[:, np.abs(own - others).max(axis=0) > ROW_SILENT]
    if not others.shape[1]:
        return confidence
    shared = np.logaddexp(np.log(1.0 - MINOR_ASKED) + own, np.log(MINOR_ASKED) + others)
    lead = float((own - shared).sum(axis=0).min())
    if lead < SOLE_LIKELY:
        return "none"
    most = -np.log(1.0 - MINOR_ASKED) * len(likelihoods)
    if confidence == "certain" and lead < min(SOLE_CERTAIN, SOLE_SHARE * most):
        return "likely"
    return confidence


def _mixture(likelihoods: Floats, scores: Floats, best: int) -> tuple[tuple[int, ...], Floats, float]:
    """Return the best mixture that holds `best`, and how much it beats the pure model of `best`."""
    chosen, score, shares = [best], -np.inf, np.eye(len(scores))[best]
    while len(chosen) < likelihoods.shape[1]:
        tried = [
            (*_fitted(likelihoods, [*chosen, other]), other)
            for other in range(likelihoods.shape[1])
            if other not in chosen
        ]
        value, fitted, other = max(tried, key=lambda found: (found[0], -found[2]))
        value -= len(chosen) * (0.5 * np.log(max(len(likelihoods), 2)) - MIXED_PRIOR)
        if value - score < MIXED_MIN:
            break
        chosen.append(other)
        score, shares = value, fitted
    return tuple(chosen), shares, score - float(scores[best])


def _fitted(likelihoods: Floats, among: list[int]) -> tuple[float, Floats]:
    part = likelihoods[:, among]
    top = part.max(axis=1, keepdims=True)
    weights = np.exp(part - top)
    held = np.full(len(among), 1.0 / len(among))
    for _ in range(ROUNDS):
        joint = weights * held
        after = (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(after - held).max() < 1e-6:  # noqa: PLR2004 - shares of rows
            held = after
            break
        held = after
    shares = np.zeros(likelihoods.shape[1])
    shares[among] = held
    return float((np.log((weights * held).sum(axis=1)) + top[:, 0]).sum()), shares


def _posterior(likelihoods: Floats, shares: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        joint = likelihoods + np.log(shares)
    joint = np.exp(joint - joint.max(axis=1, keepdims=True))
    found: Floats = joint / joint.sum(axis=1, keepdims=True)
    return found


def _counts(likelihoods: Floats, shares: Floats) -> bool:
    """Whether a second system holds enough rows to call the file mixed, and not only its wrong rows."""
    minor = np.sort(shares)[-2]
    return bool(minor >= MINOR_SHARE and minor * len(likelihoods) >= MINOR_ROWS)


def certain_rows(posterior: Floats) -> NDArray[np.bool_]:
    """Return which rows belong to one system with a probability of at least `ROW_CERTAIN`."""
    sure: NDArray[np.bool_] = posterior.max(axis=1) >= ROW_CERTAIN
    return sure
