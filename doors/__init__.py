"""What stands behind `./run`, `./test` and `./check`: the standard library, nothing else."""
