# What is built for users. Tests have commands of their own: ./test, tests/system/run.

.PHONY: deb lock

# dist/freehold_VERSION_ARCH.deb for the system this is built on.
deb:
	packaging/deb/build

# Pin the dependencies anew, each by version and hash; needs uv.
lock:
	packaging/lock
