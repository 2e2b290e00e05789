"""Who a private server runs as that refuses to be root, also where root is all there is."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from shopwright.embedded.process import CannotStart, run


def choose(program: Path, data: Path, name: str = "PostgreSQL") -> str:
    """An identity (see guard.py) that can run `program`.

    Root prefers a user namespace: no second user, no change of owner, and no folder to open to others.
    Where the kernel refuses one, as many containers do, it is `nobody`; once made, data keeps its owner.
    """
    if os.geteuid() != 0:
        return "caller"
    nobody = pwd.getpwnam("nobody")
    identities = ["namespace", f"{nobody.pw_uid}:{nobody.pw_gid}"]
    if data.exists() and (owner := data.stat()).st_uid != 0:
        identities = [f"{owner.st_uid}:{owner.st_gid}"]
    for identity in identities:
        if run([program, "--version"], identity).returncode == 0:
            return identity
    raise CannotStart(
        f"{name} does not run as root, and no other user may enter the folder of its programs. "
        "Start this as a normal user, or set the URL of a server of your own."
    )


def hand_over(folder: Path, identity: str, name: str = "PostgreSQL") -> None:
    """Give a folder of ours, with all in it, to the identity if that is another user than the caller.

    Raises CannotStart if that user may not enter the folders above: those are not ours to open.
    """
    if ":" not in identity:
        return
    user, group = map(int, identity.split(":"))
    if folder.stat().st_uid != user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, group, follow_symlinks=False)
    if run(["/bin/sh", "-c", 'cd "$0"', folder], identity).returncode != 0:
        raise CannotStart(
            f"{name} does not run as root, and "
            f"the user it runs as instead cannot enter {folder.parent}. "
            "Start this as a normal user, choose another data folder, or set the URL of a server of your own."
        )
