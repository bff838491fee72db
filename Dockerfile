# Two stages: the environment is built where pip may write, and copied to an image that only runs.
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 talking && mkdir /data && chown talking /data
WORKDIR /app
COPY --from=build /venv /venv
COPY config.toml ./
COPY db ./db
COPY media ./media
COPY server ./server
COPY sandbox ./sandbox
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    TALKING_SERVER__HOST=0.0.0.0 TALKING_DATABASE__DATA_DIR=/data
USER talking
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["python", "-m", "server", "serve"]
