"""File formats that evalkit reads, one module per format."""
