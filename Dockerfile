# docker build -t replydesk . && docker run -p 8080:8080 -v replydesk:/data replydesk
#
# Settings: mount a file at /etc/replydesk/replydesk.toml and name it in REPLYDESK_CONFIG, or give
# REPLYDESK__SECTION__KEY variables. Secrets belong in *_file keys or in the runtime's secrets, not here.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin replydesk && install -D target/release/replydesk /out/replydesk

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 replydesk \
    && useradd --system --uid 10001 --gid replydesk --home-dir /data --no-create-home --shell /usr/sbin/nologin replydesk \
    && install -d -o replydesk -g replydesk -m 0750 /data
COPY --from=build /out/replydesk /usr/local/bin/replydesk
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENV REPLYDESK__SERVER__LISTEN=0.0.0.0:8080 \
    REPLYDESK__STORE__URL=sqlite:/data/replydesk.db
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=5s CMD ["replydesk", "health", "http://127.0.0.1:8080"]
ENTRYPOINT ["replydesk"]
CMD ["serve"]
