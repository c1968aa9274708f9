"""Reading what `deploy/` holds."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import typer.main
import yaml

from placement.cli.app import app

DEPLOY = Path(__file__).parents[2] / "deploy"
KUSTOMIZE = DEPLOY / "kustomize"
BASE = KUSTOMIZE / "base"
CHART = DEPLOY / "helm" / "kube-placement"

Object = dict[str, Any]


def documents(file: Path) -> list[Object]:
    return [one for one in yaml.safe_load_all(file.read_text()) if one]


def kustomized(directory: Path) -> list[Object]:
    """What kustomize makes of a directory."""
    done = subprocess.run(["kubectl", "kustomize", str(directory)], capture_output=True, check=True)
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def of_kind(objects: list[Object], kind: str) -> Object:
    """The one object of a kind."""
    (found,) = (one for one in objects if one["kind"] == kind)
    return found


def granted(objects: list[Object], kind: str) -> set[tuple[str, str, str]]:
    """Group, resource and verb of everything that roles of a kind allow."""
    return {
        (group, resource, verb)
        for one in objects
        if one["kind"] == kind
        for rule in one["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def arguments(objects: list[Object]) -> dict[str, Any]:
    """What the command reads from the arguments of the deployment's container; it refuses what it does not know."""
    (container,) = of_kind(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
    command: Any = typer.main.get_command(app)
    serve = command.commands["serve"]
    asked: dict[str, Any] = serve.make_context("serve", [str(one) for one in container["args"]]).params
    return asked
