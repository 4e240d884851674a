"""Labels as a table (RFC 4180): one line for each annotation, with all that is known of it."""

from __future__ import annotations

import csv
from pathlib import Path

from inference.exchange.csv_columns import COLUMNS, cells_of
from inference.exchange.leaving_out import Held
from inference.exchange.matching import name_sources
from inference.exchange.records import LabelsExport, Written
from inference.exchange.table import FORMATS
from inference.task import Task
from inference.whole_file import writing


def write_csv(request: LabelsExport, task: Task) -> Written:
    """Everything as one file, in UTF-8; raises UserError where it cannot be written."""
    held = Held(request, FORMATS["csv"].title, FORMATS["csv"].kinds)
    names = name_sources([one.entry for one in request.sources], request.identified, stems=False)
    with (
        writing(Path(request.path)) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for done, source in enumerate(request.sources):
            task.progress(done, len(request.sources))
            entry = source.entry
            name = names[entry.source_id] if request.identified else ""
            for one in held.of(entry, source.annotations):
                table.writerow(cells_of(one, name, entry.shape))
    return Written(1, held.written, held.sentences())
