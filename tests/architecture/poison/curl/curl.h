// Stands before the real one where levels 0 to 6 are compiled.
#error "levels 0 to 6 know nothing of libcurl; see src/README.md"
