//! The gates before the captcha: fields, origin, bans, limits, page, parent, duplicate.
//!
//! Nothing here asks a network but a shared limiter and the store, once each. What passes is a
//! [`Passage`]; how it is judged is not known here.

use super::{DUPLICATE_FOR, Intake, LATELY, Nowhere, Passage, Provenance, Refusal, Submission, Visitor, submission};
use crate::{
    bans::{Author, link_hosts},
    captcha::pressure::Pressure,
    config::{Config, Provider, Site},
    domain::{BanMode, CommentId, Draft, PageIdentity, SiteId, Timestamp, Website},
    keys::Purpose,
    limit::{self, Admission},
    net::Named,
    scoring::Copies,
    store::{Surroundings, SurroundingsQuery},
    text::{Reading, Sketch},
};

impl Intake {
    pub(super) fn check_fields<'a>(
        &self,
        submission: &Submission,
        located: Result<(&'a Site, PageIdentity), Nowhere>,
        presumed: Option<&Site>,
    ) -> Result<(&'a Site, Draft), Refusal> {
        let (site, page, foreign) = match located {
            Ok((site, page)) => (Some(site), Ok(page), false),
            Err(Nowhere::Fault(fault)) => (None, Err(fault), false),
            // The fields are told first; a stand-in keeps the page from being told twice.
            Err(Nowhere::ForeignHost) => (None, Ok(nowhere()), true),
        };
        let draft = submission.draft(page, site.or(presumed), &self.keys).map_err(Refusal::Invalid)?;
        match site {
            Some(site) if !foreign => Ok((site, draft)),
            _ => Err(Refusal::Origin),
        }
    }

    /// Everything up to the captcha: origin, bans, limits, page, parent, duplicate.
    pub(super) async fn look_around<'a>(
        &self,
        config: &Config,
        site: &'a Site,
        draft: Draft,
        submission: &Submission,
        visitor: &'a Visitor,
    ) -> Result<Passage<'a>, Refusal> {
        let now = self.clock.now();
        let (provenance, of_address) = self.at_the_door(site, visitor, &config.server.public_url, now)?;
        let named = visitor.client.named(&self.keys, now);
        let without_token = site.captcha.provider != Provider::None && submission.captcha.filled().is_none();
        self.charge(site, visitor, &named, without_token, now).await?;
        let network_rate = self.pressure(site, &draft.page.key, visitor, &named.network, now).network;

        let email_key = draft.email.as_ref().map(|email| submission::email_key(&self.keys, email));
        let reading = Reading::of(draft.body.as_str());
        let sketch = Sketch::of_read(draft.body.as_str(), &reading.folded);
        let duplicate = self.duplicate_key(&draft, email_key, visitor);
        let query = SurroundingsQuery {
            page: draft.page.clone(),
            parent: draft.parent,
            duplicate,
            duplicate_since: now.minus(DUPLICATE_FOR),
            author: draft.author,
            email_key,
            lately_since: now.minus(LATELY),
            networks: [named.network.clone(), visitor.client.network_key_before(&self.keys, now)],
            now,
        };
        let around = self.store.surroundings(query).await?;
        check_page(site, &draft, &around, now)?;

        let hosts = link_hosts(&reading.links, draft.url.as_ref().map(Website::as_str));
        let links = hosts.len();
        let author = || Author::new(draft.name.as_str(), draft.email.as_ref(), hosts);
        let ban = of_address.max(self.roster.load().of_author(&site.id, author, now));
        if ban == Some(BanMode::Refuse) {
            return Err(Refusal::Banned);
        }
        if around.duplicate {
            return Err(Refusal::Duplicate);
        }
        let honeypot = submission.contact_ref.filled().is_some();
        let mut passage = Passage {
            id: CommentId::new(now),
            site,
            visitor,
            draft,
            now,
            email_key,
            network_key: named.network,
            duplicate,
            sketch,
            provenance,
            around,
            reading,
            ban,
            honeypot,
            links,
            network_rate,
            copies: Copies::default(),
        };
        passage.copies = self.copies(&passage);
        Ok(passage)
    }

    /// What needs no look at the text: where it comes from, and whether its address is banned.
    pub(super) fn at_the_door(
        &self,
        site: &Site,
        visitor: &Visitor,
        public_url: &str,
        now: Timestamp,
    ) -> Result<(Provenance, Option<BanMode>), Refusal> {
        let provenance = visitor.provenance(site, public_url);
        if provenance == Provenance::Foreign {
            return Err(Refusal::Origin);
        }
        match self.roster.load().of_address(&site.id, visitor.client.address, now) {
            Some(BanMode::Refuse) => Err(Refusal::Banned),
            milder => Ok((provenance, milder)),
        }
    }

    /// Counts one more of the visitor's network and of the site. A network that is never limited, such as
    /// the newsroom's own gateway, is under no pressure and puts none on the site.
    pub(super) fn pressure(
        &self,
        site: &Site,
        page_key: &str,
        visitor: &Visitor,
        network_key: &str,
        now: Timestamp,
    ) -> Pressure {
        if limit::allowed(&site.limits, visitor.client.address) {
            return Pressure::default();
        }
        let attack = self.attacks.on(&site.id, page_key, now);
        self.rates.count(site, network_key, attack, now)
    }

    /// How often nearly the same has come lately.
    pub(super) fn copies(&self, passage: &Passage<'_>) -> Copies {
        passage.member().map(|member| self.near.copies(&member)).unwrap_or_default()
    }

    /// Charges all refusing buckets together, or none of them.
    pub(super) async fn charge(
        &self,
        site: &Site,
        visitor: &Visitor,
        named: &Named,
        without_token: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if limit::allowed(&site.limits, visitor.client.address) {
            return Ok(());
        }
        let mut charge = limit::refusing(&site.limits, &named.address, &named.network, without_token);
        // A refusal is remembered across sites only where it holds on all of them.
        charge.remembered &= limit::limits_alike(&self.live.get().sites);
        match self.limiter.admit(&charge).await {
            Admission::Granted(_) => Ok(()),
            Admission::Refused { rule, retry_after, standing } => {
                self.metrics.limited(rule.as_str());
                self.note_refusal(site, &named.network, now);
                Err(Refusal::Limited { wait: retry_after, standing })
            }
            Admission::Unavailable => Err(Refusal::Busy),
        }
    }

    /// The same words of the same email from the same network on the same page, whichever epoch the
    /// network's rotating key is in. Rows under it are dropped after a day.
    pub(super) fn duplicate_key(&self, draft: &Draft, email_key: Option<i64>, visitor: &Visitor) -> [u8; 32] {
        let network = visitor.client.network().to_string();
        self.keys.tag(
            Purpose::Duplicate,
            &[
                draft.page.site.as_str().as_bytes(),
                draft.page.key.as_bytes(),
                &email_key.unwrap_or(0).to_be_bytes(),
                network.as_bytes(),
                draft.body.normalised().as_bytes(),
            ],
        )
    }
}

/// A page that stands for none, while the fields are looked at.
fn nowhere() -> PageIdentity {
    PageIdentity { site: SiteId::new(""), key: String::new(), url: String::new() }
}

pub(super) fn check_page(site: &Site, draft: &Draft, around: &Surroundings, now: Timestamp) -> Result<(), Refusal> {
    if around.page.as_ref().is_some_and(|page| page.closed || site.moderation.is_over(page.first_at, now)) {
        return Err(Refusal::Closed);
    }
    match (draft.parent, around.parent) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(Refusal::ParentNotFound),
        (Some(_), Some((_, depth))) if depth >= site.max_depth => Err(Refusal::TooDeep),
        (Some(_), Some(_)) => Ok(()),
    }
}
