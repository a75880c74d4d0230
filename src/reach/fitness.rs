//! Whether a Redis that serves will keep what it is given: what it says of itself, where it says anything.
//!
//! It is a caution and no outage. A server that does not let us ask is not suspected.

/// What an operator should know, from the answer to `INFO`.
pub(super) fn caution(info: &str) -> Option<String> {
    let value = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let policy = value("maxmemory_policy")?;
    let bounded = value("maxmemory").is_some_and(|most| most != "0");
    (bounded && policy != "noeviction").then(|| {
        format!(
            "Redis drops keys when its memory is full (maxmemory-policy {policy}), and limits and marks of spent tokens \
             with them: set noeviction, or give Replydesk a Redis of its own"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::caution;

    #[test]
    fn only_a_bounded_memory_with_a_policy_that_drops_is_worth_a_word() {
        let info = |most: &str, policy: &str| format!("# Memory\r\nmaxmemory:{most}\r\nmaxmemory_policy:{policy}\r\n");
        assert!(caution(&info("1000", "volatile-ttl")).unwrap().contains("(maxmemory-policy volatile-ttl)"));
        for fine in [info("0", "allkeys-lru"), info("1000", "noeviction"), String::new()] {
            assert_eq!(caution(&fine), None);
        }
    }
}
