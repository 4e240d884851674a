"""DICOM objects beside the scans: listed, laid over frames, read as text, shown tag by tag."""
