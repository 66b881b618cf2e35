"""Resampling, tests, corrections, rank clusters: arrays in, arrays out."""
