"""Hyperparameters as TensorBoard's HPARAMS tab reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.struct_pb2 import ListValue, Value  # type: ignore[import-untyped]
from tensorboardX.proto.api_pb2 import DataType, Experiment, HParamInfo, MetricInfo, MetricName, Status
from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData, SessionEndInfo, SessionStartInfo
from tensorboardX.proto.summary_pb2 import Summary, SummaryMetadata

from tane.tensor import Tensor
from tane.viz.arrays import to_number

__all__ = ["hparams"]


def hparams(given: Mapping[str, Any], metrics: Mapping[str, Any], discrete: Mapping[str, list[Any]]) -> list[Any]:
    """The three summaries that describe a run: what was tried, that it began with what, and that it ended."""
    for name, domain in discrete.items():
        if name not in given or not isinstance(domain, list) or not all(isinstance(d, type(given[name])) for d in domain):
            raise TypeError(f"parameter: hparam_domain_discrete[{name}] should be a list of same type as hparam_dict[{name}].")
    session = SessionStartInfo()
    infos = []
    for name, given_value in given.items():
        if given_value is None:
            continue
        value, kind = as_value(name, given_value)
        session.hparams[name].CopyFrom(value)
        choices = ListValue(values=[as_value(name, d)[0] for d in discrete[name]]) if name in discrete else None
        infos.append(HParamInfo(name=name, type=DataType.Value(kind), domain_discrete=choices))
    experiment = Experiment(hparam_infos=infos, metric_infos=[MetricInfo(name=MetricName(tag=tag)) for tag in metrics])
    end = SessionEndInfo(status=Status.Value("STATUS_SUCCESS"))
    return [
        summary("_hparams_/experiment", HParamsPluginData(experiment=experiment)),
        summary("_hparams_/session_start_info", HParamsPluginData(session_start_info=session)),
        summary("_hparams_/session_end_info", HParamsPluginData(session_end_info=end)),
    ]


def as_value(name: str, value: Any) -> tuple[Any, str]:
    if isinstance(value, bool):
        return Value(bool_value=value), "DATA_TYPE_BOOL"
    if isinstance(value, str):
        return Value(string_value=value), "DATA_TYPE_STRING"
    if isinstance(value, (int, float, Tensor)) or hasattr(value, "dtype"):
        return Value(number_value=to_number(value)), "DATA_TYPE_FLOAT64"
    raise ValueError(f"value should be one of int, float, str, bool, or Tensor, but hparam_dict[{name!r}] is {type(value).__name__}")


def summary(tag: str, content: Any) -> Any:
    data = SummaryMetadata.PluginData(plugin_name="hparams", content=content.SerializeToString())
    return Summary(value=[Summary.Value(tag=tag, metadata=SummaryMetadata(plugin_data=data))])
