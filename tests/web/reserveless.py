"""The command line with a photo store that leaves no reserve: so that a full disk is met at every step."""

import sys

from microrelief.cli.main import main
from microrelief.vault.photo_store import FolderStore

FolderStore.__init__.__defaults__ = (0,)

if __name__ == "__main__":
    sys.exit(main())
