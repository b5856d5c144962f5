# What is built for users. Tests have commands of their own: ./test, tests/system/run.

.PHONY: deb rpm dist try-dist lock

# dist/freehold_VERSION_ARCH.deb for the system this is built on, or for the one below ROOT: make deb ROOT=/var/tmp/trixie
deb:
	$(if $(ROOT),packaging/deb/build-in $(ROOT),packaging/deb/build)

# dist/freehold-VERSION.ARCH.rpm
rpm:
	packaging/rpm/build

# dist/freehold-VERSION.tar.gz and dist/freehold-VERSION-py3-none-any.whl
dist:
	packaging/pypi/build

# Install both by pipx and by uv, in scratch homes, and call what they installed.
try-dist: dist
	packaging/pypi/try

# Pin the dependencies anew, each by version and hash; needs uv.
lock:
	packaging/lock
