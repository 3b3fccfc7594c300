#!/usr/bin/python3
"""aiohttp with a semaphore and retries: what fails is asked again after a pause, four times in all. A request
that pauses takes no place."""
import asyncio
import random

import aiohttp
import shared

ATTEMPTS, FIRST, MOST = 4, 0.5, 8.0  # Seconds, as client libraries have it.


async def main():
    options = shared.arguments(streams=False)
    words = shared.filler(options.prompt)
    places = asyncio.Semaphore(options.in_flight)
    figures = shared.Figures()

    async def asked(session, number):
        """Whether there is an answer, and the pause that the server asks for."""
        try:
            async with places, session.post(options.url, json=shared.body(number, words)) as answer:
                if answer.status == 200:
                    return bool((await answer.json())["choices"]), None
                await answer.read()
                return False, answer.headers.get("retry-after")
        except (aiohttp.ClientError, ValueError):
            return False, None

    async def ask(session, number):
        for attempt in range(1, ATTEMPTS + 1):
            answered, pause = await asked(session, number)
            if answered:
                return
            if attempt < ATTEMPTS:
                ceiling = min(FIRST * 2 ** (attempt - 1), MOST)
                await asyncio.sleep(float(pause) if pause else ceiling * random.uniform(0.75, 1))
        figures.failed += 1

    # Its own cap is lifted: the semaphore is the cap.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(ask(session, i) for i in range(1, options.requests + 1)))
    figures.tell(options.requests)


asyncio.run(main())
