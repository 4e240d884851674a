"""Standardised uptake values of PET: what a header has to give for them, and what it lacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydicom.dataset import Dataset

from inference.sources.dicom_fields import MALFORMED, items, number, word, words

_LEAST_DOSE_BQ = 1e5
"""A dose below is not in Bq, as PS3.3 C.8.9.2 asks, but in MBq or mCi: nobody can tell which."""

_MOST_HALF_LIVES = 10
"""More between injection and scan means that one of the two times is wrong."""


@dataclass(frozen=True)
class Uptake:
    """By what rescaled values become SUVbw (g/ml); without a factor, the sentence that says why."""

    factor: float | None
    lack: str = ""


def uptake_of(dataset: Dataset) -> Uptake:
    """The SUV by body weight of a PET frame, after the units of its values (PS3.3 C.8.9.1).

    Activity is turned into SUV only where the header gives all that the vendor-neutral rule of
    QIBA's FDG-PET/CT profile asks for; nothing is guessed.
    """
    rule = _RULES.get(word(dataset, "Units") or "")
    return rule(dataset) if rule is not None else Uptake(None)


def _already(dataset: Dataset) -> Uptake:
    """g/ml is SUVbw unless another type is named (PS3.3 C.8.9.1, SUV Type)."""
    return Uptake(1.0 if word(dataset, "SUVType") in (None, "BW") else None)


def _of_counts(dataset: Dataset) -> Uptake:
    """Counts have no SUV, except by the private factor with which Philips writes it."""
    try:
        found = dataset.private_block(0x7053, "Philips PET Private Group")[0x00].value
        factor = float(found)
    except MALFORMED:
        return Uptake(None)
    return Uptake(factor if factor > 0 else None)


def _of_activity(dataset: Dataset) -> Uptake:
    """SUVbw = activity in Bq/ml × weight in g / dose in Bq at the time decay is corrected to."""
    drugs = items(dataset, "RadiopharmaceuticalInformationSequence")
    drug = drugs[0] if drugs else Dataset()
    weight_kg = number(dataset, "PatientWeight") or 0.0
    dose_bq = number(drug, "RadionuclideTotalDose") or 0.0
    corrected = words(dataset, "CorrectedImage")
    decay = word(dataset, "DecayCorrection")
    lacks = (
        ("the attenuation correction", "ATTN" in corrected),
        ("the decay correction", "DECY" in corrected and decay in ("START", "ADMIN")),
        ("the patient's weight", weight_kg > 0),
        ("the injected dose in Bq", dose_bq >= _LEAST_DOSE_BQ),
    )
    share = 1.0 if decay == "ADMIN" else _share_left(dataset, drug)
    missing = [
        name for name, given in (*lacks, ("the time since the injection", share)) if not given
    ]
    if missing or share is None:
        return Uptake(None, f"There is no SUV: the header does not give {_listed(missing)}.")
    return Uptake(weight_kg * 1000.0 / (dose_bq * share))


_RULES: dict[str, Callable[[Dataset], Uptake]] = {
    "BQML": _of_activity,
    "CNTS": _of_counts,
    "GML": _already,
}


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _share_left(dataset: Dataset, drug: Dataset) -> float | None:
    """How much of the injected activity is left when the scan starts; None if not known."""
    half_life_s = number(drug, "RadionuclideHalfLife") or 0.0
    start = _scan_start(dataset)
    if start is None or half_life_s <= 0:
        return None
    injected = _stamp(word(drug, "RadiopharmaceuticalStartDateTime") or "")
    if injected is None:
        injected = _moment(f"{start:%Y%m%d}", word(drug, "RadiopharmaceuticalStartTime"))
        if injected is not None and injected > start:
            injected -= timedelta(
                days=1
            )  # a time without a date: the injection was before midnight
    if injected is None:
        return None
    half_lives = (start - injected).total_seconds() / half_life_s
    return float(2.0**-half_lives) if 0 <= half_lives <= _MOST_HALF_LIVES else None


def _scan_start(dataset: Dataset) -> datetime | None:
    """The time to which START corrects decay: that of the series, unless it was written later.

    A series that was made anew has a later time than its acquisition; GE keeps the scan's own.
    """
    series = _moment(word(dataset, "SeriesDate"), word(dataset, "SeriesTime"))
    acquired = _moment(word(dataset, "AcquisitionDate"), word(dataset, "AcquisitionTime"))
    if series is not None and acquired is not None and series <= acquired:
        return series
    try:
        private = str(dataset.private_block(0x0009, "GEMS_PETD_01")[0x0D].value)
    except MALFORMED:
        return None
    return _stamp(private)


def _stamp(text: str) -> datetime | None:
    """A DT value (PS3.5 6.2); its offset from UTC is left out, as DA and TM have none."""
    plain = text.partition("+")[0].partition("-")[0]
    return _moment(plain[:8], plain[8:])


def _moment(date: str | None, time: str | None) -> datetime | None:
    """A DA and a TM value (PS3.5 6.2) as one time in whole seconds; None if one is malformed."""
    if not date or not time:
        return None
    digits = time.partition(".")[0].replace(":", "").ljust(6, "0")
    try:
        return datetime.strptime(date.replace(".", "") + digits, "%Y%m%d%H%M%S")
    except ValueError:
        return None
