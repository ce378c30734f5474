"""Pairs of a generator and a discriminator, built from a width, a depth and one random generator.

Importing this package registers them all.
"""

from ganviz.networks.affine import affine
from ganviz.networks.base import NETWORKS, Complaint, Family, Network, Shape
from ganviz.networks.convolutional import conv, dcgan
from ganviz.networks.discriminator import build_discriminator
from ganviz.networks.layers import FourierFeatures, MinibatchStd, SpectralNorm, sees_batch
from ganviz.networks.perceptron import mlp, resmlp

__all__ = [
    "NETWORKS",
    "Complaint",
    "Family",
    "FourierFeatures",
    "MinibatchStd",
    "Network",
    "Shape",
    "SpectralNorm",
    "affine",
    "build_discriminator",
    "conv",
    "dcgan",
    "mlp",
    "resmlp",
    "sees_batch",
]
