//! A form that came back, made part of the wording; what cannot be taken is a problem at its field.

use formats::{CveId, Tlp, indicator};
use jiff::civil::Date;
use platform::web::form::Problems;

use super::{Topic, Typed};
use crate::advisory::{
    Category, Link, Platform, Proposed, Severity, Step, StepKind, Update, Vector, Wording,
    content::{LONGEST_TEXT, MOST_ROWS, is_link},
};

impl Typed {
    /// Writes the form of `topic` into `wording`; what cannot be taken is a problem, and is left out.
    pub fn write_into(&self, topic: Topic, wording: &mut Wording, problems: &mut Problems) {
        match topic {
            Topic::About => self.write_about(wording, problems),
            Topic::Classes => {
                let content = &mut wording.content;
                content.threat_type = self.one("threat-type").parse().ok();
                if content.threat_type.is_none() {
                    problems.push("threat-type", "Select what kind of threat it is");
                }
                content.categories = chosen(Category::ALL, self.all("category"));
                content.vectors = chosen(Vector::ALL, self.all("vector"));
            }
            Topic::Platforms => self.write_platforms(wording, problems),
            Topic::Details => {
                let details = problems.optional_text(
                    "details",
                    self.one("details"),
                    LONGEST_TEXT,
                    "the threat details",
                );
                wording.content.details = details.unwrap_or_default();
            }
            Topic::Updates => self.write_updates(wording, problems),
            Topic::Remediation => self.write_remediation(wording, problems),
            Topic::Traces => self.write_traces(wording, problems),
            Topic::Marking => self.write_marking(wording, problems),
        }
    }

    fn write_about(&self, wording: &mut Wording, problems: &mut Problems) {
        wording.title = problems.text("title", self.one("title"), 200, "a title").unwrap_or_default();
        let summary = problems.text("summary", self.one("summary"), 2_000, "a summary");
        wording.content.summary = summary.unwrap_or_default();
        match self.one("severity").parse::<Severity>() {
            Ok(severity) => {
                wording.severity = severity;
                wording.content.decide(Proposed::Severity);
            }
            Err(_) => problems.push("severity", "Select a severity"),
        }
    }

    fn write_platforms(&self, wording: &mut Wording, problems: &mut Problems) {
        let mut platforms = Vec::new();
        for row in 0..self.rows() {
            let (name, versions) = (self.cell("platform", row).trim(), self.cell("versions", row));
            let versions: Vec<_> =
                versions.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
            if name.is_empty() && versions.is_empty() {
                continue;
            }
            if name.is_empty() || name.chars().count() > 200 {
                problems
                    .push(format!("platform-{row}"), "Enter the platform's name, in 200 characters or fewer");
            }
            if versions.iter().any(|version| version.chars().count() > 200) {
                problems
                    .push(format!("versions-{row}"), "Each line of versions must be 200 characters or fewer");
            }
            platforms.push(Platform { name: name.to_owned(), versions });
        }
        wording.content.platforms = platforms;
    }

    fn write_updates(&self, wording: &mut Wording, problems: &mut Problems) {
        let mut updates = Vec::new();
        for row in 0..self.rows() {
            let [heading, text] = ["heading", "text"].map(|name| self.cell(name, row).trim());
            if heading.is_empty() && text.is_empty() {
                continue;
            }
            if heading.is_empty() || heading.chars().count() > 200 {
                problems.push(format!("heading-{row}"), "Enter a heading of 200 characters or fewer");
            }
            if text.is_empty() || text.chars().count() > LONGEST_TEXT {
                problems.push(format!("text-{row}"), "Enter what became known");
            }
            let date = self.date_of(row, problems);
            updates.extend(date.map(|date| Update {
                date,
                title: heading.to_owned(),
                text: text.to_owned(),
            }));
        }
        updates.sort_by_key(|update| update.date);
        wording.content.updates = updates;
    }

    /// The day of an update's row.
    fn date_of(&self, row: usize, problems: &mut Problems) -> Option<Date> {
        let typed = ["day", "month", "year"].map(|part| self.one(&format!("date-{row}-{part}")));
        let mut own = Problems::none();
        let date = own.date("date", typed, "the day");
        for problem in own.iter() {
            let part = problem.field.trim_start_matches("date");
            problems.push(format!("date-{row}{part}"), problem.sentence.clone());
        }
        date
    }

    fn write_remediation(&self, wording: &mut Wording, problems: &mut Problems) {
        let introduction = problems.optional_text(
            "introduction",
            self.one("introduction"),
            LONGEST_TEXT,
            "the introduction",
        );
        wording.content.remediation = introduction.unwrap_or_default();
        let mut steps = Vec::new();
        for row in 0..self.rows() {
            let [kind, text, link] = ["kind", "step", "link"].map(|name| self.cell(name, row).trim());
            if text.is_empty() && link.is_empty() {
                continue;
            }
            let kind = kind.parse::<StepKind>();
            if kind.is_err() {
                problems.push(format!("kind-{row}"), "Select what kind of step it is");
            }
            if text.is_empty() || text.chars().count() > LONGEST_TEXT {
                problems.push(format!("step-{row}"), "Enter what is to be done");
            }
            if !link.is_empty() && !is_link(link) {
                problems
                    .push(format!("link-{row}"), "Enter a web address that begins with https://, or none");
            }
            let link = (!link.is_empty()).then(|| link.to_owned());
            steps.extend(kind.map(|kind| Step { kind, text: text.to_owned(), link }));
        }
        wording.content.steps = steps;
    }

    fn write_traces(&self, wording: &mut Wording, problems: &mut Problems) {
        let read = indicator::parse_lines(self.one("indicators"));
        for refusal in read.refusals.iter().take(5) {
            problems.push("indicators", format!("Line {}: {}", refusal.line, refusal.reason));
        }
        if read.indicators.len() > MOST_ROWS * 10 {
            problems.push("indicators", format!("Enter {} indicators or fewer", MOST_ROWS * 10));
        }
        wording.content.indicators = read.indicators;
        let (cves, wrong) = cves(self.one("cves"));
        if let Some(wrong) = wrong {
            problems.push("cves", wrong);
        }
        wording.content.cves = cves;
    }

    fn write_marking(&self, wording: &mut Wording, problems: &mut Problems) {
        match self.one("tlp").parse::<Tlp>() {
            Ok(tlp) => {
                wording.tlp = tlp;
                wording.content.decide(Proposed::Marking);
            }
            Err(_) => problems.push("tlp", "Select a marking"),
        }
        let name =
            problems.text("source-name", self.one("source-name"), 200, "the name of the definitive source");
        let url = self.one("source-url").trim();
        if !is_link(url) {
            problems.push("source-url", "Enter a web address that begins with https://");
        }
        wording.content.source = name.map(|name| Link { name, url: url.to_owned() });
    }
}

/// The members of `all` that were ticked, in the order in which they are offered.
fn chosen<'a, T: Copy + std::str::FromStr + PartialEq>(
    all: &[T],
    ticked: impl Iterator<Item = &'a str>,
) -> Vec<T> {
    let ticked: Vec<T> = ticked.filter_map(|code| code.parse().ok()).collect();
    all.iter().copied().filter(|each| ticked.contains(each)).collect()
}

/// CVE numbers parted by spaces, commas or lines, each once; and the problem with the first that is
/// none.
pub(crate) fn cves(typed: &str) -> (Vec<CveId>, Option<String>) {
    let (mut cves, mut wrong) = (Vec::new(), None);
    for word in
        typed.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty())
    {
        match word.parse::<CveId>() {
            Ok(cve) if cves.contains(&cve) => {}
            Ok(cve) if cves.len() < MOST_ROWS => cves.push(cve),
            Ok(_) => wrong = wrong.or(Some(format!("Enter {MOST_ROWS} CVE numbers or fewer"))),
            Err(error) => wrong = wrong.or(Some(error.to_string())),
        }
    }
    (cves, wrong)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::typed, *};
    use crate::advisory::ThreatType;

    #[test]
    fn every_topic_reads_back_what_it_shows() {
        let mut wording = Wording::titled("WannaCry");
        wording.content.summary = "A worm.".to_owned();
        wording.content.threat_type = Some(ThreatType::Malware);
        wording.content.categories = vec![Category::Ransomware, Category::Worm];
        wording.content.vectors = vec![Vector::Exploit];
        wording.content.platforms = vec![Platform {
            name: "Windows".to_owned(),
            versions: vec!["7".to_owned(), "before 10".to_owned()],
        }];
        wording.content.details = "It *spreads*.".to_owned();
        wording.content.updates = vec![Update {
            date: "2026-06-01".parse().unwrap(),
            title: "More".to_owned(),
            text: "News".to_owned(),
        }];
        wording.content.steps = vec![Step {
            kind: StepKind::Patch,
            text: "Patch".to_owned(),
            link: Some("https://a.example/x".to_owned()),
        }];
        wording.content.indicators = vec!["evil.example".parse().unwrap()];
        wording.content.cves = vec!["CVE-2017-0144".parse().unwrap()];
        wording.content.source =
            Some(Link { name: "NCSC".to_owned(), url: "https://ncsc.gov.uk/".to_owned() });
        for &topic in Topic::ALL {
            let (mut again, mut problems) = (wording.clone(), Problems::none());
            Typed::from_wording(topic, &wording).write_into(topic, &mut again, &mut problems);
            assert!(problems.is_empty(), "{topic:?} {problems:?}");
            assert_eq!(again, wording, "{topic:?}");
        }
    }

    #[test]
    fn problems_lead_to_the_row_that_has_them() {
        let form = typed(&[("rows", "2"), ("kind-1", "patch"), ("step-1", ""), ("link-1", "javascript:x")]);
        let (mut wording, mut problems) = (Wording::titled("x"), Problems::none());
        form.write_into(Topic::Remediation, &mut wording, &mut problems);
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.to_string()).collect();
        assert_eq!(fields, ["step-1", "link-1"]);

        let form = typed(&[("rows", "1"), ("heading-0", "More"), ("text-0", "News"), ("date-0-day", "3")]);
        let mut problems = Problems::none();
        form.write_into(Topic::Updates, &mut wording, &mut problems);
        assert_eq!(problems.of_date("date-0"), Some("The day must include a month"));
    }
}
