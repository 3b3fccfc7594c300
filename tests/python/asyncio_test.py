"""skein.Client in event loops."""
import asyncio
import concurrent.futures
import threading
import unittest

from case import NEVER, PATIENCE, Case, main, skein

echo = "echo:{}".format


def threads_of_skein():
    return [thread for thread in threading.enumerate() if thread.name == "skein"]


class Loops(Case):
    def test_one_loop_needs_no_thread(self):
        client = self.client()

        async def ask():
            replies = await asyncio.gather(*[client.aask(echo(i)) for i in range(300)])
            return [reply.text for reply in replies], threads_of_skein()

        for _ in range(3):  # A loop after the other.
            self.assertEqual(asyncio.run(ask()), ([str(i) for i in range(300)], []))

    def test_loops_and_threads_share_a_client(self):
        client = self.client("latency: {uniform: {from: 0ms, to: 5ms}}")

        def in_loop(number):
            async def ask():
                replies = await asyncio.gather(*[client.aask(echo(f"{number}-{i}")) for i in range(60)])
                return [reply.text for reply in replies]

            return asyncio.run(ask())

        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            loops = [pool.submit(in_loop, number) for number in range(4)]
            plain = [pool.submit(lambda: [r.text for r in client.map(echo, range(100))]) for _ in range(2)]
        for number, loop in enumerate(loops):
            self.assertEqual(loop.result(), [f"{number}-{i}" for i in range(60)])
        self.assertEqual([future.result() for future in plain], [[str(i) for i in range(100)]] * 2)

    def test_a_wait_without_the_loop_takes_over_from_it(self):
        client = self.client()

        async def ask():
            first = await client.aask(echo("a"))
            second = client.ask(echo("b"))
            third = await client.aask(echo("c"))
            return [first.text, second.text, third.text]

        self.assertEqual(asyncio.run(ask()), ["a", "b", "c"])

    def test_cancelling_a_task_cancels_its_request(self):
        client = self.client(NEVER)

        async def give_up():
            task = asyncio.ensure_future(client.aask("x"))
            await asyncio.get_running_loop().run_in_executor(None, self.all_in_flight, 1)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(client.aask("y"), 0.2)

        asyncio.run(give_up())
        self.all_left(2)

    def test_closing_in_the_loop_gives_its_tasks_the_fault_cancelled(self):
        client = self.client(NEVER)

        async def close():
            task = asyncio.ensure_future(client.aask("x"))
            await asyncio.get_running_loop().run_in_executor(None, self.all_in_flight, 1)
            client.close()
            reply = await task
            with self.assertRaises(RuntimeError):
                await client.aask("x")
            return reply.fault.kind

        self.assertEqual(asyncio.run(close()), "cancelled")

    def test_a_client_that_is_closed_elsewhere_leaves_the_loop(self):
        client = self.client()

        async def closed_elsewhere():
            await client.aask(echo("x"))
            await asyncio.get_running_loop().run_in_executor(None, client.close)
            other = skein.Client([{"base_url": self.server.url, "model": "m"}])
            self.addCleanup(other.close)
            return (await other.aask(echo("y"))).text

        self.assertEqual(asyncio.run(closed_elsewhere()), "y")


class Reading(Case):
    def test_amap_keeps_order_and_reads_a_window_ahead(self):
        client = self.client("latency: {uniform: {from: 0ms, to: 5ms}}", window=10)
        read = []

        def rows():
            for i in range(100):
                read.append(i)
                yield echo(i)

        async def go():
            given = []
            async for reply in client.amap(rows()):
                self.assertLessEqual(len(read) - len(given), 10)
                given.append(reply.text)
            return given

        self.assertEqual(asyncio.run(go()), [str(i) for i in range(100)])

    def test_amap_takes_an_async_input_and_any_order(self):
        client = self.client()

        async def rows():
            for i in range(30):
                await asyncio.sleep(0)
                yield echo(i)

        async def go():
            return [(reply.index, reply.text) async for reply in client.amap(rows(), ordered=False)]

        self.assertEqual(sorted(asyncio.run(go())), [(i, str(i)) for i in range(30)])

    def test_leaving_amap_cancels_what_was_not_read(self):
        client = self.client(f"{NEVER}faults: [{{fault: status, status: 404, contains: first}}]", in_flight=8)

        async def go():
            async for reply in client.amap(["first"] + ["x"] * 7):
                self.assertFalse(reply.ok)
                await asyncio.get_running_loop().run_in_executor(None, self.all_in_flight, 7)
                break

        asyncio.run(go())
        self.all_left(7)

    def test_an_answer_comes_piece_by_piece(self):
        client = self.client("per_token: 5ms")

        async def go():
            async with client.astream("echo:one two three") as stream:
                texts = [chunk.text async for chunk in stream]
            return texts, stream.reply.text

        texts, whole = asyncio.run(go())
        self.assertGreater(len(texts), 1)
        self.assertEqual(("".join(texts), whole), ("one two three", "one two three"))

    def test_a_slow_reader_gets_all_and_holds_up_nobody(self):
        client = self.client()
        words = "word " * 20000

        async def go():
            stream = client.astream("echo:" + words)
            first = await stream.__anext__()
            other = await asyncio.wait_for(client.aask("echo:others"), PATIENCE)
            rest = [chunk.text async for chunk in stream]
            return first.text + "".join(rest), other.text

        self.assertEqual(asyncio.run(go()), (words, "others"))


if __name__ == "__main__":
    main()
