# Two stages: the environment is built where pip may write, and copied to an image that only runs: no pip, no sandbox, no tests.
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
    && /venv/bin/pip uninstall --yes pip

FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
RUN groupadd --gid 10001 talking \
    && useradd --no-log-init --create-home --uid 10001 --gid 10001 talking \
    && install --directory --owner talking --group talking --mode 0700 /data
WORKDIR /app
COPY --from=build /venv /venv
COPY config.toml ./
COPY db ./db
COPY deploy/backup ./deploy/backup
COPY media ./media
COPY server ./server
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    TALKING_SERVER__HOST=0.0.0.0 TALKING_DATABASE__DATA_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["python", "-m", "server", "serve"]
