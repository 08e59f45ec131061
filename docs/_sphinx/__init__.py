"""Pages of the documentation that are generated from the package, the tests and the benchmarks."""
