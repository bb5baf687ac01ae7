"""What benchmarks of whole servers start, ask and compare."""
