"""Functions of the modules docker and kubernetes: the flags of command lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hiera.ruby_text import ruby_text
from hiera.values import Value
from manifests.functions.collections import flatten
from manifests.functions.shell import shell_escape

Options = Mapping[str, Value]


def _true(value: Value) -> bool:
    """Say whether Ruby takes a value for true."""
    return value is not None and value is not False


def _given(options: Options, key: str) -> bool:
    """Say whether an option has a value; the text undef is none."""
    value = options.get(key)
    return _true(value) and value != "undef"


def _several(value: Value) -> list[Value]:
    return [one for one in flatten(value) if one is not None]


def _filled(options: Options, forms: Iterable[tuple[str, str]]) -> list[str]:
    """Return a flag for each option that has a value; ``{}`` in its form is the value."""
    return [form.replace("{}", ruby_text(options[key])) for key, form in forms if _given(options, key)]


def _each(options: Options, key: str, form: str) -> list[str]:
    """Return a flag for each item of an option that is a list."""
    value = options.get(key)
    return [form.replace("{}", ruby_text(one)) for one in value] if isinstance(value, list | tuple) else []


_RUN_LISTS = (
    ("dns", "--dns {}"), ("dns_search", "--dns-search {}"), ("expose", "--expose={}"), ("links", "--link {}"),
    ("lxc_conf", "--lxc-conf={}"), ("volumes_from", "--volumes-from {}"), ("env", "-e {}"),
    ("env_file", "--env-file {}"), ("ports", "-p {}"), ("labels", "-l {}"), ("hostentries", "--add-host {}"),
    ("volumes", "-v {}"),
)  # fmt: skip


def run_flags(given: Value = None) -> str:
    """Return the flags of ``docker run``, one a line."""
    options: Options = given or {}
    flags = _run_head(options)
    windows = ruby_text(options.get("osfamily")).lower() == "windows"
    end = " `\n" if windows else " \\\n"
    for key, form in _RUN_LISTS:
        flags += [form.replace("{}", shell_escape(one)) + end for one in _several(options.get(key))]
    flags += [ruby_text(one) for one in flatten(options.get("extra_params") or [])]
    return end.join(flags)


def _run_head(options: Options) -> list[str]:
    """Return the flags of ``docker run`` that have one value or none."""
    flags = [f"{flag} {shell_escape(options[key])}" for key, flag in (("username", "-u"), ("hostname", "-h"))
             if _true(options.get(key))]  # fmt: skip
    flags += [f"--restart '{ruby_text(options['restart'])}'"] if _true(options.get("restart")) else []
    flags += [f"--net {shell_escape(one)}" for one in _several(options.get("net")) if _true(one)]
    flags += [f"-m {ruby_text(options['memory_limit'])}"] if _true(options.get("memory_limit")) else []
    cpus = _several(options.get("cpuset"))
    flags += [f"--cpuset-cpus={','.join(map(ruby_text, cpus))}"] if cpus else []
    flags += ["-n false"] if _true(options.get("disable_network")) else []
    flags += ["--privileged"] if _true(options.get("privileged")) else []
    health = (("health_check_cmd", "--health-cmd='{}'"), ("health_check_interval", "--health-interval={}s"))
    flags += _filled(options, health)
    flags += ["-t"] if _true(options.get("tty")) else []
    return [*flags, *(["--read-only=true"] if _true(options.get("read_only")) else [])]


def service_flags(given: Value = None) -> str:
    """Return the arguments of ``docker service``."""
    options: Options = given or {}
    flags = _filled(options, [("service_name", "'{}'")])
    flags += ["--detach"] if options.get("detach") is not False else []
    for key, form in (("env", "--env '{}'"), ("label", "--label {}"), ("mounts", "--mount {}"),
                      ("networks", "--network {}")):  # fmt: skip
        flags += _each(options, key, form)
    flags += _one_or_each(options, "publish", "--publish '{}'", "--publish {}")
    flags += _filled(options, [("replicas", "--replicas '{}'")])
    flags += ["--tty"] if options.get("tty") is not False else []
    flags += _filled(options, [("user", "--user '{}'"), ("workdir", "--workdir '{}'")])
    flags += _each(options, "extra_params", "{}")
    flags += _filled(options, [("host_socket", "-H '{}'")])
    flags += _one_or_each(options, "registry_mirror", "--registry-mirror='{}'", "--registry-mirror='{}'")
    flags += _filled(options, [("image", "'{}'")])
    command = options.get("command")
    if isinstance(command, list | tuple):
        flags.append(" ".join(map(ruby_text, command)))
    else:
        flags += _filled(options, [("command", "{}")])
    return " ".join(flags)


def _one_or_each(options: Options, key: str, one: str, each: str) -> list[str]:
    if isinstance(options.get(key), list | tuple):
        return _each(options, key, each)
    return _filled(options, [(key, one)])


def _marked(options: Options, *flags: tuple[str, str]) -> list[str]:
    """Return the flags whose option is true itself."""
    return [flag for key, flag in flags if options.get(key) is True]


def plugin_install_flags(given: Value = None) -> str:
    """Return the arguments of ``docker plugin install``."""
    options: Options = given or {}
    flags = _filled(options, [("plugin_alias", "--alias {}")])
    flags += _marked(
        options,
        ("disable_on_install", "--disable"),
        ("disable_content_trust", "--disable-content-trust"),
        ("grant_all_permissions", "--grant-all-permissions"),
    )
    return " ".join([*flags, *_filled(options, [("plugin_name", "'{}'")]), *_each(options, "settings", "{}")])


def plugin_enable_flags(given: Value = None) -> str:
    """Return the arguments of ``docker plugin enable``."""
    options: Options = given or {}
    name = _filled(options, [("plugin_alias", "'{}'")]) or _filled(options, [("plugin_name", "'{}'")])
    return " ".join([*_marked(options, ("force_remove", "--force")), *name])


def plugin_remove_flags(given: Value = None) -> str:
    """Return the arguments of ``docker plugin rm``."""
    options: Options = given or {}
    name = _filled(options, [("plugin_name", "'{}'")])
    return " ".join([*_marked(options, ("force_remove", "--force")), *name])


def stack_flags(given: Value = None) -> str:
    """Return the arguments of ``docker stack deploy``."""
    options: Options = given or {}
    flags = _filled(options, [("bundle_file", "--bundle-file '{}'")])
    flags += _each(options, "compose_files", "--compose-file '{}'")
    flags += _filled(options, [("resolve_image", "--resolve-image '{}'"), ("prune", "--prune")])
    return " ".join([*flags, *_filled(options, [("with_registry_auth", "--with-registry-auth")])])


def swarm_init_flags(given: Value = None) -> str:
    """Return the arguments of ``docker swarm init``."""
    options: Options = given or {}
    flags = ["init"] if options.get("init") is not False else []
    flags += _filled(options, [("advertise_addr", "--advertise-addr '{}'")])
    flags += ["--autolock"] if options.get("autolock") is not False else []
    flags += _filled(options, [("cert_expiry", "--cert-expiry '{}'")])
    flags += _each(options, "default_addr_pool", "--default-addr-pool {}")
    flags += _filled(options, [
        ("default_addr_pool_mask_length", "--default-addr-pool-mask-length '{}'"),
        ("dispatcher_heartbeat", "--dispatcher-heartbeat '{}'"), ("external_ca", "--external-ca '{}'"),
    ])  # fmt: skip
    flags += ["--force-new-cluster"] if options.get("force_new_cluster") is not False else []
    return " ".join([*flags, *_filled(options, [
        ("listen_addr", "--listen-addr '{}'"), ("max_snapshots", "--max-snapshots '{}'"),
        ("snapshot_interval", "--snapshot-interval '{}'"),
    ])])  # fmt: skip


def swarm_join_flags(given: Value = None) -> str:
    """Return the arguments of ``docker swarm join``."""
    options: Options = given or {}
    flags = ["join"] if options.get("join") is not False else []
    return " ".join([*flags, *_filled(options, [
        ("advertise_addr", "--advertise-addr '{}'"), ("listen_addr", '--listen-addr "{}"'), ("token", "--token '{}'"),
    ])])  # fmt: skip


def exec_flags(given: Value = None) -> str:
    """Return the flags of ``docker exec``."""
    options: Options = given or {}
    flags = [f"--{key}=true" for key in ("detach", "interactive", "tty") if _true(options.get(key))]
    return " ".join([*flags, *(f"--env {ruby_text(one)}" for one in options.get("env") or [])])


def secrets_flags(given: Value = None) -> str:
    """Return the arguments of ``docker secret``."""
    options: Options = given or {}
    flags = ["create"] if options.get("ensure") == "present" else []
    flags += _filled(options, [("secret_name", "'{}'"), ("secret_path", "'{}'")])
    return " ".join([*flags, *("-l %s \\\n" for _ in _several(options.get("label")))])


_KUBEADM_INIT = (
    ("apiserver_advertise_address", "--apiserver-advertise-address '{}'"),
    ("apiserver_bind_port", "--apiserver-bind-port '{}'"),
    ("apiserver_cert_extra_sans", "--apiserver-cert-extra-sans '{}'"), ("cert_dir", "--cert-dir '{}'"),
    ("config", "--config '{}'"), ("cri_socket", "--cri-socket '{}'"), ("dry_run", "--dry-run"),
    ("feature_gates", "--feature-gates '{}'"), ("ignore_preflight_errors", "--ignore-preflight-errors='{}'"),
    ("kubernetes_version", "--kubernetes-version '{}'"), ("node_name", "--node-name '{}'"),
    ("pod_network_cidr", "--pod-network-cidr '{}'"), ("service_cidr", "--service-cidr '{}'"),
    ("service_dns_domain", "--service-dns-domain '{}'"), ("skip_token_print", "--skip-token-print"),
    ("token", "--token '{}'"), ("token_ttl", "--token-ttl '{}'"), ("skip_phases", "--skip-phases '{}'"),
)  # fmt: skip
_KUBEADM_JOIN = (
    ("controller_address", "'{}'"), ("config", "--config '{}'"), ("cri_socket", "--cri-socket '{}'"),
    ("discovery_file", "--discovery-file '{}'"), ("discovery_token", "--discovery-token '{}'"),
    ("ca_cert_hash", "--discovery-token-ca-cert-hash 'sha256:{}'"),
    ("skip_ca_verification", "--discovery-token-unsafe-skip-ca-verification"),
    ("feature_gates", "--feature-gates '{}'"), ("ignore_preflight_errors", "--ignore-preflight-errors '{}'"),
    ("node_name", "--node-name '{}'"), ("token", "--token '{}'"),
)  # fmt: skip


def _comma(options: Options, *keys: str) -> dict[str, Value]:
    """Return the options with the lists under ``keys`` as one text each."""
    lists = {key: options[key] for key in keys if isinstance(options.get(key), list | tuple)}
    return {**options, **{key: ",".join(map(ruby_text, value)) for key, value in lists.items()}}


def kubeadm_init_flags(given: Value = None) -> str:
    """Return the flags of ``kubeadm init``."""
    options = _comma(given or {}, "apiserver_cert_extra_sans", "feature_gates", "ignore_preflight_errors")
    return " ".join(_filled(options, _KUBEADM_INIT))


def kubeadm_join_flags(given: Value = None) -> str:
    """Return the flags of ``kubeadm join``; a file of discovery stands for the configuration."""
    options = dict(given or {})
    errors = [one for one in flatten(options.get("ignore_preflight_errors")) if ruby_text(one).strip()]
    options["ignore_preflight_errors"] = errors or None
    if _given(options, "discovery_file"):
        options["config"] = None
    return " ".join(_filled(_comma(options, "feature_gates", "ignore_preflight_errors"), _KUBEADM_JOIN))


TABLE = {
    "docker::escape": (shell_escape, "Any text"),
    "docker_run_flags": (run_flags, "Any options?"),
    "docker_service_flags": (service_flags, "Any options?"),
    "docker_plugin_install_flags": (plugin_install_flags, "Any options?"),
    "docker_plugin_enable_flags": (plugin_enable_flags, "Any options?"),
    "docker_plugin_remove_flags": (plugin_remove_flags, "Any options?"),
    "docker_stack_flags": (stack_flags, "Any options?"),
    "docker_swarm_init_flags": (swarm_init_flags, "Any options?"),
    "docker_swarm_join_flags": (swarm_join_flags, "Any options?"),
    "docker_exec_flags": (exec_flags, "Any options?"),
    "docker_secrets_flags": (secrets_flags, "Any options?"),
    "kubeadm_init_flags": (kubeadm_init_flags, "Any options?"),
    "kubeadm_join_flags": (kubeadm_join_flags, "Any options?"),
}
