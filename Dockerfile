# docker build -t replydesk . && docker run --read-only -p 127.0.0.1:8080:8080 -v replydesk:/data replydesk
#
# Settings: mount a folder with replydesk.toml at /etc/replydesk and name the file in REPLYDESK_CONFIG, or give
# REPLYDESK__SECTION__KEY variables. Secrets belong in *_file keys or in the runtime's secrets, not here.
#
# The image is one static program, certificates of authorities, the names of its user, and two empty folders. There is no
# shell in it. scripts/image-check builds and runs the same files without Docker.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN deploy/image/lay-out "$(deploy/image/build)" /out

FROM scratch
COPY --from=build /out /
USER 10001:10001
# The store that is set by default, data/replydesk.db, is then in the volume.
WORKDIR /
VOLUME /data
EXPOSE 8080
ENV PATH=/usr/local/bin \
    REPLYDESK__SERVER__LISTEN=0.0.0.0:8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s CMD ["replydesk", "health", "http://127.0.0.1:8080"]
ENTRYPOINT ["replydesk"]
CMD ["serve"]
