//! What readers do with an approved comment: like it, or tell the moderators about it.

use super::{Intake, Provenance, Refusal, Visitor, meters::Metered};
use crate::{
    domain::{CommentId, Fault, FaultCode},
    keys::Purpose,
    limit,
};

/// Most characters of a report's reason.
const REASON_MAX: usize = 500;

impl Intake {
    /// Keeps a reader's like, or takes it back; the count that stands, none where nothing is shown under
    /// this id. Repeating changes nothing.
    ///
    /// # Errors
    /// `Origin`, `Waiting` over the limit, `Store`.
    pub async fn like(&self, id: CommentId, liked: bool, visitor: &Visitor) -> Result<Option<u64>, Refusal> {
        let Some(reader) = self.reader(id, visitor).await? else { return Ok(None) };
        Ok(self.store.like(id, reader, liked, self.clock.now()).await?)
    }

    /// Keeps a reader's report; false where nothing is shown under this id. One a reader counts, the last.
    /// A report takes nothing from the page by itself.
    ///
    /// # Errors
    /// `Invalid` for a missing or too long reason, `Origin`, `Waiting` over the limit, `Store`.
    pub async fn report(&self, id: CommentId, reason: &str, visitor: &Visitor) -> Result<bool, Refusal> {
        let reason = reason.trim();
        let fault = match reason.chars().count() {
            0 => Some(Fault::new("reason", FaultCode::Required)),
            n if n > REASON_MAX => Some(Fault::bound("reason", FaultCode::TooLong, REASON_MAX)),
            _ if reason.contains('\0') => Some(Fault::new("reason", FaultCode::Invalid)),
            _ => None,
        };
        if let Some(fault) = fault {
            return Err(Refusal::Invalid(vec![fault]));
        }
        let Some(reader) = self.reader(id, visitor).await? else { return Ok(false) };
        Ok(self.store.report(id, reader, reason.to_owned(), self.clock.now()).await?)
    }

    /// The reader's key for this comment, once the gates are passed; none where nothing is shown.
    async fn reader(&self, id: CommentId, visitor: &Visitor) -> Result<Option<[u8; 32]>, Refusal> {
        let config = self.live.get();
        let Some((page, _)) = self.store.shown(id).await? else { return Ok(None) };
        let Some(site) = config.sites.iter().find(|site| site.id.as_str() == page.site) else { return Ok(None) };
        if visitor.provenance(site, &config.server.public_url) == Provenance::Foreign {
            return Err(Refusal::Origin);
        }
        if !limit::allowed(&site.limits, visitor.client.address) {
            let key = visitor.client.address_key(&self.keys, self.clock.now());
            self.meters.charge(&site.id, Metered::Reaction, &key).map_err(Refusal::Waiting)?;
        }
        let range = visitor.client.address_range().to_string();
        Ok(Some(self.keys.tag(Purpose::Reader, &[range.as_bytes()])))
    }
}
