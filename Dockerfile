# One image for every process: web (as it stands), worker, beat and init. See compose.yaml.
FROM python:3.13-slim AS build
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
WORKDIR /build
RUN python -m venv --without-pip /app
COPY requirements.lock ./
RUN uv pip install --no-cache --compile-bytecode --python /app/bin/python --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY migrations migrations
COPY workers workers
COPY lms lms
RUN uv pip install --no-cache --compile-bytecode --python /app/bin/python --no-deps --offline .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/golden-thread golden \
    && install --directory --owner=10001 /feed
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1 LMS_VAR=/var/lib/golden-thread
USER 10001
WORKDIR /var/lib/golden-thread
VOLUME /var/lib/golden-thread
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=4 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["lms", "web", "--host", "0.0.0.0", "--port", "8000"]
