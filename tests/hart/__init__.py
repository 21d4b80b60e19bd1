"""Tests of the hart, its MMU and its TLB."""
