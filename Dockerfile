# docker build --tag wxp-lint . && docker run --rm --volume "$PWD:/repo" wxp-lint check
# To write (fix, prepare): --user "$(id -u):$(id -g)" besides, so that the files are yours.

# The tag follows security updates. For the same bytes each time, put the digest that your registry shows behind it.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY .ci/constraints.txt .ci/constraints.txt
COPY rules rules
COPY wxp_lint wxp_lint
# PIP_CONSTRAINT holds for the build's own tools too. Without pip in it the environment is smaller.
# hadolint does not see that the versions are pinned there.
ENV PIP_CONSTRAINT=/src/.ci/constraints.txt PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# hadolint ignore=DL3013
RUN python -m venv --without-pip /opt/wxp-lint \
    && pip --python /opt/wxp-lint/bin/python install '.[postgres]'

FROM python:3.13-slim
# Debian keeps only the newest git of a release, so its version cannot be pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    # The repository is mounted, and its owner is somebody else than the user of this image.
    && git config --system --add safe.directory '*' \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin wxp-lint
COPY --from=build /opt/wxp-lint /opt/wxp-lint
ENV PATH="/opt/wxp-lint/bin:$PATH" HOME=/tmp
USER 10001
WORKDIR /repo
ENTRYPOINT ["wxp-lint"]
CMD ["check"]
