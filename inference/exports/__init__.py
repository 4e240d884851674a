"""Maps as files that other programs read: pictures, arrays, volumes and DICOM parametric maps."""
