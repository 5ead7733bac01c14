"""How due deliveries reach the delivery processes: within this process, or through RabbitMQ.

The message holds ids only, and is a hint: the rows say what is to be done, so that a lost or doubled hint does no harm.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from taskiq import AsyncBroker, InMemoryBroker
from taskiq.acks import AcknowledgeType
from taskiq.api import run_receiver_task

log = logging.getLogger(__name__)

TASK, QUEUE = "shebao.deliver", "shebao-deliveries"
AT_ONCE = 4  # hints that one process works on at the same time
SECONDS_TO_HAND_OVER = 5.0
SECONDS_TO_START = 30.0
Deliver = Callable[[list[int]], Awaitable[None]]


class Transport:
    """Carries lists of row ids to `deliver`, in this process or in another one."""

    def __init__(self, broker: AsyncBroker, deliver: Deliver) -> None:
        async def delivered(ids: list[int]) -> None:
            await deliver(ids)

        self.broker = broker
        self._task = broker.register_task(delivered, task_name=TASK)

    async def hand_over(self, ids: Sequence[int]) -> bool:
        """Hands some rows over; False where the broker does not take them, so that their lease has to run out."""
        try:
            async with asyncio.timeout(SECONDS_TO_HAND_OVER):
                await self._task.kiq(list(ids))
        except Exception as error:  # whatever the broker's client raises: the row keeps its lease and goes round again
            log.warning("the broker took no deliveries: %s", type(error).__name__)
            return False
        return True

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Delivers what is handed over, by any process, until the block ends; begins again when it breaks."""
        receiving = asyncio.create_task(self._keep_receiving())
        try:
            yield
        finally:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
            await self._closed()

    async def _keep_receiving(self) -> None:
        if isinstance(self.broker, InMemoryBroker):
            await self.broker.startup()
            return
        self.broker.is_worker_process = True  # opens the connection to read from
        while True:
            try:
                async with asyncio.timeout(SECONDS_TO_START):
                    await self.broker.startup()
                await run_receiver_task(
                    self.broker, max_async_tasks=AT_ONCE, sync_workers=1, ack_time=AcknowledgeType.WHEN_EXECUTED
                )
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("the broker cannot be reached: %s", type(error).__name__)
            await self._closed()
            await asyncio.sleep(1)

    async def _closed(self) -> None:
        try:
            async with asyncio.timeout(SECONDS_TO_HAND_OVER):
                await self.broker.shutdown()
        except Exception as error:
            log.warning("the broker did not close: %s", type(error).__name__)


def broker_from(url: str) -> AsyncBroker:
    """The broker of an address: without one this process itself, `amqp://…` is RabbitMQ."""
    if not url:
        return InMemoryBroker(max_async_tasks=AT_ONCE)
    from taskiq_aio_pika import AioPikaBroker  # only where RabbitMQ is used
    from taskiq_aio_pika.queue import Queue

    return AioPikaBroker(url, qos=AT_ONCE, task_queues=[Queue(name=QUEUE)])
