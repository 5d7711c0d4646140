from tane.nn.module.module import Module as Module
from tane.nn.parameter import Buffer as Buffer, Parameter as Parameter
