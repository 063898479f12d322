"""`make bench`: whole programs, the same bytes, CPU seconds and memory as the operating system counts them."""
