//! What happens when it fails later.
