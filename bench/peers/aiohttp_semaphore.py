#!/usr/bin/python3
"""aiohttp with a semaphore: a task for every request, as many past the semaphore as may be in flight."""
import asyncio
import ssl

import aiohttp
import shared


async def main():
    options = shared.arguments(streams=True)
    words = shared.filler(options.prompt)
    places = asyncio.Semaphore(options.in_flight)
    trust = ssl.create_default_context(cafile=options.cacert) if options.cacert else None
    figures = shared.Figures()

    async def ask(session, number):
        async with places:
            async with session.post(options.url, json=shared.body(number, words, options.stream)) as answer:
                if answer.status != 200:
                    figures.failed += 1
                elif not options.stream:
                    figures.bytes += len(await answer.read())
                else:
                    async for line in answer.content:
                        figures.bytes += len(line)
                        figures.chunks += line.startswith(b"data:")

    # Its own cap is lifted: the semaphore is the cap.
    connector = aiohttp.TCPConnector(limit=0, ssl=trust)
    headers = {"authorization": f"Bearer {shared.KEY}"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        await asyncio.gather(*(ask(session, i) for i in range(1, options.requests + 1)))
    figures.tell(options.requests)


asyncio.run(main())
