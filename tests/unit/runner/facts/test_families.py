import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from runner.facts import addresses, cloud, dmi, memory, networking, operating_system, processors, storage, virtual
from runner.facts.place import Place, share, size


@pytest.fixture
def machine(tmp_path):
    """A recorded machine: put files below it by their path."""
    place = Place(*(str(tmp_path / name) for name in ("root", "proc", "sys", "dev", "run", "etc")))

    def write(**files):
        for path, text in files.items():
            target = tmp_path / path.replace("__", "/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return place

    write.place = place
    write.path = tmp_path
    return write


@pytest.mark.parametrize(
    ("release", "more", "family", "name", "full", "major"),
    [
        ('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"\nNAME="Ubuntu"', {}, "Debian", "Ubuntu", "22.04", "22.04"),
        ('ID=debian\nVERSION_ID="12"', {"debian_version": "12.11\n"}, "Debian", "Debian", "12.11", "12"),
        ('ID=debian\nVERSION_ID="13"', {"debian_version": "trixie/sid\n"}, "Debian", "Debian", "13", "13"),
        (
            'ID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"',
            {"redhat-release": "CentOS Linux release 7.9.2009 (Core)"},
            "RedHat",
            "CentOS",
            "7.9.2009",
            "7",
        ),
        ('ID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"', {}, "RedHat", "Amazon", "2023", "2023"),
        ('ID="sles"\nID_LIKE="suse"\nVERSION_ID="15.5"', {}, "Suse", "SLES", "15.5", "15"),
        ("ID=arch\nNAME='Arch Linux'", {}, "Archlinux", "Archlinux", "", ""),
        ('ID=mycorp\nID_LIKE="ubuntu debian"\nNAME="My OS"\nVERSION_ID=3.1', {}, "Debian", "My", "3.1", "3"),
        ('ID="alpine"\nVERSION_ID=3.19.1', {}, "Alpine", "Alpine", "3.19.1", "3"),
    ],
)
def test_distributions(machine, release, more, family, name, full, major):
    machine(root__etc__osrelease="x")
    (machine.path / "root/etc/os-release").write_text(release)
    for file, text in more.items():
        (machine.path / "root/etc" / file).write_text(text)
    found = operating_system.gather(machine.place)["os"]
    assert (found["family"], found["name"]) == (family, name)
    assert (found["release"]["full"], found["release"]["major"]) == (full, major)


def test_selinux_modes(machine):
    place = machine(
        sys__fs__selinux__enforce="1",
        sys__fs__selinux__policyvers="33",
        root__etc__selinux__config="# x\nSELINUX=permissive\nSELINUXTYPE=targeted\n",
    )
    assert operating_system.gather(place)["os"]["selinux"] == {
        "enabled": True,
        "enforced": True,
        "current_mode": "enforcing",
        "policy_version": "33",
        "config_mode": "permissive",
        "config_policy": "targeted",
    }


def test_memory_with_swap(machine):
    place = machine(
        proc__meminfo="MemTotal:  1000 kB\nMemFree: 100 kB\nMemAvailable:  250 kB\nSwapTotal: 10 kB\nSwapFree: 10 kB\n"
    )
    found = memory.gather(place)["memory"]
    assert found["system"]["total_bytes"] == 1024000
    assert found["system"]["capacity"] == "75.00%"
    assert found["swap"] == {
        "available": "10.00 KiB",
        "available_bytes": 10240,
        "capacity": "0%",
        "total": "10.00 KiB",
        "total_bytes": 10240,
        "used": "0 bytes",
        "used_bytes": 0,
    }
    assert memory.gather(Place(proc="/nonexistent")) == {}


def test_processors_of_arm_come_from_the_topology(machine):
    place = machine(
        proc__cpuinfo="processor\t: 0\nBogoMIPS: 1\n\nprocessor\t: 1\n",
        sys__devices__system__cpu__cpu0__topology__physical_package_id="0",
        sys__devices__system__cpu__cpu1__topology__physical_package_id="1",
        sys__devices__system__cpu__cpu0__cpufreq__cpuinfo_max_freq="1800000",
    )
    found = processors.gather(place)["processors"]
    assert (found["count"], found["physicalcount"], found["models"], found["speed"]) == (2, 2, [], "1.80 GHz")


def test_words_for_sizes():
    assert [size(n) for n in (0, 1023, 1024, 25276502016)] == ["0 bytes", "1023 bytes", "1.00 KiB", "23.54 GiB"]
    assert [share(0, 5), share(5, 5), share(1, 3)] == ["0%", "100%", "33.33%"]


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"etc__hosts": "127.0.1.1 HOST.example.org HOST # x\n"}, ("HOST.example.org", "example.org")),
        (
            {"etc__hosts": "10.0.0.1 other.example.org HOST\n", "etc__resolv.conf": "search corp.test other\n"},
            ("HOST.corp.test", "corp.test"),
        ),
        ({"etc__resolv.conf": "search a.test\ndomain b.test\n"}, ("HOST.b.test", "b.test")),
        ({}, ("HOST", None)),
    ],
)
def test_names_need_no_name_server(machine, monkeypatch, files, names):
    monkeypatch.setattr("socket.gethostname", lambda: "HOST")
    found = networking.gather(machine(**files))["networking"]
    assert (found["fqdn"], found.get("domain")) == names


def test_a_host_name_with_dots_is_an_fqdn(machine, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "web.a.test")
    found = networking.gather(machine.place)["networking"]
    assert (found["hostname"], found["domain"], found["fqdn"]) == ("web", "a.test", "web.a.test")


def test_the_primary_interface_has_the_cheapest_default_route(machine, monkeypatch):
    monkeypatch.setattr(
        addresses,
        "ipv4",
        lambda: {
            "eth0": [addresses.binding("10.0.0.2", "255.255.255.0")],
            "wlan0": [addresses.binding("10.1.0.2", "255.255.255.0")],
        },
    )
    header = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
    route = "{} 00000000 010200C0 0003 0 0 {} 00000000 0 0 0\n"
    place = machine(proc__net__route=header + route.format("wlan0", 600) + route.format("eth0", 100))
    found = networking.gather(place)["networking"]
    assert (found["primary"], found["ip"], found["network"]) == ("eth0", "10.0.0.2", "10.0.0.0")


def test_ipv6_of_the_kernel(machine):
    place = machine(
        proc__net__if_inet6="fe8000000000000000fc00fffe000001 04 40 20 c0 eth0\nfd000000000000000000000000000002 04 40 00 82     eth0\n"
    )
    assert addresses.ipv6(place)["eth0"] == [
        {
            "address": "fd00::2",
            "netmask": "ffff:ffff:ffff:ffff::",
            "network": "fd00::",
            "scope6": "global",
            "flags": ["noad", "permanent"],
        },
        {
            "address": "fe80::fc:ff:fe00:1",
            "netmask": "ffff:ffff:ffff:ffff::",
            "network": "fe80::",
            "scope6": "link",
            "flags": ["tentative", "permanent"],
        },
    ]


def test_loopback_is_found_by_the_system_call():
    assert addresses.ipv4()["lo"][0] == {"address": "127.0.0.1", "netmask": "255.0.0.0", "network": "127.0.0.0"}


@pytest.mark.parametrize(
    ("files", "kind", "hypervisors"),
    [
        (
            {"sys__class__dmi__id__product_name": "PowerEdge R650", "sys__class__dmi__id__sys_vendor": "Dell Inc."},
            "physical",
            None,
        ),
        ({"sys__class__dmi__id__sys_vendor": "QEMU"}, "kvm", {"kvm": {}}),
        ({"sys__class__dmi__id__sys_vendor": "Amazon EC2"}, "kvm", {"kvm": {"amazon": True}}),
        ({"sys__class__dmi__id__product_name": "VMware Virtual Platform"}, "vmware", {"vmware": {}}),
        (
            {
                "sys__class__dmi__id__product_name": "Virtual Machine",
                "sys__class__dmi__id__sys_vendor": "Microsoft Corporation",
            },
            "hyperv",
            {"hyperv": {}},
        ),
        ({"sys__class__dmi__id__product_name": "Google Compute Engine"}, "gce", {"kvm": {"google": True}}),
        (
            {"sys__hypervisor__type": "xen", "proc__xen__capabilities": "control_d\n"},
            "xen0",
            {"xen": {"context": "dom0", "privileged": True}},
        ),
        ({"run__systemd__container": "systemd-nspawn"}, "systemd_nspawn", {"systemd_nspawn": {}}),
        ({"proc__1__environ": "PATH=/bin\0container=podman\0"}, "podman", {"podman": {}}),
        ({"proc__1__cgroup": "0::/docker/" + "ab" * 32}, "docker", {"docker": {"id": "ab" * 32}}),
        (
            {
                "proc__cpuinfo": "flags : fpu hypervisor x\n",
                "sys__devices__system__clocksource__clocksource0__available_clocksource": "tsc kvm-clock",
            },
            "kvm",
            {"kvm": {}},
        ),
    ],
)
def test_what_we_run_in(machine, files, kind, hypervisors):
    found = virtual.gather(machine(**files))
    assert found["virtual"] == kind
    assert found["is_virtual"] == (kind not in {"physical", "xen0"})
    assert found.get("hypervisors") == hypervisors


def test_firmware(machine):
    place = machine(
        sys__class__dmi__id__sys_vendor="Dell Inc.\n",
        sys__class__dmi__id__chassis_type="23",
        sys__class__dmi__id__product_uuid="4c4c",
    )
    assert dmi.gather(place) == {
        "dmi": {"manufacturer": "Dell Inc.", "chassis": {"type": "Rack Mount Chassis"}, "product": {"uuid": "4c4c"}}
    }


def test_mount_points_of_servers_are_not_asked_for_their_size(machine):
    server = machine(proc__self__mounts="srv:/a / nfs4 rw,hard 0 0\n")
    assert storage.gather(server)["mountpoints"] == {
        "/": {"device": "srv:/a", "filesystem": "nfs4", "options": ["rw", "hard"]}
    }


def test_mount_points_of_the_kernel_are_left_out(machine):
    place = machine(
        proc__self__mounts="/dev/x / ext4 rw 0 0\n/dev/y /mnt/a\\040b ext4 rw 0 0\nproc /proc proc rw 0 0\n"
        "cg /sys/fs/cgroup tmpfs rw 0 0\nauto /net autofs rw 0 0\n"
    )
    found = storage.gather(place)["mountpoints"]
    assert sorted(found) == ["/", "/mnt/a b", "/sys/fs/cgroup"]
    assert found["/"]["size_bytes"] > 0


def test_partitions(machine):
    place = machine(
        sys__block__sda__size="8",
        sys__block__sda__device__model="Disk",
        sys__block__sda__queue__rotational="0",
        sys__block__sda__sda1__partition="1",
        sys__block__sda__sda1__size="4",
        sys__block__loop0__size="0",
        proc__self__mounts="/dev/sda1 / ext4 rw 0 0\n",
        dev__sda1="",
    )
    (machine.path / "dev/disk/by-label").mkdir(parents=True)
    (machine.path / "dev/disk/by-label/my\\x20disk").symlink_to("../../sda1")
    found = storage.gather(place)
    assert found["disks"] == {"sda": {"size": "4.00 KiB", "size_bytes": 4096, "model": "Disk", "type": "ssd"}}
    assert found["partitions"] == {
        "/dev/sda1": {"size": "2.00 KiB", "size_bytes": 2048, "label": "my disk", "mount": "/", "filesystem": "ext4"}
    }


class Metadata(BaseHTTPRequestHandler):
    """A metadata service as the three clouds have it."""

    protocol_version = "HTTP/1.1"
    EC2: ClassVar = {
        "/latest/meta-data/": "ami-id\niam/\npublic-keys/\nplacement/\n",
        "/latest/meta-data/ami-id": "ami-1",
        "/latest/meta-data/iam/": "info\nsecurity-credentials/\n",
        "/latest/meta-data/iam/info": "{}",
        "/latest/meta-data/iam/security-credentials/": "role\n",
        "/latest/meta-data/iam/security-credentials/role": "TOPSECRET",
        "/latest/meta-data/public-keys/": "0=mine\n",
        "/latest/meta-data/public-keys/0/": "openssh-key\n",
        "/latest/meta-data/public-keys/0/openssh-key": "ssh-rsa A",
        "/latest/meta-data/placement/": "region\n",
        "/latest/meta-data/placement/region": "eu-1",
    }

    def answer(self, body, code=200):
        data = body.encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_PUT(self):
        self.answer("tok")

    def do_GET(self):
        if self.server.silent:
            self.server.silent.wait(5)
            self.close_connection = True
            return
        if self.path in self.EC2 and self.headers["X-aws-ec2-metadata-token"] == "tok":
            self.answer(self.EC2[self.path])
        elif self.path.startswith("/computeMetadata/v1/") and self.headers["Metadata-Flavor"] == "Google":
            self.answer(json.dumps({"instance": {"zone": "projects/1/zones/eu-a", "attributes": {"user-data": "s"}}}))
        elif self.path.startswith("/metadata/instance?") and self.headers["Metadata"] == "true":
            self.answer(json.dumps({"compute": {"name": "vm", "customData": "s"}}))
        else:
            self.answer("no", 404)

    def log_message(self, *_):
        pass


@pytest.fixture
def service():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Metadata)
    server.silent = None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    if server.silent:
        server.silent.set()
    server.shutdown()
    server.server_close()
    thread.join()


def cloudy(machine, service, **files):
    machine(**files)
    place = machine.place
    return Place(place.root, place.proc, place.sys, metadata=f"http://127.0.0.1:{service.server_port}")


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (
            "sys_vendor",
            "Amazon EC2",
            {
                "cloud": {"provider": "aws"},
                "ec2_metadata": {
                    "ami-id": "ami-1",
                    "iam": {"info": "{}"},
                    "public-keys": {"0": {"openssh-key": "ssh-rsa A"}},
                    "placement": {"region": "eu-1"},
                },
            },
        ),
        (
            "product_name",
            "Google Compute Engine",
            {"cloud": {"provider": "gce"}, "gce": {"instance": {"zone": "eu-a", "attributes": {}}}},
        ),
        (
            "chassis_asset_tag",
            cloud.AZURE_TAG,
            {"cloud": {"provider": "azure"}, "az_metadata": {"compute": {"name": "vm"}}},
        ),
    ],
)
def test_clouds(machine, service, file, text, expected):
    assert cloud.gather(cloudy(machine, service, **{f"sys__class__dmi__id__{file}": text})) == expected


def test_a_silent_service_is_a_warning_after_its_deadline(machine, service, monkeypatch):
    monkeypatch.setattr(cloud, "DEADLINE", 0.2)
    service.silent = threading.Event()
    place = cloudy(machine, service, sys__class__dmi__id__sys_vendor="Amazon EC2")
    assert cloud.gather(place) == {"cloud": {"provider": "aws"}}
    assert place.warnings == ["the metadata service of aws gave no answer: timed out"]


def test_a_plain_machine_is_never_asked(machine, monkeypatch):
    monkeypatch.setattr(cloud, "_Service", None)
    assert cloud.gather(machine(sys__class__dmi__id__sys_vendor="QEMU")) == {}
