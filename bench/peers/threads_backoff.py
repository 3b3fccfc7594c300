#!/usr/bin/python3
"""What many programs do: a fixed number of threads, and on a 429 an exponential pause that is drawn at
random, whatever the server says about when to come again. Python's own HTTP, a connection a thread."""
import http.client
import itertools
import json
import random
import threading
import time
import urllib.parse

import shared

FIRST, MOST = 0.5, 8.0  # Seconds, as client libraries have it.

options = shared.arguments(streams=False)
words = shared.filler(options.prompt)
where = urllib.parse.urlsplit(options.url)
figures = shared.Figures()
numbers = itertools.count(1)
lock = threading.Lock()


def ask(connection, number):
    """True unless it was refused for coming too fast."""
    connection.request("POST", where.path, json.dumps(shared.body(number, words)),
                       {"authorization": f"Bearer {shared.KEY}", "content-type": "application/json"})
    answer = connection.getresponse()
    size = len(answer.read())
    if answer.status == 429:
        return False
    with lock:
        figures.failed += answer.status != 200
        figures.bytes += size
    return True


def work():
    connection = http.client.HTTPConnection(where.hostname, where.port)
    while (number := next(numbers)) <= options.requests:
        ceiling = FIRST
        while not ask(connection, number):
            time.sleep(ceiling * random.uniform(0.75, 1))
            ceiling = min(2 * ceiling, MOST)
    connection.close()


threads = [threading.Thread(target=work) for _ in range(options.in_flight)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
figures.tell(options.requests)
