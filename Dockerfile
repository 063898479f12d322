# syntax=docker/dockerfile:1
# tests/architecture/test_image.py holds it against the repository; CONTRIBUTING.md tells how to walk it where no engine is.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements/runtime.txt requirements/runtime.in requirements/otel.txt requirements/otel.in requirements/build.txt requirements/
RUN python -m venv /opt/hub \
 && /opt/hub/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
    -r requirements/runtime.txt -r requirements/otel.txt -r requirements/build.txt
COPY pyproject.toml README.md LICENSE config.yaml ./
COPY hub hub
COPY connectors connectors
COPY mappings mappings
COPY demo demo
RUN /opt/hub/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && /opt/hub/bin/pip uninstall --yes setuptools pip

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 hub && mkdir -p /app/.hub && chown -R hub:hub /app
COPY --from=build /opt/hub /opt/hub
WORKDIR /app
ENV PATH=/opt/hub/bin:$PATH PYTHONUNBUFFERED=1 HUB_HOST=0.0.0.0
USER hub
VOLUME /app/.hub
EXPOSE 8100
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ.get('HUB_PORT', '8100')}/healthz\", timeout=4)"]
ENTRYPOINT ["hub"]
CMD ["run"]
