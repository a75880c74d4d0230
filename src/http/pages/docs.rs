//! The API's reference, read out of the OpenAPI document itself, so that the two cannot disagree.
//!
//! Reads what OpenAPI 3.1 may hold and passes over what it does not know; a document with holes
//! gives a page with holes, never an error.

mod schema;

use serde::Serialize;
use serde_json::{Map, Value};

use schema::{Kind, Member};

/// The reference as groups of routes, and the shapes they speak of.
#[derive(Clone, Debug, Serialize)]
pub struct DocsPage {
    title: String,
    version: String,
    intro: String,
    groups: Vec<Group>,
    shapes: Vec<Shape>,
}

#[derive(Clone, Debug, Serialize)]
struct Group {
    name: String,
    intro: String,
    routes: Vec<Route>,
}

#[derive(Clone, Debug, Serialize)]
struct Route {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    parameters: Vec<Parameter>,
    requests: Vec<Body>,
    responses: Vec<Response>,
}

#[derive(Clone, Debug, Serialize)]
struct Parameter {
    place: String,
    #[serde(flatten)]
    member: Member,
}

#[derive(Clone, Debug, Serialize)]
struct Body {
    media_type: String,
    kind: Kind,
    members: Vec<Member>,
}

#[derive(Clone, Debug, Serialize)]
struct Response {
    status: String,
    description: String,
    bodies: Vec<Body>,
}

#[derive(Clone, Debug, Serialize)]
struct Shape {
    name: String,
    description: String,
    kind: Kind,
    members: Vec<Member>,
}

const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

impl DocsPage {
    /// Reads the document.
    #[must_use]
    pub fn from_openapi(document: &Value) -> Self {
        Self {
            title: text(document, "/info/title"),
            version: text(document, "/info/version"),
            intro: text(document, "/info/description"),
            groups: groups(document),
            shapes: entries(document, "/components/schemas")
                .map(|(name, value)| Shape {
                    name: name.clone(),
                    description: text(value, "/description"),
                    kind: Kind::of(value),
                    members: schema::members(document, value),
                })
                .collect(),
        }
    }
}

/// Routes by their first tag; the tags in the order the document declares them, then as they come.
fn groups(document: &Value) -> Vec<Group> {
    let declared = document.pointer("/tags").and_then(Value::as_array).into_iter().flatten();
    let mut groups: Vec<Group> = declared
        .map(|tag| Group { name: text(tag, "/name"), intro: text(tag, "/description"), routes: Vec::new() })
        .collect();
    for (path, item) in entries(document, "/paths") {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let name = operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or("other");
            let route = route(document, path, method, item, operation);
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.routes.push(route),
                None => {
                    groups.push(Group { name: name.to_owned(), intro: String::new(), routes: vec![route] });
                }
            }
        }
    }
    groups.retain(|group| !group.routes.is_empty());
    groups
}

fn route(document: &Value, path: &str, method: &str, item: &Value, operation: &Value) -> Route {
    let slug: String = path.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).collect();
    let parameters = [item, operation].into_iter().filter_map(|owner| owner.get("parameters")?.as_array()).flatten();
    Route {
        id: format!("{method}{slug}"),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        summary: text(operation, "/summary"),
        description: text(operation, "/description"),
        parameters: parameters.map(|value| parameter(schema::resolve(document, value))).collect(),
        requests: bodies(document, operation.get("requestBody")),
        responses: entries(operation, "/responses")
            .map(|(status, value)| Response {
                status: status.clone(),
                description: text(schema::resolve(document, value), "/description"),
                bodies: bodies(document, Some(value)),
            })
            .collect(),
    }
}

fn parameter(value: &Value) -> Parameter {
    Parameter {
        place: text(value, "/in"),
        member: Member {
            name: text(value, "/name"),
            kind: value.get("schema").map(Kind::of).unwrap_or_default(),
            required: value.get("required").and_then(Value::as_bool).unwrap_or(false),
            description: text(value, "/description"),
        },
    }
}

/// What a request or an answer carries, one entry a media type. A named shape is only named: its
/// members stand once, at the end of the page.
fn bodies(document: &Value, owner: Option<&Value>) -> Vec<Body> {
    let Some(owner) = owner.map(|owner| schema::resolve(document, owner)) else { return Vec::new() };
    entries(owner, "/content")
        .map(|(media_type, content)| {
            let kind = content.get("schema").map(Kind::of).unwrap_or_default();
            let inline = content.get("schema").filter(|_| kind.shape.is_none());
            Body {
                media_type: media_type.clone(),
                members: inline.map(|value| schema::members(document, value)).unwrap_or_default(),
                kind,
            }
        })
        .collect()
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn entries<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn routes_are_grouped_by_tag_in_the_declared_order() {
        let page = DocsPage::from_openapi(&json!({
            "info": {"title": "T", "version": "1"},
            "tags": [{"name": "second"}, {"name": "first"}, {"name": "unused"}],
            "paths": {
                "/a/{id}": {
                    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
                    "get": {"tags": ["first"], "summary": "Read", "responses": {"200": {"description": "It",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}},
                    "delete": {"tags": ["loose"]},
                },
                "/b": {"post": {"tags": ["second"], "requestBody": {"content": {"application/json": {"schema":
                    {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}}}}}}},
            },
        }));
        let names: Vec<_> = page.groups.iter().map(|group| &*group.name).collect();
        assert_eq!(names, ["second", "first", "loose"]);
        let read = &page.groups[1].routes[0];
        assert_eq!((&*read.id, &*read.method, &*read.parameters[0].member.name), ("get-a--id-", "GET", "id"));
        assert_eq!(read.responses[0].bodies[0].kind.shape.as_deref(), Some("A"));
        let sent = &page.groups[0].routes[0].requests[0].members[0];
        assert!(sent.required && sent.name == "x" && sent.kind.words == "integer");
    }

    #[test]
    fn a_document_with_nothing_in_it_gives_an_empty_page() {
        for document in [json!(null), json!([]), json!({"paths": 3, "tags": {"a": 1}, "components": []})] {
            assert!(DocsPage::from_openapi(&document).groups.is_empty());
        }
    }
}
