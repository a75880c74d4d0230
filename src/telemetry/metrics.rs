//! Every counter, gauge and histogram by name, in one registry that is a value.

use std::time::Duration;

use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{
    Tally,
    labels::{Answer, CaptchaSeen, Kind, Limit, Outcome, Provider, SiteCause, SiteProvider, Way, What, Why},
};

/// How many pages of a site, or the site, are under attack for one cause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttackState {
    /// The site's id.
    pub site: String,
    /// `ceiling`, `refusals` or `hand`.
    pub cause: &'static str,
    /// How many.
    pub count: i64,
}

/// How a site's outside captcha provider does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProviderState {
    /// The site's id.
    pub site: String,
    /// The provider's name.
    pub provider: &'static str,
    /// 0 it answers, 1 it refuses the settings, 2 it is out.
    pub state: i64,
}

type Latency = Family<Outcome, Histogram>;

/// What the caller measures at the moment of being asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gauges {
    /// Jobs that wait for the store.
    pub store_backlog: i64,
    /// Charges that went to the in-process limiter because Redis was out.
    pub limit_fallbacks: i64,
    /// The settings on disk are in force: 1, or 0 where they are faulty.
    pub config_ok: i64,
    /// Version of the settings in force.
    pub config_version: i64,
    /// Instances that serve the store now.
    pub instances: i64,
    /// Those of them that run other settings or another program than this one.
    pub instances_differ: i64,
}

/// All metrics of one process.
pub struct Metrics {
    registry: Registry,
    submissions: Family<Outcome, Counter>,
    captcha: Family<CaptchaSeen, Counter>,
    captcha_unverified: Family<Why, Counter>,
    captcha_rechecks: Family<Outcome, Counter>,
    captcha_seconds: Family<Provider, Histogram>,
    captcha_provider: Family<SiteProvider, Gauge>,
    limited: Family<Limit, Counter>,
    decisions: Family<Outcome, Counter>,
    lessons: Family<Kind, Counter>,
    lessons_waiting: Gauge,
    dropped: Family<What, Counter>,
    wakes: Family<Way, Counter>,
    answers: Family<Answer, Counter>,
    latency: Latency,
    store_backlog: Gauge,
    limit_fallbacks: Gauge,
    config_ok: Gauge,
    config_version: Gauge,
    attacks: Family<SiteCause, Gauge>,
    instances: Gauge,
    instances_differ: Gauge,
    /// Connections that are open.
    pub connections: Gauge,
    /// Connections that were closed at once, because their client held too many.
    pub connections_refused: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("replydesk"),
            submissions: Family::default(),
            captcha: Family::default(),
            captcha_unverified: Family::default(),
            captcha_rechecks: Family::default(),
            captcha_seconds: Family::new_with_constructor(|| {
                Histogram::new([0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0])
            }),
            captcha_provider: Family::default(),
            limited: Family::default(),
            decisions: Family::default(),
            lessons: Family::default(),
            lessons_waiting: Gauge::default(),
            dropped: Family::default(),
            wakes: Family::default(),
            answers: Family::default(),
            latency: Family::new_with_constructor(|| {
                Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0])
            }),
            store_backlog: Gauge::default(),
            limit_fallbacks: Gauge::default(),
            config_ok: Gauge::default(),
            config_version: Gauge::default(),
            attacks: Family::default(),
            instances: Gauge::default(),
            instances_differ: Gauge::default(),
            connections: Gauge::default(),
            connections_refused: Counter::default(),
        };
        metrics.register();
        metrics.begin_at_zero();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("submissions", "Submissions by what became of them", self.submissions.clone());
        registry.register("captcha", "Captcha checks by provider and outcome", self.captcha.clone());
        registry.register(
            "captcha_unverified",
            "Tokens that nobody could verify, by the trouble",
            self.captcha_unverified.clone(),
        );
        registry.register(
            "captcha_rechecks",
            "Second checks of comments held unverified, by outcome",
            self.captcha_rechecks.clone(),
        );
        registry.register("captcha_seconds", "Time to a captcha provider's answer", self.captcha_seconds.clone());
        registry.register(
            "captcha_provider",
            "How a site's captcha provider does: 0 answers, 1 refuses the settings, 2 out",
            self.captcha_provider.clone(),
        );
        registry.register("rate_limited", "Refusals by the rule that refused", self.limited.clone());
        registry.register("decisions", "Moderators' decisions by the status they led to", self.decisions.clone());
        registry.register("lessons", "Lessons that the models took in, by kind", self.lessons.clone());
        registry.register("lessons_waiting", "Lessons not taken in yet", self.lessons_waiting.clone());
        registry.register("dropped", "What went because its time was over, by what it was", self.dropped.clone());
        registry.register("wakes", "Times that other instances said it is time to look", self.wakes.clone());
        registry.register("http_answers", "Answers by route and status", self.answers.clone());
        registry.register("http_seconds", "Time to an answer by kind of request", self.latency.clone());
        registry.register("store_backlog", "Writes that wait", self.store_backlog.clone());
        registry.register(
            "limit_fallbacks",
            "Charges taken in the process while Redis was out",
            self.limit_fallbacks.clone(),
        );
        registry.register("config_ok", "1 while the settings on disk are the ones in force", self.config_ok.clone());
        registry.register(
            "config_version",
            "Grows with every reload that changed something",
            self.config_version.clone(),
        );
        registry.register("attacks", "Pages and sites under attack, by site and cause", self.attacks.clone());
        registry.register("instances", "Instances that serve the store now", self.instances.clone());
        let differ = "Instances that run other settings or another program than this one";
        registry.register("instances_differ", differ, self.instances_differ.clone());
        registry.register("connections", "Connections that are open", self.connections.clone());
        let refused = "Connections closed at once, because their client held too many";
        registry.register("connections_refused", refused, self.connections_refused.clone());
    }

    /// What alerts watch for is told before it happens: of a counter that appears with its first count nobody can say how
    /// it grew.
    fn begin_at_zero(&self) {
        for outcome in ["published", "queued", "unavailable", "rate_limited"] {
            drop(self.submissions.get_or_create(&Outcome { outcome }));
        }
        drop(self.captcha_rechecks.get_or_create(&Outcome { outcome: "too_late" }));
        for what in ["spam", "rejected"] {
            drop(self.dropped.get_or_create(&What { what }));
        }
    }

    /// Counts a submission by its outcome.
    pub fn submission(&self, outcome: &'static str) {
        self.submissions.get_or_create(&Outcome { outcome }).inc();
    }
    /// Counts a captcha check.
    pub fn captcha(&self, provider: &'static str, outcome: &'static str) {
        self.captcha.get_or_create(&CaptchaSeen { provider, outcome }).inc();
    }
    /// Counts a captcha token that nobody could verify.
    pub fn unverified(&self, why: &'static str) {
        self.captcha_unverified.get_or_create(&Why { why }).inc();
    }
    /// Counts a second check.
    pub fn rechecked(&self, outcome: &'static str) {
        self.captcha_rechecks.get_or_create(&Outcome { outcome }).inc();
    }
    /// Notes how long a captcha provider took.
    pub fn provider_took(&self, provider: &'static str, took: Duration) {
        self.captcha_seconds.get_or_create(&Provider { provider }).observe(took.as_secs_f64());
    }
    /// Counts a refusal by the limiter.
    pub fn limited(&self, rule: &'static str) {
        self.limited.get_or_create(&Limit { rule }).inc();
    }
    /// Counts a decision by the status it led to.
    pub fn decided(&self, outcome: &'static str) {
        self.decisions.get_or_create(&Outcome { outcome }).inc();
    }
    /// The same for so many at once.
    pub fn decided_many(&self, outcome: &'static str, count: u64) {
        self.decisions.get_or_create(&Outcome { outcome }).inc_by(count);
    }
    /// Counts a lesson that the models took in.
    pub fn lesson(&self, kind: &'static str) {
        self.lessons.get_or_create(&Kind { kind }).inc();
    }
    /// Counts what went because its time was over.
    pub fn dropped(&self, what: &'static str, count: u64) {
        self.dropped.get_or_create(&What { what }).inc_by(count);
    }
    /// Notes how many lessons are in the store and in no model.
    pub fn lessons_waiting(&self, count: i64) {
        self.lessons_waiting.set(count);
    }
    /// Counts a ring of another instance by the way it came.
    pub fn woken(&self, by: &'static str) {
        self.wakes.get_or_create(&Way { by }).inc();
    }
    /// Counts an answer and its time; `route` is the pattern, never the path.
    pub fn answered(&self, route: &str, status: u16, reads: bool, took: Duration) {
        self.tally(route, status, reads).answered(took);
    }
    /// What counts answers of one route with one status.
    #[must_use]
    pub fn tally(&self, route: &str, status: u16, reads: bool) -> Tally {
        let outcome = if reads { "read" } else { "write" };
        let answers = self.answers.get_or_create(&Answer { route: route.to_owned(), status }).clone();
        Tally::new(answers, self.latency.get_or_create(&Outcome { outcome }).clone())
    }
    /// The Prometheus text form (OpenMetrics), with these gauges.
    #[must_use]
    pub fn text(&self, gauges: Gauges, providers: &[ProviderState], attacks: &[AttackState]) -> String {
        // A site that a reload took away is told no more.
        self.captcha_provider.clear();
        for ProviderState { site, provider, state } in providers {
            self.captcha_provider.get_or_create(&SiteProvider { site: site.clone(), provider }).set(*state);
        }
        self.store_backlog.set(gauges.store_backlog);
        self.limit_fallbacks.set(gauges.limit_fallbacks);
        self.config_ok.set(gauges.config_ok);
        self.config_version.set(gauges.config_version);
        self.attacks.clear();
        for AttackState { site, cause, count } in attacks {
            self.attacks.get_or_create(&SiteCause { site: site.clone(), cause }).set(*count);
        }
        self.instances.set(gauges.instances);
        self.instances_differ.set(gauges.instances_differ);
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            tracing::error!("metrics could not be written");
        }
        text
    }
}
