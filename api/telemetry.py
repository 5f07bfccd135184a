"""OpenTelemetry's providers as the settings want them: spans and metrics by OTLP, metrics for
Prometheus at a port of their own.

They are the process's: whoever serves sets them up once, before the application is made.
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import structlog

from api.settings import TelemetrySettings
from graph.errors import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricReader
    from opentelemetry.sdk.resources import Resource

log = structlog.get_logger(__name__)
SERVICE = "complaint-graph"


@contextmanager
def telemetry(settings: TelemetrySettings, version: str, worker: int = 0) -> Iterator[None]:
    """Export until the block ends; nothing is loaded when no setting asks for it.

    ``worker``: of several processes the number of this one, from 0; each has a port of its own.

    Raises:
        ConfigurationError: Prometheus's port cannot be used.
    """
    if not settings.exported:
        yield
        return
    # Imported here, as all of the SDK: what runs without telemetry starts without it.
    from opentelemetry import metrics
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.resources import Resource

    resource = Resource.create(
        {
            "service.name": SERVICE,
            "service.version": version,
            "service.instance.id": f"{socket.gethostname()}-{worker}",
        }
    )
    with ExitStack() as stack:
        readers: list[MetricReader] = []
        if settings.prometheus_port is not None:
            readers.append(
                _prometheus(settings.prometheus_host, settings.prometheus_port + worker, stack)
            )
        if settings.otlp_endpoint is not None:
            readers.append(_otlp(settings.otlp_endpoint, settings.sampled, resource, stack))
        meters = MeterProvider(readers, resource=resource, shutdown_on_exit=False)
        metrics.set_meter_provider(meters)
        stack.callback(meters.shutdown)
        yield


def _otlp(endpoint: str, sampled: float, resource: "Resource", stack: ExitStack) -> "MetricReader":
    """Export spans from now on; the reader that exports metrics."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    sampler = ParentBased(TraceIdRatioBased(sampled))
    traces = TracerProvider(sampler=sampler, resource=resource, shutdown_on_exit=False)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces")))
    trace.set_tracer_provider(traces)
    stack.callback(traces.shutdown)
    return PeriodicExportingMetricReader(OTLPMetricExporter(f"{endpoint}/v1/metrics"))


def _prometheus(host: str, port: int, stack: ExitStack) -> "MetricReader":
    """Serve metrics from a thread until the stack is closed."""
    from opentelemetry.exporter.prometheus import PrometheusMetricReader
    from prometheus_client import CollectorRegistry, start_http_server

    registry = CollectorRegistry()
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise ConfigurationError(
            f"Port {port} on {host} cannot be used for metrics ({error.strerror}): choose another "
            "in COMPLAINT_GRAPH_TELEMETRY__PROMETHEUS_PORT."
        ) from error
    stack.callback(thread.join)
    stack.callback(server.server_close)
    stack.callback(server.shutdown)
    log.info("metrics are served", host=host, port=port)
    return PrometheusMetricReader(registry=registry, scope_info_enabled=False)
