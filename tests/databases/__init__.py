"""Small databases of past releases, for every later migration."""
