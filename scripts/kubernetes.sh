#!/usr/bin/env bash
# Holds the manifests in deploy/kubernetes against the schemas of Kubernetes, which the Python package kubernetes-validate
# contains.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

environment() { python3 -m venv "$folder/python" >"$folder/log" 2>&1; }
if ! environment; then
  # Debian has this part of Python in a package of its own
  ((EUID == 0)) && as_root=() || as_root=(sudo -n)
  ${as_root[@]+"${as_root[@]}"} apt-get -q -y install --no-install-recommends python3 python3-venv >&2
  environment || { cat "$folder/log" >&2; exit 1; }
fi
"$folder/python/bin/pip" --quiet --disable-pip-version-check install kubernetes-validate==1.37.0
for version in 1.31 1.37; do
  "$folder/python/bin/kubernetes-validate" --strict --quiet --kubernetes-version "$version" deploy/kubernetes/*.yaml
  echo "the manifests are valid for Kubernetes $version"
done
