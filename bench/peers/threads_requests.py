#!/usr/bin/python3
"""ThreadPoolExecutor and requests: a thread for every request in flight, a session for every thread."""
import concurrent.futures
import threading

import requests
import shared

options = shared.arguments(streams=False)
words = shared.filler(options.prompt)
mine = threading.local()


def open_session():
    mine.session = requests.Session()
    mine.session.headers["authorization"] = f"Bearer {shared.KEY}"
    if options.cacert:
        mine.session.verify = options.cacert


def ask(number):
    """The bytes of the answer; nothing if it was refused."""
    answer = mine.session.post(options.url, json=shared.body(number, words))
    return len(answer.content) if answer.status_code == 200 else None


figures = shared.Figures()
with concurrent.futures.ThreadPoolExecutor(options.in_flight, initializer=open_session) as pool:
    for size in pool.map(ask, range(1, options.requests + 1)):
        figures.failed += size is None
        figures.bytes += size or 0
figures.tell(options.requests)
