"""`python -m bot` and the `footnote` command."""

from __future__ import annotations


def main() -> None:
    """Run the command line.

    Imported late: worker processes import this module again and need nothing of it.
    """
    from bot.cli import run

    run()


if __name__ == "__main__":
    main()
