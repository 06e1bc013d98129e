"""The `flakescope` command."""

from service.cli.main import build


def main() -> None:
    """Run the command line of this process."""
    build()()


if __name__ == "__main__":
    main()
