"""A DICOM SEG laid over the scans of its series, each plane on the images that it was drawn on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from inference.errors import UserError
from inference.exchange.reading import EntryError
from inference.records import Source
from inference.sources.dicom_fields import items, macro, numbers
from inference.sources.dicom_header import Header
from inference.sources.dicom_words import uid_of
from inference.sources.objects.placing import Layer, lay
from inference.sources.objects.references import instances_of
from inference.sources.objects.segment_masks import Crop, type_of
from inference.task import Task

_Images = dict[str, set[int]]
"""The numbers of the frames, from 0, of each SOP instance of a scan."""


def lay_over(
    header: Header, crops: Sequence[Crop], scans: Sequence[Source], task: Task
) -> list[tuple[Source, Layer]]:
    """The scans that it can be laid over, each with what lies there.

    A plane goes to the scans that have an image it names; one that names none, or images of
    nobody, to wherever it lies. Raises EntryError where a plane lies on a scan and names images
    that no scan has, and UserError where nothing says where it lies. Lost is in all layers what
    lies on none of the scans.
    """
    homes = _homes_of(header, [_images_of(scan) for scan in scans])
    linear = type_of(header) == "FRACTIONAL"
    layers: list[tuple[Source, Layer]] = []
    refused: list[UserError] = []
    lost: set[int] = set()
    placed: set[int] = set()
    for place, scan in enumerate(scans):
        own = [crop for crop in crops if place in (homes.get(crop.plane) or {place})]
        try:
            layer = lay(scan, header, own, task, linear=linear)
        except UserError as error:
            refused.append(error)
            continue
        _refuse_strangers(homes, layer, own)
        layers.append((scan, layer))
        lost |= layer.lost
        placed |= {crop.plane for crop in own} - layer.lost
    if refused and not any(layer.pieces for _, layer in layers):
        raise refused[0]
    return [(scan, replace(layer, lost=lost - placed)) for scan, layer in layers]


def _images_of(scan: Source) -> _Images:
    found: _Images = {}
    for instance, number in instances_of(scan):
        found.setdefault(instance, set()).add(number)
    return found


def _homes_of(header: Header, scans: Sequence[_Images]) -> dict[int, set[int]]:
    """Of each frame that names images (C.7.6.16.2.6) the places of the scans that have one."""
    found: dict[int, set[int]] = {}
    for frame in range(header.frames):
        group = macro(header.dataset, frame, "DerivationImageSequence")
        for holder in (group, *items(group, "DerivationImageSequence")):
            for item in items(holder, "SourceImageSequence"):
                uid = uid_of(item, "ReferencedSOPInstanceUID")
                chosen = {int(one) - 1 for one in numbers(item, "ReferencedFrameNumber")}
                homes = found.setdefault(frame, set())
                for place, images in enumerate(scans):
                    there = images.get(uid, set())
                    if there and (not chosen or chosen & there):
                        homes.add(place)
    return found


def _refuse_strangers(homes: Mapping[int, set[int]], layer: Layer, crops: Sequence[Crop]) -> None:
    """Planes beside all slices may be of slices that the project has not; others contradict."""
    if layer.resampled or not layer.pieces:
        return
    strange = {crop.plane for crop in crops if homes.get(crop.plane) == set()}
    strange -= layer.lost | layer.others
    if strange:
        raise EntryError(
            f"frame {min(strange) + 1} names an image (Source Image Sequence (0008,2112)) that "
            "the scan does not have"
        )
