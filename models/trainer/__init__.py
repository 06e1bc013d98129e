"""The trainer: a worker that takes trainings from the queue, each in a process of its own."""
