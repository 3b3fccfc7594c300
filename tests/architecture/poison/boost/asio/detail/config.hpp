// Stands before the real one where levels 0 to 6 are compiled; every header of Asio includes it.
#error "levels 0 to 6 know nothing of Asio; see src/README.md"
