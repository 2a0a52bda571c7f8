# Image of PAM's workers and its command line for docker-compose.yml. Not built where this project is developed, which has
# no container engine; test/config/compose.test.ts checks what can be checked without one.

# The Pulumi CLI, from the pinned module in tools/pulumi.
# Images are pinned by exact version; pin them by digest as well where you can look one up.
FROM golang:1.26.0-bookworm AS pulumi
WORKDIR /build
COPY tools/pulumi ./
RUN CGO_ENABLED=0 go build -mod=readonly -trimpath \
    -ldflags '-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0' \
    -o /pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without TensorFlow's own library: in the image the LSTM trains on WebAssembly, which the training worker logs once.
RUN npm ci
COPY . .
RUN node_modules/.bin/tsc -p tsconfig.build.json && node tools/copyAssets.mjs && node dist/workers/bundle.js \
    && node tools/notices.mjs && npm prune --omit=dev

FROM node:20.20.2-bookworm-slim
WORKDIR /app
COPY --from=pulumi /pulumi /usr/local/bin/pulumi
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/bin bin
COPY --from=build /app/dist dist
COPY LICENSE ./
RUN mkdir /state /discovery && chown node:node /state /discovery
USER node
ENV PAM_PULUMI=/usr/local/bin/pulumi PAM_STATE=/state PAM_DISCOVERY_DIR=/discovery
ENTRYPOINT ["node"]
CMD ["bin/pam", "--help"]
