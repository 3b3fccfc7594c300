"""What a figure is given to measure with."""
from .skein_run import SkeinRun


class Bench:
    def __init__(self, measure, skein, have, missing, quick):
        self.measure = measure
        self.place = measure.place
        self.skein = skein
        self.have = have        # Peers by name.
        self.missing = missing  # Why the others are not there, by name.
        self.quick = quick

    def pick(self, full, quick):
        return quick if self.quick else full

    def skein_run(self, name="skein run", **settings):
        return SkeinRun(self.skein, name, **settings)

    def programs(self, *names):
        """These, as far as they are here, and why the others are not."""
        known = {"skein run": self.skein_run(), **self.have}
        return ({name: known[name] for name in names if name in known},
                {name: self.missing.get(name, "not there") for name in names if name not in known})
