"""Pairs of a generator and a discriminator, built from a width, a depth and one random generator.

Importing this package registers them all.
"""

from ganviz.networks.affine import affine
from ganviz.networks.base import NETWORKS, Complaint, Family, Network, Shape
from ganviz.networks.behaviour import drawers, reach, sees_batch
from ganviz.networks.convolutional import conv, dcgan
from ganviz.networks.discriminator import build_discriminator
from ganviz.networks.dropout import give_stream
from ganviz.networks.layers import FourierFeatures, MinibatchStd, SpectralNorm
from ganviz.networks.perceptron import mlp, resmlp
from ganviz.networks.trial import tried, trying, twin

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
    "drawers",
    "give_stream",
    "mlp",
    "reach",
    "resmlp",
    "sees_batch",
    "tried",
    "trying",
    "twin",
]
