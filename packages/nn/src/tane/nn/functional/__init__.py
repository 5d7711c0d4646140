"""The functions that layers are made of, with PyTorch's names and signatures: ``import tane.nn.functional as F``."""

from __future__ import annotations

from tane.nn.functional.activation import *
from tane.nn.functional.adaptive import *
from tane.nn.functional.attention import *
from tane.nn.functional.classes import *
from tane.nn.functional.columns import *
from tane.nn.functional.conv import *
from tane.nn.functional.ctc import *
from tane.nn.functional.distance import *
from tane.nn.functional.dropping import *
from tane.nn.functional.fractional import *
from tane.nn.functional.interpolation import *
from tane.nn.functional.loss import *
from tane.nn.functional.multihead import *
from tane.nn.functional.normalization import *
from tane.nn.functional.padding import *
from tane.nn.functional.pooling import *
from tane.nn.functional.products import *
from tane.nn.functional.tables import *
from tane.nn.functional.vision import *
