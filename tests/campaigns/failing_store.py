"""A program of its own: keeps work on a disk that fails at its k-th write, cures it, goes on.

Called with the folder of a project, the first k and the last, below `failing_disk.c` preloaded; one
line of JSON for each k. What was acknowledged must be readable at every moment that reading works,
the file whole, and all work there once after the cure.
"""

from __future__ import annotations

import errno
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.acts import Act, Change, of_annotation
from app.store import Store
from app.waiting import Pending, Waiting
from inference.errors import UserError
from inference.mask_bits import pack_mask
from inference.records import Annotation
from inference.task import Task
from inference.wire import pack
from tests.campaigns.disk import ERRORS, Disk

SOURCE = "0123456789ab"
SIDE = 1100
"""A mask of noise of this size is kept beside the file."""


class Work:
    """What a person does, in memory and handed to the store."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self.folder, self.disk = folder, disk
        self.store = Store(folder)
        self.number = self.store.standing(None, Task()).cursor
        self.now: dict[str, Annotation] = {}
        self.kept: dict[str, bytes] = {}

    def begin_again(self) -> None:
        """Close the project and open it again."""
        self.store.close()
        self.store = Store(self.folder)

    def round(self, k: int, error: int) -> dict[str, object]:
        """Do a little while the disk fails at the k-th write; what was said, and what is wrong."""
        waiting = Waiting()
        waiting.things.extend(self._things(k))
        self.disk.fail(k, error)
        said: list[str] = []
        longest_s = 0.0
        while waiting.things:
            began = time.monotonic()
            waiting.under_way = 1
            try:
                self.store.keep(tuple(waiting.things)[:1], Task())
            except UserError as fault:
                longest_s = max(longest_s, time.monotonic() - began)
                said.append(fault.message)
                wrong = self._differences(self._after(len(waiting.things) - 1))
                if len(said) == 2:
                    self.disk.fail(0, 0)
                if wrong or len(said) > 4:
                    return {"k": k, "said": said, "wrong": wrong or "It did not go on when cured."}
            else:
                waiting.done()
                self.kept = self._after(len(waiting.things))
        self.disk.fail(0, 0)
        return {
            "k": k, "said": said, "seconds": longest_s, "wrong": self._differences()
        }  # fmt: skip

    def _things(self, k: int) -> Iterator[Pending]:
        """A box and a large mask, both taken back, and boxes: enough for k writes."""
        self._kept_after: list[dict[str, bytes]] = []
        box = Annotation(f"b{k % 3}", SOURCE, 0, "box", "nodule", ((0.0, 0.0), (float(k), 9.0)))
        noise = np.random.default_rng(k).random((SIDE, SIDE)) < 0.5
        mask = Annotation("m", SOURCE, 1, "mask", "nodule", mask=pack_mask(noise))
        before = dict(self.now)
        yield self._act(box, k)
        yield self._act(mask, k)
        self.number -= 2
        self.now = before
        self._note()
        yield Pending("cursor", self.number)
        for number in range(1 + k // 12):
            yield self._act(replace(box, frame=number), k + 1000 + number)

    def _act(self, made: Annotation, salt: int) -> Pending:
        self.number += 1
        change: Change = of_annotation(self.now.get(made.annotation_id), made)
        self.now = {**self.now, made.annotation_id: made}
        self._note()
        return Pending("act", Act(self.number, "Act", "who", f"time {salt}", made.key, (change,)))

    def _note(self) -> None:
        self._kept_after.append({name: pack(one) for name, one in self.now.items()})

    def _after(self, left: int) -> dict[str, bytes]:
        """What there is when so many of the things are still to be kept."""
        return self._kept_after[len(self._kept_after) - left - 1]

    def _differences(self, under_way: dict[str, bytes] | None = None) -> str:
        """What is not as it was acknowledged, as another program reads it; "" where all is.

        After a fault the last thing may be there or not, and the disk may not be readable at all.
        """
        other = Store(self.folder)
        try:
            found = other.load_annotations(SOURCE, Task())
            wrong = other._database.check()
        except UserError as fault:
            return fault.message if under_way is None else ""
        finally:
            other.close()
        there = {one.annotation_id: pack(one) for one in found}
        same = there in (self.kept, under_way)
        return wrong or ("" if same else "What was acknowledged is not what is there.")


def main(folder: Path, first: int, last: int) -> None:
    disk = Disk(folder)
    work = Work(folder, disk)
    for k in range(first, last + 1):
        error = ERRORS[k % len(ERRORS)]
        found = {"error": errno.errorcode[error], **work.round(k, error)}
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
        if k % 5 == 0:
            work.begin_again()
    work.store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
