"""Kernels and machines in files, and back."""
