"""An explanation as files: the map, the picture with the map over it, the report, the result."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.output import encode
from app.pictures import overlaid, png_bytes
from app.report import Section, report_html
from inference.records import Attribution, Completeness, Figure, Prediction
from inference.whole_file import write_bytes

if TYPE_CHECKING:
    from explain.attempt import Explanation


def write_explanation(folder: Path, section: Section, raw: Explanation | None = None) -> None:
    """Write map.npy, overlay.png, report.html and result.json into `folder`, each whole or not.

    Of a mean over samples also spread.npy; with `raw` also input.npy, baseline.npy and
    map_model.npy. The result comes last: where it is, all the others are. Raises UserError
    (surroundings) where the folder cannot be written.
    """
    attribution = section.attribution
    write_bytes(folder / "map.npy", npy_bytes(attribution.map))
    if attribution.spread is not None:
        write_bytes(folder / "spread.npy", npy_bytes(attribution.spread))
    if raw is not None:
        write_bytes(folder / "input.npy", npy_bytes(raw.input))
        write_bytes(folder / "baseline.npy", npy_bytes(raw.baseline))
        write_bytes(folder / "map_model.npy", npy_bytes(raw.map_model))
    picture = overlaid(section.frame, attribution, section.drawing)
    write_bytes(folder / "overlay.png", png_bytes(picture))
    title = f"Why {section.prediction.provenance.model_id} answers as it does"
    write_bytes(folder / "report.html", report_html(title, [section]).encode("utf-8"))
    body = encode("explain", result_body(section), indent=2)
    write_bytes(folder / "result.json", body.encode("utf-8"))


def result_body(section: Section) -> dict[str, Any]:
    """The document of one explanation, without its schema."""
    prediction, attribution = section.prediction, section.attribution
    made = attribution.provenance
    body: dict[str, Any] = {
        "source": section.source.source_id,
        "frame": attribution.key[1],
        "model": {"id": made.model_id, "sha256": made.sha256},
        "prediction": _prediction(prediction),
        "target": {"index": attribution.target, "label": attribution.target_label},
        "against": attribution.against,
        "within": section.within or None,
        "output": attribution.output,
        "method": made.method,
        "options": dict(made.options),
        "layer": attribution.layer,
        "baseline": attribution.baseline,
        "reduction": attribution.reduction,
        "signed": attribution.signed,
        "native": list(attribution.native),
        "completeness": _completeness(attribution.completeness),
        "spread": _spread(attribution),
        "prepared": attribution.prepared,
        "belief": {figure.name: _figure(figure) for figure in attribution.figures},
        "preparation": made.preparation,
        "warnings": all_warnings(prediction, attribution),
        "device": made.device,
        "seconds": made.seconds,
        "seed": made.seed,
        "versions": dict(made.versions),
    }
    if section.identified:
        path = section.source.refs[attribution.key[1]].path
        body["identified"] = {"who": section.source.who, "path": path}
    return body


def all_warnings(prediction: Prediction, attribution: Attribution) -> list[str]:
    """What is to be known of both, each sentence once."""
    return list(dict.fromkeys((*prediction.warnings, *attribution.warnings)))


def npy_bytes(values: np.ndarray) -> bytes:
    """An array as a .npy file."""
    data = io.BytesIO()
    np.save(data, values, allow_pickle=False)
    return data.getvalue()


def _prediction(prediction: Prediction) -> dict[str, Any]:
    scores = zip(prediction.labels, prediction.scores, strict=True)
    return {
        "scores": {label: float(score) for label, score in scores},
        "top": prediction.labels[prediction.top],
        "activation": prediction.activation,
    }


def _figure(figure: Figure) -> dict[str, Any]:
    body: dict[str, Any] = {
        "title": figure.title,
        "value": figure.value,
        "verdict": figure.verdict,
        "sentence": figure.sentence,
        "details": dict(figure.details),
    }
    if figure.curves:
        body["curves"] = {
            curve.name: {"x": curve.x.tolist(), "y": curve.y.tolist()} for curve in figure.curves
        }
    return body


def _completeness(known: Completeness | None) -> dict[str, float] | None:
    if known is None:
        return None
    return {
        "sum": known.sum,
        "difference": known.difference,
        "residual": known.residual,
        "relative": known.relative,
    }


def _spread(made: Attribution) -> dict[str, float] | None:
    """The size of the standard error beside that of the map, as root mean squares."""
    if made.spread is None:
        return None
    size = float(np.linalg.norm(made.map))
    return {"relative": float(np.linalg.norm(made.spread)) / size if size else 0.0}
