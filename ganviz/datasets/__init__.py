"""The data that G learns. Each function's keywords are the options that a person may set.

An entry's facts say what is known of it before anything is read: see `ganviz.datasets.base`.
"""

# In the order in which forms list them, with the ring first.
# isort: off
from ganviz.datasets.base import (
    DATASETS,
    DataError,
    Dataset,
    Upload,
    complaint_of,
    shape_of,
    size_of,
    upload_of,
)
from ganviz.datasets.gaussians import (
    gaussian,
    gaussian_spiral,
    grid,
    mixture,
    projected_ring,
    ring,
    table,
)
from ganviz.datasets.shapes import checkerboard, circles, moons, pinwheel, spiral, swiss_roll
from ganviz.datasets.digits import DIGITS_TRAINING, digits, stacked_digits
from ganviz.datasets.openml import fashion_mnist, mnist
from ganviz.datasets.csv_files import csv
from ganviz.datasets.image_files import images

# isort: on

__all__ = [
    "DATASETS",
    "DIGITS_TRAINING",
    "DataError",
    "Dataset",
    "Upload",
    "checkerboard",
    "circles",
    "complaint_of",
    "csv",
    "digits",
    "fashion_mnist",
    "gaussian",
    "gaussian_spiral",
    "grid",
    "images",
    "mixture",
    "mnist",
    "moons",
    "pinwheel",
    "projected_ring",
    "ring",
    "shape_of",
    "size_of",
    "spiral",
    "stacked_digits",
    "swiss_roll",
    "table",
    "upload_of",
]
