#!/usr/bin/python3
"""What many programs do: a pool of threads, and what fails is asked again after a pause, four times in all."""
import concurrent.futures
import random
import threading
import time

import requests
import shared

ATTEMPTS, FIRST, MOST = 4, 0.5, 8.0  # Seconds, as client libraries have it.

options = shared.arguments(streams=False)
words = shared.filler(options.prompt)
mine = threading.local()


def open_session():
    mine.session = requests.Session()


def asked(number):
    """Whether there is an answer, and the pause that the server asks for."""
    try:
        answer = mine.session.post(options.url, json=shared.body(number, words), timeout=60)
        if answer.status_code == 200:
            return bool(answer.json()["choices"]), None
        return False, answer.headers.get("retry-after")
    except requests.RequestException:
        return False, None


def ask(number):
    for attempt in range(1, ATTEMPTS + 1):
        answered, pause = asked(number)
        if answered or attempt == ATTEMPTS:
            return answered
        ceiling = min(FIRST * 2 ** (attempt - 1), MOST)
        time.sleep(float(pause) if pause else ceiling * random.uniform(0.75, 1))


figures = shared.Figures()
with concurrent.futures.ThreadPoolExecutor(options.in_flight, initializer=open_session) as pool:
    figures.failed = sum(not answered for answered in pool.map(ask, range(1, options.requests + 1)))
figures.tell(options.requests)
