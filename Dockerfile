# One image for all processes of the suite: docker run … IMAGE services.crm.main serve
# Pinned by its exact version; pin it by digest where the images are built (docs/kubernetes.md).
ARG PYTHON_IMAGE=docker.io/library/python:3.13.9-slim-trixie

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
COPY requirements.image.lock ./
RUN python -m venv --without-pip /opt/sihe \
    && python -m pip --python /opt/sihe/bin/python install --no-cache-dir --no-compile --no-deps \
        --require-hashes --requirement requirements.image.lock
COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY services services
COPY gateway gateway
COPY cli cli
RUN python -m pip --python /opt/sihe/bin/python install --no-cache-dir --no-compile --no-deps --no-build-isolation . \
    && /opt/sihe/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/sihe/lib

FROM ${PYTHON_IMAGE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Sihe" \
      org.opencontainers.image.description="Business suite: sales, purchasing, stock, accounting" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/sihe /opt/sihe
ENV PATH=/opt/sihe/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /opt/sihe
USER 65532:65532
HEALTHCHECK NONE
ENTRYPOINT ["python", "-m"]
CMD ["gateway.main", "serve"]
