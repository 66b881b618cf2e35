"""Results in experiment trackers: MLflow and Weights & Biases, one of their runs per system."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evalkit.errors import EvalkitError, SettingError
from evalkit.results.results import Results
from evalkit.results.task_results import number
from evalkit.version import install_hint

#: Seconds and attempts after which a server that does not answer is given up.
_TIMEOUT, _RETRIES = 5, 1


def to_mlflow(results: Results, uri: str | None, experiment: str | None = None) -> list[str]:
    """Log corpus scores to an MLflow tracking store, by default MLflow's own, and return a line for each run."""
    try:
        from mlflow import MlflowClient
        from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_MAX_RETRIES, MLFLOW_HTTP_REQUEST_TIMEOUT
        from mlflow.exceptions import MlflowException
    except ImportError:
        raise SettingError(f"export to MLflow needs the package mlflow: {install_hint('mlflow')}") from None
    MLFLOW_HTTP_REQUEST_TIMEOUT.set(_TIMEOUT)
    MLFLOW_HTTP_REQUEST_MAX_RETRIES.set(_RETRIES)
    name = experiment or results.benchmark
    lines = []
    try:
        client = MlflowClient(tracking_uri=uri)
        known = client.get_experiment_by_name(name)
        experiment_id = client.create_experiment(name) if known is None else known.experiment_id
        for system, scores, settings in _systems(results):
            run = client.create_run(experiment_id, run_name=system, tags={"mlflow.source.name": "evalkit"})
            status = "FAILED"
            try:
                for key, text in settings.items():
                    client.log_param(run.info.run_id, _key(key), text[:6000])
                for key, value in scores.items():
                    client.log_metric(run.info.run_id, _key(key), value)
                status = "FINISHED"
            finally:
                client.set_terminated(run.info.run_id, status)
            lines.append(f"{system}: MLflow run {run.info.run_id}")
    except (MlflowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise EvalkitError(f"MLflow at {uri or 'its default store'}: {reason}; the run folder is unchanged") from None
    return lines


def to_wandb(results: Results, project: str | None, folder: Path, *, online: bool) -> list[str]:
    """Log corpus scores to Weights & Biases, or offline to a folder for ``wandb sync``; return a line for each run."""
    try:
        import wandb
    except ImportError:
        raise SettingError(f"export to wandb needs the package wandb: {install_hint('wandb')}") from None
    folder.mkdir(parents=True, exist_ok=True)
    quiet: dict[str, Any] = {"silent": True, "console": "off", "disable_git": True, "save_code": False}
    settings = wandb.Settings(init_timeout=_TIMEOUT, x_disable_stats=True, **quiet)
    mode, project = "online" if online else "offline", project or results.benchmark
    place: dict[str, Any] = {"project": project, "dir": str(folder), "mode": mode, "reinit": "create_new"}
    lines = []
    try:
        for system, scores, config in _systems(results):
            run: Any = wandb.init(name=system, config=config, settings=settings, **place)
            run.log(scores)
            run.finish()
            lines.append(f"{system}: wandb run {run.id} in {folder}")
    except (wandb.Error, OSError) as error:
        raise EvalkitError(f"wandb: {str(error).splitlines()[0]}; the run folder is unchanged") from None
    return lines


def _systems(results: Results) -> Iterator[tuple[str, dict[str, float], dict[str, str]]]:
    """Each system with its defined corpus scores by ``task/metric``, and what they depend on."""
    for system in dict.fromkeys(name for task in results.tasks for name in task.systems):
        tasks = [task for task in results.tasks if system in task.systems]
        scores = {
            f"{task.name}/{scored.label}": value
            for task in tasks
            for scored in task.metrics
            if (value := number(task.corpus(scored.label)[task.system_index(system)])) is not None
        }
        settings = {"benchmark": results.benchmark, "fingerprint": results.fingerprint, "seed": str(results.seed)}
        settings |= {f"{task.name}/{m.label}": m.signature for task in tasks for m in task.metrics}
        yield system, scores, settings


def _key(name: str) -> str:
    """A name as MLflow takes it: letters of any script, digits and ``_-. /``."""
    return re.sub(r"[^\w\-. /]", "_", name.replace("++", "pp"))
