//! An author's second thoughts: a changed text passes the same gates but the captcha; a comment can be
//! taken back. Both need the comment's edit token and end with the edit window.

use super::{
    DUPLICATE_FOR, Intake, Passage, Provenance, Refusal, Visitor, edit_token, gates::check_page, judge::rule,
    keep::shadowed,
};
use crate::{
    bans::{Author, link_hosts},
    captcha::{bands::Band, builtin::PREFIX},
    config::Site,
    domain::{
        BanMode, BodyText, CaptchaOutcome, CommentId, DisplayName, Draft, EmailAddress, Fault, PageIdentity, SiteId,
        Status, Verdict, Website,
    },
    keys::same,
    scoring::Copies,
    store::{Edit, Edited, OwnComment, StoreError, SurroundingsQuery},
    text::{Reading, Sketch},
};

/// Why a comment was not changed.
#[derive(Debug)]
pub enum ChangeRefused {
    /// There is no such comment.
    NotFound,
    /// The token is another comment's.
    WrongToken,
    /// Its time is over.
    TooLate,
    /// A moderator was faster.
    Conflict,
    /// A gate of submission.
    Gate(Refusal),
}

impl From<StoreError> for ChangeRefused {
    fn from(fault: StoreError) -> Self {
        Self::Gate(Refusal::Store(fault))
    }
}

impl Intake {
    /// The author's own comment, while its edit window is open.
    ///
    /// # Errors
    /// `NotFound`, `WrongToken`, or `TooLate` once the window is over.
    pub async fn own(&self, id: CommentId, token: &str) -> Result<OwnComment, ChangeRefused> {
        let own = self.store.own(id).await?.filter(|own| own.status != Status::Deleted);
        let own = own.ok_or(ChangeRefused::NotFound)?;
        if !same(token.as_bytes(), edit_token(&self.keys, id).as_bytes()) {
            return Err(ChangeRefused::WrongToken);
        }
        if self.clock.now() >= own.edit_until {
            return Err(ChangeRefused::TooLate);
        }
        Ok(own)
    }

    /// Takes a comment back.
    ///
    /// # Errors
    /// As [`Intake::own`], and `Gate` for a foreign origin.
    pub async fn withdraw(&self, id: CommentId, token: &str, visitor: &Visitor) -> Result<OwnComment, ChangeRefused> {
        let own = self.own(id, token).await?;
        let config = self.live.get();
        let foreign = |site: &Site| visitor.provenance(site, &config.server.public_url) == Provenance::Foreign;
        if config.sites.iter().any(|site| site.id.as_str() == own.page.site && foreign(site)) {
            return Err(ChangeRefused::Gate(Refusal::Origin));
        }
        self.store.withdraw(id, self.clock.now()).await?;
        self.near.forget(id);
        Ok(own)
    }

    /// Gives a comment a new text, scored and judged as a new one would be.
    ///
    /// # Errors
    /// See [`ChangeRefused`].
    pub async fn edit(
        &self,
        id: CommentId,
        token: &str,
        text: &str,
        visitor: &Visitor,
    ) -> Result<OwnComment, ChangeRefused> {
        let own = self.own(id, token).await?;
        let config = self.live.get();
        let site = config.sites.iter().find(|site| site.id.as_str() == own.page.site);
        let site = site.ok_or(ChangeRefused::Gate(Refusal::Closed))?;
        let body = BodyText::parse(text, site.body_min, site.body_max);
        let draft = body.and_then(|body| draft_of(&own, body)).map_err(|fault| Refusal::Invalid(vec![fault]));
        let passage =
            self.pass_gates(site, draft.map_err(ChangeRefused::Gate)?, &own, visitor, &config.server.public_url);
        let passage = passage.await.map_err(ChangeRefused::Gate)?;
        let over = self.ceilings(&passage).await;
        let card = self.score(&passage, own.captcha.outcome, &over, None);
        let ruling = rule(&passage, &card, (band_of(own.captcha.outcome), None), &over, 1.0);
        let status = match (own.status, ruling.verdict) {
            (Status::Approved, Verdict::Publish) => Status::Approved,
            (_, Verdict::Spam) => Status::Spam,
            (_, Verdict::Reject) => Status::Rejected,
            (_, Verdict::Publish | Verdict::Hold) => Status::Pending,
        };
        let body = passage.draft.body.as_str().to_owned();
        let mut signals = card.signals;
        signals.extend(shadowed(passage.ban));
        signals.extend(own.signals.iter().filter(|signal| signal.name.starts_with(PREFIX)).cloned());
        let member = passage.member();
        let edit = Edit {
            id,
            seen_version: own.version,
            body,
            sketch: passage.sketch.map(Sketch::bits),
            cluster: member.and_then(|member| self.near.cluster(&member)),
            status,
            risk: card.risk,
            verdict: ruling.verdict,
            signals,
            now: passage.now,
        };
        match self.store.edit(edit).await? {
            Edited::Stored(_) => {
                self.near.forget(id);
                if let Some(member) = member {
                    self.near.admit(member);
                }
                self.store.own(id).await?.ok_or(ChangeRefused::NotFound)
            }
            Edited::Conflict => Err(ChangeRefused::Conflict),
            Edited::Gone => Err(ChangeRefused::NotFound),
        }
    }

    /// The gates of submission, from the origin to the author's bans.
    async fn pass_gates<'a>(
        &self,
        site: &'a Site,
        draft: Draft,
        own: &OwnComment,
        visitor: &'a Visitor,
        public_url: &str,
    ) -> Result<Passage<'a>, Refusal> {
        let now = self.clock.now();
        let (provenance, of_address) = self.at_the_door(site, visitor, public_url, now)?;
        let named = visitor.client.named(&self.keys, now);
        self.charge(site, visitor, &named, false, now).await?;
        let reading = Reading::of(draft.body.as_str());
        let query = SurroundingsQuery {
            page: draft.page.clone(),
            parent: None,
            duplicate: [0; 32],
            duplicate_since: now.minus(DUPLICATE_FOR),
            author: own.proven.then_some(own.author),
            email_key: own.email_key,
            // An author who mends their text sends no more comments by it.
            lately_since: now,
            networks: [named.network.clone(), visitor.client.network_key_before(&self.keys, now)],
            now,
        };
        let around = self.store.surroundings(query).await?;
        check_page(site, &Draft { parent: None, ..draft.clone() }, &around, now)?;
        let hosts = link_hosts(&reading.links, draft.url.as_ref().map(Website::as_str));
        let links = hosts.len();
        let author = || Author::new(draft.name.as_str(), draft.email.as_ref(), hosts);
        let ban = of_address.max(self.roster.load().of_author(&site.id, author, now));
        if ban == Some(BanMode::Refuse) {
            return Err(Refusal::Banned);
        }
        let mut passage = Passage {
            id: own.id,
            site,
            visitor,
            now,
            email_key: own.email_key,
            network_key: named.network,
            duplicate: [0; 32],
            sketch: Sketch::of_read(draft.body.as_str(), &reading.folded),
            draft,
            provenance,
            around,
            reading,
            ban,
            honeypot: false,
            links,
            network_rate: 0.0,
            copies: Copies::default(),
        };
        passage.copies = self.copies(&passage);
        Ok(passage)
    }
}

fn draft_of(own: &OwnComment, body: BodyText) -> Result<Draft, Fault> {
    let (site, key, url) = (SiteId::new(&own.page.site), own.page.key.clone(), own.page.url.clone());
    Ok(Draft {
        page: PageIdentity { site, key, url },
        title: None,
        name: DisplayName::parse(&own.name)?,
        email: EmailAddress::parse(own.email.as_deref().unwrap_or_default())?,
        url: Website::parse(own.url.as_deref().unwrap_or_default())?,
        body,
        parent: own.parent,
        author: own.proven.then_some(own.author),
    })
}

/// The captcha's part as it was when the comment came.
fn band_of(outcome: CaptchaOutcome) -> Band {
    match outcome {
        CaptchaOutcome::Pass => Band::Pass,
        CaptchaOutcome::Low => Band::Low,
        CaptchaOutcome::Missing => Band::Missing,
        CaptchaOutcome::Unverified => Band::Unverified,
        CaptchaOutcome::Off => Band::Off,
    }
}
