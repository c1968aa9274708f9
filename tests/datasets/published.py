"""Marks tests of the published sets, which only run where the sets are."""

from __future__ import annotations

import os

import pytest

from placement_datasets import files

published = pytest.mark.skipif(files.ROOT_VARIABLE not in os.environ, reason=f"{files.ROOT_VARIABLE} is not set")
