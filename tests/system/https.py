"""nginx that serves git over https to whoever has the token, with a certificate of an authority of our own."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from system.nodes import call

NGINX = """\
user root; worker_processes 1; pid {root}/nginx.pid; error_log {root}/error.log; daemon off;
events {{ worker_connections 64; }}
http {{
  access_log {root}/access.log; client_body_temp_path {root}/t; proxy_temp_path {root}/t; fastcgi_temp_path {root}/t;
  uwsgi_temp_path {root}/t; scgi_temp_path {root}/t;
  server {{
    listen {address}:{port} ssl; ssl_certificate {root}/server.pem; ssl_certificate_key {root}/server.key;
    location / {{
      auth_basic git; auth_basic_user_file {root}/htpasswd;
      fastcgi_pass unix:{root}/fcgi; include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
      fastcgi_param GIT_PROJECT_ROOT {repos}; fastcgi_param GIT_HTTP_EXPORT_ALL 1;
      fastcgi_param PATH_INFO $uri; fastcgi_param REMOTE_USER $remote_user;
    }}
  }}
}}
"""
PORT = 18443


class Https:
    """The server of the bare repositories below ``repos``; ``root`` holds ``ca.pem``, ``other.pem`` and the token."""

    def __init__(self, address, repos):
        self.address, self.root = address, tempfile.mkdtemp(prefix="fhw", dir="/tmp")
        self.token = os.urandom(16).hex()
        self._processes = []
        for authority in ("ca", "other"):
            self._openssl("req", "-x509", "-days", "30", "-subj", f"/CN={authority}", "-keyout", f"{authority}.key", "-out",
                          f"{authority}.pem")  # fmt: skip
        Path(self.root, "names").write_text(f"subjectAltName=IP:{address}\n")
        self._openssl("req", "-subj", f"/CN={address}", "-keyout", "server.key", "-out", "server.csr")
        call("openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
             "-extfile", "names", "-out", "server.pem", cwd=self.root)  # fmt: skip
        hashed = call("openssl", "passwd", "-apr1", self.token).strip()
        Path(self.root, "htpasswd").write_text(f"deploy:{hashed}\n")
        Path(self.root, "token").write_text(self.token + "\n")
        Path(self.root, "nginx.conf").write_text(NGINX.format(address=address, port=PORT, root=self.root, repos=repos))

    def _openssl(self, *words):
        make = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        call("openssl", *words, *make, cwd=self.root)

    def url(self, name):
        """Return the address of the repository ``name``."""
        return f"https://{self.address}:{PORT}/{name}"

    def start(self):
        """Start nginx and what it hands git to, and wait until it answers."""
        Path(self.root, "fcgi").unlink(missing_ok=True)
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        for argv in (
            ["fcgiwrap", "-c", "2", "-s", f"unix:{self.root}/fcgi"],
            ["nginx", "-c", f"{self.root}/nginx.conf"],
        ):
            path = f"{os.environ['PATH']}:/usr/sbin"
            self._processes.append(subprocess.Popen(argv, env={"PATH": path}, start_new_session=True, **quiet))
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection((self.address, PORT), 1):
                return
            time.sleep(0.05)
        raise AssertionError(Path(self.root, "error.log").read_text())

    def asked(self):
        """Return the requests that were answered, as lines of the access log."""
        log = Path(self.root, "access.log")
        return log.read_text().splitlines() if log.exists() else []

    def stop(self):
        """Stop: the port refuses connections."""
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
            process.wait(20)
        self._processes.clear()

    def close(self):
        """Stop, and remove everything."""
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)
