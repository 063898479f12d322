"""`python cli.py` is `hub`: for a checkout where nothing is installed."""

from hub.cli import main

if __name__ == "__main__":
    main()
