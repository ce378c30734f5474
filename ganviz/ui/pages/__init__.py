"""One file for each page. Pages do not import each other."""
