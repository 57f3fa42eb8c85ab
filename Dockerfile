# Pinned by tag. A digest was not looked up for it; pin your registry's copy with
#   --build-arg NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim@sha256:...
ARG NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /build
COPY package.json package-lock.json ./
# The optional packages are Node itself, which the base image has.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    SALLYPORT_HEALTH_URL=http://127.0.0.1:9902/healthz
WORKDIR /opt/sallyport
COPY --from=dependencies /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY protos protos
COPY package.json LICENSE ./
# Where volumes go: sockets, rendered Envoy configuration, key store. Nothing else is written, so the root may be read-only.
# Mode 2770: what is created there belongs to the group that Envoy shares.
RUN install -d -o 10001 -g 10001 -m 2770 /run/sallyport /run/envoy \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/sallyport
USER 10001:10001
EXPOSE 9902
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["node", "-e", "fetch(process.env.SALLYPORT_HEALTH_URL).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--enable-source-maps", "dist/main.js"]
CMD ["serve", "--config", "/etc/sallyport/sallyport.yaml"]
