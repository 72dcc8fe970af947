//! A form as the wording fills it when it is first shown.

use super::{Topic, Typed};
use crate::advisory::{ThreatType, Wording};

impl Typed {
    /// The form of `topic` as the wording has it.
    pub fn from_wording(topic: Topic, wording: &Wording) -> Self {
        let (mut typed, content) = (Self::default(), &wording.content);
        match topic {
            Topic::About => {
                typed.put("title", &wording.title);
                typed.put("summary", &content.summary);
                typed.put("severity", wording.severity.code());
            }
            Topic::Classes => {
                typed.put("threat-type", content.threat_type.map_or("", ThreatType::code));
                content.categories.iter().for_each(|each| typed.put("category", each.code()));
                content.vectors.iter().for_each(|each| typed.put("vector", each.code()));
            }
            Topic::Platforms => typed.put_rows(&content.platforms, |platform| {
                vec![("platform", platform.name.clone()), ("versions", platform.versions.join("\n"))]
            }),
            Topic::Details => typed.put("details", &content.details),
            Topic::Updates => {
                for (row, update) in content.updates.iter().enumerate() {
                    typed.put(format!("date-{row}-day"), update.date.day().to_string());
                    typed.put(format!("date-{row}-month"), update.date.month().to_string());
                    typed.put(format!("date-{row}-year"), update.date.year().to_string());
                }
                typed.put_rows(&content.updates, |update| {
                    vec![("heading", update.title.clone()), ("text", update.text.clone())]
                });
            }
            Topic::Remediation => {
                typed.put("introduction", &content.remediation);
                typed.put_rows(&content.steps, |step| {
                    vec![
                        ("kind", step.kind.code().to_owned()),
                        ("step", step.text.clone()),
                        ("link", step.link.clone().unwrap_or_default()),
                    ]
                });
            }
            Topic::Traces => {
                let lines = |lines: Vec<String>| lines.join("\n");
                typed.put("indicators", lines(content.indicators.iter().map(ToString::to_string).collect()));
                typed.put("cves", lines(content.cves.iter().map(ToString::to_string).collect()));
            }
            Topic::Marking => {
                typed.put("tlp", wording.tlp.code());
                let source = content.source.as_ref();
                typed.put("source-name", source.map_or("", |source| &source.name));
                typed.put("source-url", source.map_or("", |source| &source.url));
            }
        }
        typed
    }
}
