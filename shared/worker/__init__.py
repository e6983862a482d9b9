"""Worker process: its tasks, status and wakeup."""
