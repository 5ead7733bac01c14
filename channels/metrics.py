"""What the gateway counts, for Prometheus. Names and outcomes only: never a word of a worker's."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 4.5, 5.0)


class Metrics:
    """Turns by outcome and duration, refusals by reason; one registry for each app."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._turns = Counter("shebao_turns", "Turns taken, by how they ended", ["outcome"], registry=self._registry)
        self._seconds = Histogram(
            "shebao_turn_seconds", "Seconds from message to answer", buckets=SECONDS, registry=self._registry
        )
        self._received = Counter(
            "shebao_received", "Requests of messaging platforms", ["channel", "what"], registry=self._registry
        )
        self._sent = Counter(
            "shebao_sent", "Messages to messaging platforms", ["channel", "how"], registry=self._registry
        )
        self._refused = Counter(
            "shebao_refused", "Messages not taken as a turn, by reason", ["reason"], registry=self._registry
        )

    def turn(self, outcome: str, seconds: float) -> None:
        """Count one turn."""
        self._turns.labels(outcome=outcome).inc()
        self._seconds.observe(seconds)

    def refused(self, reason: str) -> None:
        """Count one message that was not taken as a turn."""
        self._refused.labels(reason=reason).inc()

    def received(self, channel: str, what: str) -> None:
        """Count one request of a platform: message, duplicate, forged or malformed."""
        self._received.labels(channel=channel, what=what).inc()

    def sent(self, channel: str, how: str) -> None:
        """Count one message to a platform: sent, or the name of the failure."""
        self._sent.labels(channel=channel, how=how).inc()

    def exposition(self) -> bytes:
        """Everything counted so far, in Prometheus' text format."""
        return generate_latest(self._registry)
