"""Jobs with endpoints and with workers behind them."""
import socket

import local_case

DOWN = "faults: [{fault: status, status: 503}]"
REFUSED = "faults: [{fault: status, status: 401}]"
SOON = {"fallback": {"after": "200ms"}}
LATE = {"fallback": {"after": "1h"}}


class Case(local_case.Case):
    def nobody(self):
        """Where a connection is refused."""
        taken = socket.socket()
        taken.bind(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"

    def served(self, who):
        return [line for line in self.output() if line["skein"]["served_by"] == who]

    def none_lost_none_twice(self, rows, mock=None):
        """Every question has one answer, from whoever is said to have given it."""
        self.all_is_well(rows, by=("local", "remote"))
        self.none_asked_twice()
        local = {f"What is {line['skein']['seq']} and {line['skein']['seq']}?" for line in self.served("local")}
        self.assertEqual(set(self.director.asked()), local)
        for line in self.output():
            name = line["skein"]["endpoint"]
            self.assertEqual(name.startswith("local-"), line["skein"]["served_by"] == "local")
        if mock:
            self.assertEqual(mock.ledger()["answered"].get("200", 0), len(self.served("remote")))
