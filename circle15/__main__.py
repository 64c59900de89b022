"""`python -m circle15`."""

from circle15.cli import main

main()
