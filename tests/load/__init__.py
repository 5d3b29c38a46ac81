"""Many learners, a server that is killed under them, and a journal that tells whether anything was lost."""
