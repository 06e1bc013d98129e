"""What acquisition software uses of Flakescope: `from flakescope.client import Client`."""
