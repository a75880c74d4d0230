//! How an operation of the store is said: once, with one `match` over the back ends made of it.

/// One `match` an operation, written once.
macro_rules! operations {
    ($($(#[$doc:meta])* fn $name:ident(&self $(, $arg:ident: $kind:ty)*) -> $out:ty;)*) => {
        impl Store {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// [`StoreError`], when the store gave no answer.
            pub async fn $name(&self $(, $arg: $kind)*) -> Result<$out, StoreError> {
                match self {
                    Self::Sqlite(store) => store.$name($($arg),*).await,
                    #[cfg(feature = "postgres")]
                    Self::Postgres(store) => store.$name($($arg),*).await,
                }
            }
        )*}
    };
}
