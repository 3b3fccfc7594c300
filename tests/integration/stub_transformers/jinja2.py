"""The server asks whether it is there; the stub's templates do without."""
