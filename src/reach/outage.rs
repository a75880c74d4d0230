//! Why a Redis did not serve, in words for `/readyz` and the log.

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// The reason, with what to do where that can be known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the sentences explain them")]
pub enum Outage {
    #[error("Redis does not answer in time")]
    NoAnswer,
    #[error("Redis cannot be reached")]
    Unreachable,
    #[error("Redis refuses the credentials, or its user may not do what is needed: see docs/operations.md")]
    Denied,
    #[error("Redis does not run scripts: allow EVALSHA and EVAL")]
    NoScripts,
    #[error("Redis is a read-only replica: point redis.url at the primary, or name its Sentinels")]
    ReadOnly,
    #[error("Redis is too old: version 5 or newer is needed")]
    TooOld,
    #[error("Redis is out of memory")]
    OutOfMemory,
    #[error("Redis is starting")]
    Starting,
    #[error("Redis answers nonsense")]
    Garbled,
    #[error("Redis answers with an error")]
    Failing,
    #[error("the Redis cluster is down, or nobody there serves some of its slots")]
    ClusterDown,
    #[error("this Redis is part of a cluster: write redis+cluster:// in redis.url")]
    Clustered,
    #[error("this Redis is no cluster: write redis:// in redis.url")]
    NoCluster,
    #[error("the Redis cluster is just moving the slot")]
    Moving,
    #[error("no Sentinel can be reached")]
    NoSentinel,
    #[error("the Sentinels know no master of the name in redis.url")]
    NoMaster,
}

impl Outage {
    /// Whether it says nothing of the server as a whole.
    pub(super) fn is_passing(self) -> bool {
        self == Self::Moving
    }
}

impl From<&RedisError> for Outage {
    fn from(error: &RedisError) -> Self {
        let server = error.clone().into_server_errors();
        let first = server.as_deref().and_then(|errors| errors.first()).map(|(_, error)| error);
        let code = first.map_or(error.code().unwrap_or_default(), |error| error.code());
        let detail = first.and_then(|error| error.details()).or(error.detail()).unwrap_or_default();
        let of_scripts = ["evalsha", "eval"].iter().any(|name| detail.to_ascii_lowercase().contains(name));
        match (error.kind(), code) {
            (ErrorKind::Io, _) => Self::Unreachable,
            (ErrorKind::Parse | ErrorKind::UnexpectedReturnType, _) => Self::Garbled,
            (_, "NOPERM") if of_scripts => Self::NoScripts,
            (_, "ERR") if of_scripts && detail.contains("unknown command") => Self::NoScripts,
            (ErrorKind::AuthenticationFailed, _) | (_, "NOAUTH" | "WRONGPASS" | "NOPERM") => Self::Denied,
            (ErrorKind::Server(ServerErrorKind::ReadOnly), _) | (_, "READONLY" | "MASTERDOWN") => Self::ReadOnly,
            (ErrorKind::Server(ServerErrorKind::BusyLoading), _) | (_, "LOADING") => Self::Starting,
            (_, "OOM") => Self::OutOfMemory,
            (_, "CLUSTERDOWN") => Self::ClusterDown,
            (_, "MOVED" | "ASK") => Self::Clustered,
            (_, "TRYAGAIN") => Self::Moving,
            _ if detail.contains("cluster support disabled") => Self::NoCluster,
            // Before version 5 a script that asked for the time could not write.
            _ if detail.contains("non deterministic") => Self::TooOld,
            // Before version 7 what fails within a script is told in the words of a general error.
            _ if detail.contains("READONLY") => Self::ReadOnly,
            _ if detail.contains("OOM") => Self::OutOfMemory,
            _ if detail.contains("can't run this command") || detail.contains("No permissions") => Self::Denied,
            _ => Self::Failing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_becomes_a_sentence_that_helps() {
        for (code, detail, wanted) in [
            ("NOPERM", "this user has no permissions to run the 'evalsha' command", Outage::NoScripts),
            ("NOPERM", "this user has no permissions to access one of the keys", Outage::Denied),
            ("ERR", "unknown command 'EVALSHA', with args beginning with: 'x'", Outage::NoScripts),
            ("ERR", "unknown command `EVALSHA`", Outage::NoScripts),
            ("ERR", "Write commands not allowed after non deterministic commands.", Outage::TooOld),
            ("ERR", "Error running script: -READONLY You can't write against a read only replica.", Outage::ReadOnly),
            ("ERR", "This instance has cluster support disabled", Outage::NoCluster),
            ("CLUSTERDOWN", "The cluster is down", Outage::ClusterDown),
            ("MOVED", "1 a:1", Outage::Clustered),
            ("WRONGPASS", "invalid username-password pair", Outage::Denied),
            ("ERR", "something else", Outage::Failing),
        ] {
            let error = redis::make_extension_error(code.to_owned(), Some(detail.to_owned()));
            assert_eq!(Outage::from(&error), wanted, "{code} {detail}");
        }
    }
}
