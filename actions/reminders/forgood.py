"""The ethics form of a campaign: the seven questions of FORGOOD, as the International Social Security Association asks
them of social-security institutions, each with an answer in one's own words.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

SHORTEST_ANSWER = 40  # characters; a "yes" is no answer


class Forgood(BaseModel):
    """The seven answers; an empty one is not answered yet."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fairness: Annotated[str, Field(description="who gains, who might lose, and whether that is just")] = ""
    openness: Annotated[str, Field(description="whether workers can see who nudges them and why")] = ""
    respect: Annotated[str, Field(description="how dignity, privacy and a free choice are kept")] = ""
    goals: Annotated[str, Field(description="what good it serves, and whose")] = ""
    opinions: Annotated[str, Field(description="whether those who get it would accept it")] = ""
    options: Annotated[str, Field(description="what else would do, and why it is not done")] = ""
    delegation: Annotated[str, Field(description="by what right we do this, and whether we are able to")] = ""

    def gaps(self) -> Iterator[str]:
        """What is still wrong with the answers, one sentence each."""
        given: dict[str, str] = {}
        for name, field in type(self).model_fields.items():
            answer = " ".join(str(getattr(self, name)).split())
            if len(answer) < SHORTEST_ANSWER:
                state = f"has {len(answer)} characters" if answer else "is not answered"
                yield f"forgood.{name} {state}; at least {SHORTEST_ANSWER} are needed: {field.description}"
            elif answer.casefold() in given:
                yield f"forgood.{name} repeats the answer to {given[answer.casefold()]}; each question needs its own"
            given.setdefault(answer.casefold(), name)
