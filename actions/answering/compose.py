"""Writes what the worker reads: an article for their place and day, a choice of articles, or a named refusal."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from actions.answering.answer import Answer, Candidate, Citation, Language, Outcome, Suggestion
from actions.answering.articles import Article
from actions.answering.figures import day_in_words
from actions.answering.folder import Knowledge, LifeEvent
from actions.answering.rendering import Rendered, Renderer
from actions.parameters import NATION, Bilingual, Figure, region_chain

AFTER_AN_ACCIDENT = "injured_at_work"
LAWFUL_WAYS = "income_dropped"


def compose_answer(
    article: Article,
    language: Language,
    region: str | None,
    on: date,
    knowledge: Knowledge,
    renderer: Renderer,
    more: bool = False,
) -> Answer:
    """The article's short part (or the longer one) rendered for one worker.

    Ends as `unanswerable_region` where every sentence needed a figure that the place does not have.
    """
    body = article.bodies[language]
    rendered = renderer.render(body.more if more else body.short, language, region, on)
    asks_region = region is None and any(knowledge.parameters.varies_by_place(name) for name in rendered.missing)
    if not rendered.text and not asks_region:
        return compose_refusal(Outcome.UNANSWERABLE_REGION, language, knowledge)
    return Answer(
        outcome=Outcome.ANSWERED,
        text=_text(rendered, article, language, region, on, knowledge, asks_region),
        language=language,
        article_id=article.id,
        title=article.title.in_language(language),
        citations=_citations(article, rendered.figures, language, knowledge),
        next_steps=article.next_steps.in_language(language),
        suggestions=_suggestions(article.related, language, knowledge),
        reviewed_on=article.reviewed_on,
        has_more=bool(body.more) and not more,
        asks_region=asks_region,
        region=region,
    )


def compose_choice(candidates: Sequence[Candidate], language: Language, knowledge: Knowledge) -> Answer:
    """Asks which of a few articles was meant."""
    return Answer(
        outcome=Outcome.CLARIFY,
        text=knowledge.texts.outcomes[Outcome.CLARIFY].in_language(language),
        language=language,
        score=candidates[0].score,
        suggestions=_suggestions([candidate.article_id for candidate in candidates], language, knowledge),
    )


def compose_life_event(event: LifeEvent, language: Language) -> Answer:
    """What matters after something happened, and up to three ways to read on."""
    return Answer(
        outcome=Outcome.CLARIFY,
        text=event.opening.in_language(language),
        language=language,
        suggestions=tuple(Suggestion(b.article, b.title.in_language(language)) for b in event.buttons),
    )


def compose_refusal(
    outcome: Outcome, language: Language, knowledge: Knowledge, refer: Bilingual | None = None
) -> Answer:
    """A named ending without an article; an emergency still shows what comes after it, evasion the lawful ways.

    `refer` says who can help instead.
    """
    event = {Outcome.HANDOFF_EMERGENCY: AFTER_AN_ACCIDENT, Outcome.REFUSED_EVASION: LAWFUL_WAYS}.get(outcome)
    articles = [button.article for button in knowledge.life_events[event].buttons] if event else []
    return Answer(
        outcome=outcome,
        text=(refer or knowledge.texts.outcomes[outcome]).in_language(language),
        language=language,
        suggestions=_suggestions(articles, language, knowledge),
    )


def _text(
    rendered: Rendered,
    article: Article,
    language: Language,
    region: str | None,
    on: date,
    knowledge: Knowledge,
    asks_region: bool,
) -> str:
    def phrase(name: str, **words: str) -> str:
        return knowledge.texts.phrases[name].in_language(language).format(**words)

    local = {figure.region for figure in rendered.figures} - {NATION}
    stale = [figure for figure in rendered.figures if figure.stale]
    lines = [rendered.text]
    if local and region and local <= set(region_chain(region)):  # figures of named places speak for themselves
        lines.append(phrase("for_region", region=knowledge.regions.name(max(local, key=len), language)))
    if stale:
        lines.append(phrase("stale_figure", since=day_in_words(min(figure.since for figure in stale), language)))
    if on >= article.review_by:
        lines.append(phrase("overdue_review", reviewed_on=day_in_words(article.reviewed_on, language)))
    if asks_region:
        lines.append(phrase("ask_region"))
    return "\n".join(line for line in lines if line)


def _citations(
    article: Article, figures: Sequence[Figure], language: Language, knowledge: Knowledge
) -> tuple[Citation, ...]:
    """The figures' own sources first, each with the day its value holds from; then the article's."""
    cited: dict[str, Citation] = {}
    for source_id, since in [(s, figure.since) for figure in figures for s in figure.sources]:
        if source_id not in cited:
            cited[source_id] = _citation(source_id, since, language, knowledge)
    for source_id in article.sources:
        if source_id not in cited:
            cited[source_id] = _citation(source_id, None, language, knowledge)
    return tuple(cited.values())


def _citation(source_id: str, since: date | None, language: Language, knowledge: Knowledge) -> Citation:
    source = knowledge.sources[source_id]
    title = source.title.in_language(language)
    if source.number and source.number not in title:
        title = f"{title} {source.number}"
    return Citation(title, source_id, since or source.date, source.url)


def _suggestions(article_ids: Sequence[str], language: Language, knowledge: Knowledge) -> tuple[Suggestion, ...]:
    known = [article_id for article_id in article_ids if article_id in knowledge.articles]
    most = max(knowledge.rules.suggestions_at_most, knowledge.rules.choices_at_most)
    return tuple(Suggestion(a, knowledge.articles[a].title.in_language(language)) for a in known[:most])


def compose_by_id(
    article_id: str,
    language: Language,
    region: str | None,
    on: date,
    knowledge: Knowledge,
    renderer: Renderer,
    more: bool = False,
) -> Answer:
    """One article by its id, as a button asks for it; an id that is gone ends as `unanswerable_no_source`."""
    article = knowledge.articles.get(article_id)
    if article is None or article.confidence == "unverified":
        return compose_refusal(Outcome.UNANSWERABLE_NO_SOURCE, language, knowledge)
    if not article.applies_on(on):
        return compose_refusal(Outcome.UNANSWERABLE_OUTDATED, language, knowledge)
    more = more and bool(article.bodies[language].more)
    shown = compose_answer(article, language, region, on, knowledge, renderer, more)
    return replace(shown, score=1.0) if shown.outcome is Outcome.ANSWERED else shown
