#!/bin/sh
# Opens a scan and posts one image with curl: send_tile.sh IMAGE X_UM Y_UM
# FLAKESCOPE_URL and FLAKESCOPE_TOKEN say where to, and as who.
set -eu

url=${FLAKESCOPE_URL:-http://127.0.0.1:8000}
token=${FLAKESCOPE_TOKEN:-}

call() {
    if [ -n "$token" ]; then set -- -H "Authorization: Bearer $token" "$@"; fi
    # Tried again where nothing answers or the service is busy: nothing is ever doubled.
    curl --silent --show-error --fail-with-body --retry 10 --retry-connrefused "$@"
}

scan=$(call "$url/v1/scans" -H 'Content-Type: application/json' \
    -d '{"name": "chip 12", "um_per_px": 0.3844, "oxide_nm": 90}' |
    sed 's/^{"id":\([0-9]*\).*/\1/')

call "$url/v1/scans/$scan/tiles" -F "image=@$1" -F "stage_x_um=$2" -F "stage_y_um=$3"
