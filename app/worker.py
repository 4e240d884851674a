"""The names that children may run, by lane, and the command that starts a child."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import resources

TABLES: dict[str, dict[str, str]] = {
    "decode": {
        "open_sources": "inference.sources.registry:open_sources",
        "read_frames": "inference.sources.registry:read_frames",
        "thumbnail": "inference.sources.registry:thumbnail",
        "read_overlay": "inference.sources.objects.overlay:read_overlay",
        "read_tags": "inference.sources.objects.tags:read_tags",
        "read_report": "inference.sources.objects.report:read_report",
        "key_frames": "inference.sources.objects.report:key_frames",
        "list_models": "inference.card_files:list_models",
        "make_demo": "app.demo_case:make_demo",
        "known_truth": "inference.phantom.known_truth:known_truth",
        "locate_entry": "inference.entries:locate_entry",
        "list_entries": "inference.entries:list_entries",
        "export_maps": "app.map_files:export_maps",
        "combine_maps": "app.comparison_maps:combine_maps",
        "compare_maps": "app.comparison_maps:compare_maps",
        "read_case": "app.case_work:read_case",
        "list_cases": "app.case_work:list_cases",
        "read_belief_set": "app.case_documents:read_belief_set",
        "export_labels": "app.label_exchange:export_labels",
        "read_labels": "app.label_exchange:read_labels",
    },
    "engine": {
        "list_devices": "inference.devices:list_devices",
        "predict": "inference.predict:predict",
        "soft_maps": "inference.soft_maps:soft_maps",
        "explain": "explain.explain:explain",
        "methods": "explain.availability:methods_for",
        "layers": "explain.availability:layers_for",
        "what_if": "explain.what_if:what_if",
        "occlude_at": "explain.what_if:occlude_at",
        "add_model": "inference.models:add_model",
        "stages": "explain.stages:stages",
        "network_tree": "explain.network:network_tree",
        "layer_previews": "explain.network:previews",
        "explain_case": "app.case_work:explain_case",
        "judge_case": "app.case_work:judge_case",
    },
}


READY: dict[str, tuple[str, ...]] = {
    "decode": ("inference.sources.registry", "inference.sources.dicom_series"),
}
"""What a child loads before there is work for it."""


def command(lane: str) -> list[str]:
    """What to execute for a child of `lane`; a frozen program re-enters its own executable."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", lane]
    return [sys.executable, "-m", "app", "--worker", lane]


ONE_THREAD = "OPENBLAS_NUM_THREADS"
"""NumPy's OpenBLAS otherwise starts a thread for each core, and these turn on the spot for 80 ms
before they rest, on cores that others need at that moment: the import of the window, or the next
pass of a network. Occlusion took 10.2 s with them and 4.2 s without."""


def environment() -> dict[str, str]:
    """The surroundings of a child: ours, with our own packages in reach and no unsafe loading.

    What the person has set himself stays.
    """
    found = {ONE_THREAD: "1"} | dict(os.environ)
    found["PYTHONPATH"] = str(resources.path().parent)
    found["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
    found.pop("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", None)
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


def register_records() -> None:
    """Let the records of the packages above `inference` cross, on both sides of the pipes."""
    from app import (
        case_requests,
        comparison_maps,
        demo_case,
        experiments,
        label_requests,
        map_requests,
        prelabels,
    )
    from explain import records, stage_records
    from inference import entry, wire
    from inference.exchange.records import Written
    from inference.phantom import known_truth
    from widgets import case_row

    wire.register(
        records.Option,
        records.MethodStatus,
        records.LayerStatus,
        records.MethodsRequest,
        records.WhatIfRequest,
        records.WhatIf,
        records.OccludeAtRequest,
        records.Change,
        entry.Entry,
        entry.LabelWalk,
        experiments.Experiment,
        prelabels.Refusal,
        demo_case.DemoCase,
        known_truth.PhantomRequest,
        map_requests.Drawing,
        map_requests.ExportRequest,
        map_requests.Exported,
        comparison_maps.CombineRequest,
        comparison_maps.Combined,
        comparison_maps.MatrixRequest,
        comparison_maps.Matrix,
        records.TreeRow,
        *stage_records.RECORDS,
        case_row.CaseRow,
        case_requests.CaseRequest,
        case_requests.CaseInput,
        case_requests.Explained,
        case_requests.JudgeRequest,
        case_requests.Judged,
        case_requests.CaseFile,
        label_requests.LabelsOutRequest,
        label_requests.LabelsInRequest,
        label_requests.LabelsPart,
        label_requests.LabelsRead,
        Written,
    )


def main(lane: str) -> NoReturn:
    """Be a child of `lane`."""
    from inference.worker import serve

    register_records()
    serve(TABLES[lane], READY.get(lane, ()))
