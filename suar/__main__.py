"""``python -m suar``: the command."""

from suar.cli import main

main()
