"""``placement serve``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from placement.cli import exits
from placement.cli.options import PolicyName

if TYPE_CHECKING:
    from placement.extender.server import Listening

Clusters = Annotated[
    list[str] | None,
    typer.Option("--cluster", metavar="FILE", help="Files of the cluster; read again on change.", show_default=False),
]
Context = Annotated[
    str | None, typer.Option("--context", metavar="NAME", help="Context of the kubeconfig.", show_default=False)
]
Kubeconfig = Annotated[
    str | None, typer.Option(metavar="FILE", help="Kubeconfig. [default: $KUBECONFIG]", show_default=False)
]
PemFile = Annotated[Path | None, typer.Option(metavar="FILE", show_default=False)]


def serve(
    cluster: Clusters = None,
    context: Context = None,
    kubeconfig: Kubeconfig = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 is any that is free.")] = 8888,
    policy: PolicyName = "default",
    deadline: Annotated[float, typer.Option(min=0.001, help="Seconds before a call is let through unjudged.")] = 0.5,
    steering: Annotated[
        Literal["authoritative", "advisory"] | None,
        typer.Option(
            help="Whether filter leaves a planned pod its planned node alone, or prioritize prefers it. [default: the "
            "policy's]",
            show_default=False,
        ),
    ] = None,
    look_ahead: Annotated[
        float, typer.Option(min=0.0, help="Seconds of search for each plan of all pending pods; 0 plans nothing.")
    ] = 0.0,
    lease: Annotated[
        str,
        typer.Option(
            metavar="NS/NAME",
            help="Lease by which replicas elect the one that plans and writes. Without one each plans for itself.",
            show_default=False,
        ),
    ] = "",
    publish: Annotated[
        bool, typer.Option("--publish", help="Write the plan to status.nominatedNodeName of the waiting pods.")
    ] = False,
    bind: Annotated[bool, typer.Option("--bind", help="Let the verb bind make bindings.")] = False,
    tls_cert: PemFile = None,
    tls_key: PemFile = None,
    client_ca: PemFile = None,
    api_token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Bearer token of /api; read anew for each call.", show_default=False),
    ] = None,
    log_format: Annotated[Literal["text", "json"], typer.Option(help="Form of the log on stderr.")] = "text",
) -> int:
    """Answer kube-scheduler as its extender, and plans over REST.

    The cluster comes from files, from the API server of a kubeconfig's context, or, in a pod, from its own.

    Exit status: 0 stopped by a signal, 2 the input is wrong.
    """
    from placement.cli.planning import chosen_policy
    from placement.extender.logs import log_to
    from placement.extender.server import run
    from placement.extender.service import Service, sources
    from placement.extender.settings import Settings

    if (tls_cert is None) != (tls_key is None):
        raise typer.BadParameter("--tls-cert and --tls-key go together")
    if client_ca is not None and tls_cert is None:
        raise typer.BadParameter("--client-ca needs --tls-cert and --tls-key")
    if cluster and (context or kubeconfig):
        raise typer.BadParameter("--cluster and --context exclude each other")
    if publish and not (look_ahead and lease):
        raise typer.BadParameter("--publish needs --look-ahead, and --lease to know what was published before")
    if lease and (cluster or not all(lease.partition("/"))):
        raise typer.BadParameter("--lease is NAMESPACE/NAME, on an API server")
    chosen = chosen_policy(policy, "auto")
    settings = Settings(
        deadline=deadline,
        steering=steering or chosen.steering,
        look_ahead=look_ahead,
        bind=bind,
        lease=lease,
        publish=publish,
    )
    log_to(as_json=log_format == "json")
    service = Service(
        source=sources(cluster or (), context, kubeconfig), policy=chosen, settings=settings, token=api_token_file
    )
    run(service.serve(_listening(host, port, tls_cert, tls_key, client_ca)))
    return exits.OK


def _listening(host: str, port: int, cert: Path | None, key: Path | None, client_ca: Path | None) -> Listening:
    from placement.extender.server import Listening

    return Listening(host=host, port=port, certificate=cert, key=key, client_ca=client_ca)
