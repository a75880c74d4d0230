//! API tokens: making, listing, ending them.

use std::time::Duration;

use super::{People, PeopleError, Right, people::name, token};
use crate::store::TokenRow;

impl People {
    /// Makes a token; the text is told this once.
    ///
    /// # Errors
    /// [`PeopleError`], the first rule that is broken.
    pub async fn add_token(
        &self,
        called: &str,
        scope: Right,
        holds_for: Option<Duration>,
        by: &str,
    ) -> Result<(String, TokenRow), PeopleError> {
        let now = self.clock.now();
        let (text, digest) = token::fresh().map_err(PeopleError::Random)?;
        let row = TokenRow {
            name: name(called)?,
            token: digest,
            scope: scope.scope().to_owned(),
            created_at: now,
            expires_at: holds_for.map(|span| now.plus(span)),
        };
        let added = self.store.add_token(row.clone(), by.to_owned()).await?;
        if added { Ok((text, row)) } else { Err(PeopleError::Taken) }
    }

    /// All tokens, by name; expired ones too, until they are revoked.
    ///
    /// # Errors
    /// The store's.
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, PeopleError> {
        Ok(self.store.tokens().await?)
    }

    /// Ends a token.
    ///
    /// # Errors
    /// [`PeopleError::Unknown`], or the store's.
    pub async fn revoke(&self, called: &str, by: &str) -> Result<(), PeopleError> {
        let gone = self.store.revoke_token(called.to_owned(), by.to_owned(), self.clock.now()).await?;
        if gone { Ok(()) } else { Err(PeopleError::Unknown) }
    }
}
