"""The main job on your own machine: simulators, gateway and worker, and one school's list."""
