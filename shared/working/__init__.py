"""What a worker process is made of, each piece of no more than one idea."""
