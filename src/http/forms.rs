//! The form routes: a comment posted as a plain HTML form, by our field names or WordPress's.
//!
//! Success is a 303 back to the article; a refusal is a page that keeps every typed word in a form
//! ready to send again. The pipeline is the same as for JSON.

mod fields;
mod target;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION},
    post,
    web::{Data, Payload, ServiceConfig},
};

use super::{
    Services,
    error::{Code, Problem, whole_seconds},
    extract::visitor,
    guard::{policy_framed_by, policy_with_forms_to},
    language,
    pages::{FieldFault, FormFailedPage, FormState, FormValues, ReceiptPage, Refusal, ReplyingTo},
    read, refusals, texts, threads,
};
use crate::{
    config::{AfterForm, Config, EmailRule, Site},
    domain::Tongue,
    intake::{Admitted, Entry, Submission, Visitor, locate},
    keys,
};
pub(super) use fields::Fields;
pub(super) use target::back_to;

/// The routes of this room.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(plain).service(wordpress);
}

/// Submit a comment as a form
///
/// The field names of the JSON route, and `lang` for the language of the answer, urlencoded or multipart. 303 to the
/// article; refused, an HTML page with the typed text kept.
#[utoipa::path(tag = "Public", request_body(content_type = "application/x-www-form-urlencoded", content = String),
    responses((status = 303, description = "Taken; back to the article"), (status = 200, description = "Taken; the receipt, where the site says so"),
        (status = 403, description = "Refused; HTML"), (status = 422, description = "Faults; HTML"), (status = 429, description = "Too many; HTML"), (status = 503, description = "Not stored; HTML")))]
#[post("/comments")]
async fn plain(request: HttpRequest, payload: Payload, services: Data<Services>) -> HttpResponse {
    take(&request, payload, &services).await
}

/// Submit a comment as a WordPress form
///
/// A theme's form works with only its `action` changed: `author`, `email`, `url`, `comment`,
/// `comment_post_ID`, `comment_parent`, `redirect_to`.
#[utoipa::path(tag = "Public", request_body(content_type = "application/x-www-form-urlencoded", content = String),
    responses((status = 303, description = "Taken; back to the article"), (status = 403, description = "Refused; HTML"), (status = 422, description = "Faults; HTML")))]
#[post("/wp-comments-post.php")]
async fn wordpress(request: HttpRequest, payload: Payload, services: Data<Services>) -> HttpResponse {
    take(&request, payload, &services).await
}

/// The body is read even from an address known to be over its limit: what was typed must come back.
async fn take(request: &HttpRequest, payload: Payload, services: &Services) -> HttpResponse {
    let config = services.live.get();
    let visitor = visitor(request, services);
    let read = read_fields(request, payload, config.server.max_body).await;
    let (fields, unread) = read.map_or_else(|problem| (Fields::default(), Some(problem)), |fields| (fields, None));
    let mut submission = fields.submission();
    let page = match unread {
        None => target::page_of(&fields, &config, &visitor, &services.publish).await,
        Some(problem) => Err(problem),
    };
    let page = page.map(|page| submission.page = page.map_or(Entry::Absent, Entry::Text));
    let tongue = language::settle(request, services, fields.first(&["lang"]), submission.page.text());
    let form =
        Posted { services, config: &config, visitor: &visitor, fields: &fields, submission: &submission, tongue };
    if let Err(problem) = page {
        return form.failed(&problem);
    }
    if let Some(problem) = fields.fault() {
        return form.failed(&problem);
    }
    match services.intake.submit(&submission, &visitor).await {
        Ok(admitted) => form.taken(&admitted),
        Err(refusal) => form.failed(&refusals::problem(&refusal)),
    }
}

async fn read_fields(request: &HttpRequest, payload: Payload, most: usize) -> Result<Fields, Problem> {
    let media = read::media_type(request);
    let (kind, charset) = media.ok_or_else(|| Problem::new(Code::UnsupportedMediaType))?;
    if !charset.as_deref().is_none_or(read::is_utf8) {
        return Err(Problem::new(Code::UnsupportedMediaType));
    }
    match kind.as_str() {
        "application/x-www-form-urlencoded" => Ok(Fields::urlencoded(&read::body(request, payload, most).await?)),
        "multipart/form-data" => {
            let boundary = request.headers().get("content-type").and_then(|value| value.to_str().ok());
            let boundary = boundary.and_then(|value| multer::parse_boundary(value).ok());
            let boundary = boundary.ok_or_else(|| Problem::new(Code::Malformed))?;
            Fields::multipart(read::body(request, payload, most).await?, boundary).await
        }
        _ => Err(Problem::new(Code::UnsupportedMediaType)),
    }
}

/// A form that was read, and whose sender is to be answered.
struct Posted<'a> {
    services: &'a Services,
    config: &'a Config,
    visitor: &'a Visitor,
    fields: &'a Fields,
    submission: &'a Submission,
    tongue: Tongue,
}

impl Posted<'_> {
    fn site(&self) -> Option<&Site> {
        locate(self.config, self.submission.page.text(), self.visitor).ok().map(|(site, _)| site)
    }

    /// The form stood on the page of comments, where its sender comes back to.
    fn is_on_thread(&self) -> bool {
        self.fields.first(&["view"]) == Some("thread")
    }

    /// What answers a form in a frame is read in that frame.
    fn admit_frame(&self, answer: &mut HttpResponseBuilder) {
        if let Some(site) = self.site().filter(|_| self.is_on_thread()) {
            answer.insert_header((CONTENT_SECURITY_POLICY, policy_framed_by(&site.origins)));
        }
    }

    fn taken(&self, admitted: &Admitted) -> HttpResponse {
        let Self { services, fields, submission, visitor, tongue, .. } = *self;
        if admitted.published {
            services.changed()
        } else {
            services.received()
        }
        let site = self.site();
        let to_thread = self.is_on_thread();
        let back = match to_thread {
            true => target::back_to_thread(submission.page.text(), fields.first(&["lang"]), admitted),
            false => back_to(site, fields.first(&["redirect_to"]), submission.page.text(), admitted, visitor),
        };
        if site.is_some_and(|site| site.after_form == AfterForm::Receipt) {
            let page = ReceiptPage { published: admitted.published, back_url: back, to_thread };
            let mut answer = HttpResponse::Ok();
            self.admit_frame(&mut answer);
            return match services.pages.receipt(tongue, &page) {
                Ok(html) => super::site::html(answer, html),
                Err(fault) => super::site::broken(&fault),
            };
        }
        HttpResponse::SeeOther()
            .insert_header((LOCATION, back))
            .insert_header((CACHE_CONTROL, "no-store"))
            .content_type("text/plain; charset=utf-8")
            .body(texts::say(tongue, "sent.on_the_way", &[]))
    }

    /// The refusal's page, with the status of the JSON route.
    fn failed(&self, problem: &Problem) -> HttpResponse {
        let site = self.site();
        let text = |name: &str| problem.extra.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        // What names no page of ours is text to correct, and no link.
        let back_url = site.and_then(|_| self.submission.page.filled()).map(|page| match self.is_on_thread() {
            true => threads::address(page, &[("lang", self.fields.first(&["lang"]))]),
            false => page.to_owned(),
        });
        let page = FormFailedPage {
            refusal: Refusal {
                status: problem.code.status(),
                detail: problem.detail(self.tongue),
                reference: text("reference"),
                contact: text("contact"),
                retry_after: problem.retry_after.map(whole_seconds),
            },
            form: self.again(problem, back_url.as_deref().unwrap_or("/")),
            back_url,
        };
        let mut answer = problem.builder();
        if let Some(site) = site {
            answer.insert_header((CONTENT_SECURITY_POLICY, policy_with_forms_to(&site.origins)));
        }
        self.admit_frame(&mut answer);
        match self.services.pages.form_failed(self.tongue, &page) {
            Ok(html) => super::site::html(answer, html),
            Err(fault) => super::site::broken(&fault),
        }
    }

    /// The form with everything that was typed, ready to be sent again.
    fn again(&self, problem: &Problem, cancel_url: &str) -> FormState {
        let Self { fields, submission, tongue, .. } = *self;
        let spent = matches!(problem.code, Code::CaptchaFailed | Code::CaptchaScoreLow);
        let replying_to = submission.parent.filled().filter(|parent| *parent != "0");
        let faults = problem.errors(tongue).into_iter();
        FormState {
            page: submission.page.text().to_owned(),
            title: submission.title.text().to_owned(),
            redirect_to: fields.first(&["redirect_to"]).unwrap_or_default().to_owned(),
            comment_post_id: submission.post_id.text().to_owned(),
            captcha: if spent { String::new() } else { submission.captcha.text().to_owned() },
            idempotency_key: key_to_send_again(submission, problem.code),
            // Said again even where nobody asked: the site of a corrected page may speak another.
            lang: tongue.tag().to_owned(),
            view: if self.is_on_thread() { "thread".to_owned() } else { String::new() },
            email_required: self.site().is_none_or(|site| site.email == EmailRule::Required),
            replying_to: replying_to.map(|parent| ReplyingTo {
                id: parent.to_owned(),
                name: String::new(),
                cancel_url: cancel_url.to_owned(),
            }),
            values: FormValues {
                body: submission.body.text().to_owned(),
                name: submission.name.text().to_owned(),
                email: submission.email.text().to_owned(),
                url: submission.url.text().to_owned(),
            },
            faults: faults.map(|fault| FieldFault { field: fault.field, message: fault.message }).collect(),
            review: problem.extra.get("review").is_some_and(|review| review == true),
        }
    }
}

/// The same key, since only what was taken is remembered under it; a new one where that is taken.
fn key_to_send_again(submission: &Submission, code: Code) -> String {
    match submission.idempotency_key() {
        Ok(Some(key)) if code != Code::IdempotencyKeyReused => key.to_owned(),
        _ => keys::random::<16>().map_or_else(|_none| String::new(), |bytes| keys::encode(&bytes)),
    }
}
