"""Who shares a step of the model with whom."""
from transformers_case import CHAT, TEXT, Case, chat, content, text

JOIN_EVERY, STEP_WORTH = 8, 256  # As in the server.


class Batches(Case):
    """The steps of the model are what it says of itself: how many rows, how wide, how much it remembers."""

    def shapes(self):
        return [(step["rows"], step["past"]) for step in self.director.steps()]

    def test_two_that_wait_share_each_step(self):
        worker = self.worker()
        first, second, third = self.lines(worker, 3)
        self.director.hold()
        first.ask(TEXT, text("[a]:"))
        self.director.until(lambda steps: len(steps) == 1)
        second.ask(TEXT, text("[bee]:"))
        third.ask(TEXT, text("[see, longer]:"))
        self.in_flight(worker, 3)
        self.director.say(always="go")
        said = [content(line.hear()) for line in (first, second, third)]
        self.assertEqual(said, ["a", "bee", "see, longer"])
        self.assertEqual(self.shapes()[:4], [(1, 0), (1, len("B[a]:")), (2, 0), (2, len("B[see, longer]:"))])
        self.assertTrue(all(rows == 2 for rows, _ in self.shapes()[2:]))
        self.assertEqual(len(self.shapes()), 2 + 12, "no step for each alone")

    def test_newcomers_join_what_is_under_way(self):
        worker = self.worker()
        first, second = self.lines(worker, 2)
        self.director.hold()
        first.ask(TEXT, text(f"[{'a' * 30}]:"))
        self.director.until(lambda steps: len(steps) == 1)
        second.ask(TEXT, text("[bee]:"))
        self.in_flight(worker, 2)
        self.director.say(*["go"] * (JOIN_EVERY + 3))
        self.director.until(lambda steps: len(steps) == JOIN_EVERY + 4)
        self.assertEqual([rows for rows, _ in self.shapes()], [1] * JOIN_EVERY + [2] * 4)
        self.director.say("go")
        self.assertEqual(content(second.hear()), "bee", "at once, and not when the other is ready")
        self.in_flight(worker, 1)
        self.director.say(always="go")
        self.assertEqual(content(first.hear()), "a" * 30)

    def test_newcomers_wait_longer_where_much_must_be_read_again(self):
        worker = self.worker()
        gate, newcomer, *long = self.lines(worker, 5)
        self.director.hold()
        gate.ask(TEXT, text("[]:"))
        self.director.until(lambda steps: len(steps) == 1)
        for line in long:
            line.ask(TEXT, text(f"{'x' * 900}[{'a' * 30}]:", max_tokens=40))
        self.in_flight(worker, 4)
        self.director.say("go")
        self.director.until(lambda steps: len(steps) == 2)
        newcomer.ask(TEXT, text("[b]:"))
        self.in_flight(worker, 4)
        self.director.say(always="go")
        self.assertEqual(content(newcomer.hear()), "b")
        paid = 3 * 950 // STEP_WORTH + 1
        self.assertEqual([rows for rows, _ in self.shapes()][:paid + 2], [1] + [3] * paid + [4])

    def test_no_more_than_the_slots(self):
        worker = self.worker("--slots", "2")
        lines = self.lines(worker, 5)
        self.director.hold()
        for i, line in enumerate(lines):
            line.ask(TEXT, text(f"[{'x' * 3 * i}]:"))
        self.in_flight(worker, 5)
        self.director.say(always="go")
        self.assertEqual([content(line.hear()) for line in lines], ["x" * 3 * i for i in range(5)])
        self.assertEqual(max(rows for rows, _ in self.shapes()), 2)

    def test_each_row_has_its_own_manners(self):
        worker = self.worker()
        bodies = [text("[????????]:", temperature=1, seed=7), text("[????????]:"),
                  text("[????????]:", temperature=1, seed=7, max_tokens=3), text("[hello]:", stop="l")]
        alone = [content(self.line(worker).get(TEXT, body)) for body in bodies]
        lines = self.lines(worker, 5)
        self.director.hold()
        lines[4].ask(TEXT, text("[]:"))
        self.director.until(lambda steps: steps[-1]["width"] == 4 and not steps[-1]["past"])
        for line, body in zip(lines, bodies):
            line.ask(TEXT, body)
        self.in_flight(worker, 5)
        self.director.say(always="go")
        self.assertEqual([content(line.hear()) for line in lines[:4]], alone)
        self.assertEqual(alone[2], alone[0][:3])
        self.assertIn((4, 0), self.shapes())

    def test_a_stream_is_told_as_it_comes(self):
        line = self.line(self.worker())
        self.director.hold()
        line.ask(CHAT, chat("[ab]", stream=True))
        self.director.say("go")
        answer = line.getresponse()
        first = [answer.readline() + answer.readline() for _ in range(2)]
        self.assertIn(b'"content": "a"', first[1])
        self.director.until(lambda steps: len(steps) == 2)
        self.director.say(always="go")
        self.assertIn(b"[DONE]", answer.read())

    def test_who_leaves_frees_its_place(self):
        worker = self.worker("--slots", "2")
        for stream in (False, True):
            with self.subTest(stream=stream):
                stays, leaves, comes = self.lines(worker, 3)
                self.director.hold()
                stays.ask(TEXT, text(f"[{'a' * 30}]:"))
                leaves.ask(TEXT, text(f"[{'b' * 60}]:", stream=stream))
                self.in_flight(worker, 2)
                before = len(self.director.steps())
                self.director.say(*["go"] * 10)
                self.director.until(lambda steps: len(steps) == before + 10 and steps[-1]["rows"] == 2)
                leaves.close()
                self.in_flight(worker, 1)
                comes.ask(TEXT, text("[c]:"))
                self.in_flight(worker, 2)
                self.director.say(always="go")
                self.assertEqual([content(comes.hear()), content(stays.hear())], ["c", "a" * 30])
                self.in_flight(worker, 0)
                self.assertEqual(max(step["rows"] for step in self.director.steps()), 2)

    def test_when_all_have_left_nothing_is_made(self):
        worker = self.worker()
        leaves, waits, comes = self.lines(worker, 3)
        self.director.hold()
        leaves.ask(TEXT, text(f"[{'b' * 60}]:"))
        self.director.until(lambda steps: len(steps) == 1)
        waits.ask(TEXT, text(f"[{'b' * 60}]:"))
        self.in_flight(worker, 2)
        leaves.close()
        waits.close()
        self.in_flight(worker, 0)
        self.director.say(always="go")
        self.assertEqual(content(comes.get(TEXT, text("[c]:"))), "c")
        self.assertEqual(self.shapes(), [(1, 0), (1, 0), (1, 5)])

    def test_one_that_is_over_does_not_walk_out_of_the_positions(self):
        worker = self.worker()
        long, short, gate = self.lines(worker, 3)
        self.director.hold()
        gate.ask(TEXT, text("[]:"))
        self.director.until(lambda steps: len(steps) == 1)
        short.ask(TEXT, text(f"{'x' * 993}[]:", max_tokens=2))
        long.ask(TEXT, text(f"[{'a' * 50}]:"))
        self.in_flight(worker, 3)
        self.director.say(always="go")
        self.assertEqual([content(line.hear()) for line in (short, long)], ["", "a" * 50])

    def test_progress(self):
        worker = self.worker()
        line, other = self.lines(worker, 2)
        self.assertEqual(other.get("/progress"), (200, {"tokens": 0, "in_flight": 0}))
        self.director.hold()
        line.ask(TEXT, text("[abcdef]:"))
        self.director.say("go", "go")
        self.director.until(lambda steps: len(steps) == 3)
        self.assertEqual(other.get("/progress")[1], {"tokens": 2, "in_flight": 1})
        self.director.say(always="go")
        line.hear()
        self.assertEqual(other.get("/progress")[1], {"tokens": 7, "in_flight": 0})
