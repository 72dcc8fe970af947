//! The page on which somebody chooses how they are told: for their own address, or, as a security
//! lead, for a contact's mailbox that nobody signs in with, or its mobile.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use platform::{
    access::Rule,
    message::{Channel, ContactId},
    notification::{
        How, Preferences, Quiet,
        actions::{self, Told},
    },
    organisation::contact::KEEPERS,
    web::{
        Error, Form, Route, Visit,
        form::{Choice, Problems},
        shell::{Notice, NoticeKind, Shell, render},
    },
};
use serde::Deserialize;

use super::unchosen;
use crate::advisory::Severity;

/// The rows of preferences.
pub(crate) fn routes() -> Vec<Route> {
    let form = "medium-mail=digest&medium-sms=at_once&low-sms=never&information_only-sms=never\
                &low-mail=never&information_only-mail=at_once&digest-hour=8\
                &quiet-from=22%3A00&quiet-until=07%3A00&quiet-days=weekends&bulletin=yes";
    vec![
        Route::get("/account/notifications", Rule::SignedIn, own),
        Route::post("/account/notifications", Rule::SignedIn, choose_own).form(form),
        Route::get("/contacts/{id}/notifications", Rule::Roles(KEEPERS), of_contact)
            .sample("/contacts/{deputy}/notifications"),
        Route::post("/contacts/{id}/notifications", Rule::Roles(KEEPERS), choose_for)
            .sample("/contacts/{deputy}/notifications")
            .form(form),
    ]
}

/// What was posted, as a browser sends it: a box that is not ticked is not there.
type Typed = Vec<(String, String)>;

/// One severity and how it is told over each channel.
struct Row {
    severity: Severity,
    cells: Vec<Cell>,
}

/// One field of the table.
struct Cell {
    name: String,
    label: String,
    /// It cannot be changed.
    fixed: bool,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "notification/preferences.html")]
struct Page {
    shell: Shell,
    problems: Problems,
    /// Whose mailbox or mobile it is, where it is a contact's.
    contact: Option<(ContactId, String)>,
    told: Told,
    /// Whether texts leave this installation at all.
    texts_leave: bool,
    /// The mobiles that are texted, by their endings.
    mobiles: String,
    channels: Vec<&'static str>,
    rows: Vec<Row>,
    hours: Vec<Choice>,
    quiet_from: String,
    quiet_until: String,
    quiet_days: Vec<Choice>,
    bulletin: Vec<Choice>,
}

impl Page {
    fn of(visit: Visit, told: Told, typed: &Typed) -> Self {
        let texts_leave = visit.app.texts.is_ready();
        let channels = channels(&told, texts_leave);
        let rows = Severity::ALL.iter().map(|severity| Row {
            severity: *severity,
            cells: channels.iter().map(|channel| cell(*severity, *channel, typed)).collect(),
        });
        let hour = [value(typed, "digest-hour")];
        let hours =
            (0..24).map(|at| Choice::new(at.to_string(), format!("{at:02}:00")).chosen_in(&hour)).collect();
        let days: Vec<_> =
            typed.iter().filter(|(name, _)| name == "quiet-days").map(|(_, value)| value.as_str()).collect();
        let day = |value: &'static str, label: &'static str| Choice::new(value, label).chosen_in(&days);
        let quiet_days = vec![
            day("weekends", "All of Saturdays and Sundays"),
            day("holidays", "All of bank holidays in England and Wales"),
        ];
        Self {
            shell: visit.shell,
            problems: Problems::none(),
            contact: None,
            mobiles: endings(&told.mobiles),
            told,
            texts_leave,
            rows: rows.collect(),
            channels: channels.into_iter().map(Channel::label).collect(),
            hours,
            quiet_from: value(typed, "quiet-from").to_owned(),
            quiet_until: value(typed, "quiet-until").to_owned(),
            quiet_days,
            bulletin: vec![
                Choice::new("yes", "Send the weekly bulletin").chosen_in(&[value(typed, "bulletin")]),
            ],
        }
    }
}

/// The channels by which something can be told, so that there is something to choose.
fn channels(told: &Told, texts_leave: bool) -> Vec<Channel> {
    let by_text = texts_leave && !told.mobiles.is_empty();
    [(told.by_mail, Channel::Mail), (by_text, Channel::Sms)]
        .into_iter()
        .filter_map(|(is_told, channel)| is_told.then_some(channel))
        .collect()
}

/// The mobiles in words. Whoever looks over a shoulder learns no number: its last digits tell which it is.
fn endings(mobiles: &[String]) -> String {
    let ending = |number: &String| number.chars().skip(number.chars().count().saturating_sub(3)).collect();
    let endings: Vec<String> = mobiles.iter().map(ending).collect();
    endings.join(", ")
}

/// High is told at once, always.
fn fixed(severity: Severity) -> bool {
    severity == Severity::High
}

fn name(severity: Severity, channel: Channel) -> String {
    format!("{}-{}", severity.code(), channel.code())
}

fn cell(severity: Severity, channel: Channel, typed: &Typed) -> Cell {
    let name = name(severity, channel);
    let chosen = [value(typed, &name)];
    let choices = How::offered(channel).map(|how| Choice::new(how.code(), how.label()).chosen_in(&chosen));
    let label = format!("{}, {}", severity.label(), channel.label());
    Cell { choices: choices.collect(), fixed: fixed(severity), label, name }
}

fn value<'a>(typed: &'a Typed, name: &str) -> &'a str {
    typed.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
}

/// What was chosen, as the form shows it.
fn shown(preferences: &Preferences) -> Typed {
    let mut typed = vec![("digest-hour".to_owned(), preferences.digest_hour.to_string())];
    for severity in Severity::ALL {
        for channel in Channel::ALL {
            let chosen = preferences.chosen(severity.code(), channel);
            let how = chosen.unwrap_or_else(|| unchosen(*severity, channel));
            typed.push((name(*severity, channel), how.code().to_owned()));
        }
    }
    if let Some((from, until)) = preferences.quiet.hours {
        let time = |minutes: i16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        typed.extend([("quiet-from".to_owned(), time(from)), ("quiet-until".to_owned(), time(until))]);
    }
    for (off, day) in [(preferences.quiet.weekends, "weekends"), (preferences.quiet.holidays, "holidays")] {
        typed.extend(off.then(|| ("quiet-days".to_owned(), day.to_owned())));
    }
    typed.extend(preferences.bulletin.then(|| ("bulletin".to_owned(), "yes".to_owned())));
    typed
}

/// What was typed, or what has to be mended. What was not on the form stays as it was.
fn read(typed: &Typed, told: &Told, texts_leave: bool, problems: &mut Problems) -> Preferences {
    let mut preferences = told.preferences.clone();
    let channels = channels(told, texts_leave);
    for severity in Severity::ALL.iter().filter(|severity| !fixed(**severity)) {
        for channel in channels.iter().copied() {
            let name = name(*severity, channel);
            let how = value(typed, &name).parse().ok();
            if let Some(how) = how.filter(|how| How::offered(channel).any(|offered| offered == *how)) {
                preferences.choose(severity.code(), channel, how);
            } else {
                let by = if channel == Channel::Sms { " by text" } else { "" };
                problems.push(name, format!("Select how you are told of severity {}{by}", severity.label()));
            }
        }
    }
    if told.by_mail {
        match value(typed, "digest-hour").parse() {
            Ok(hour @ 0..=23) => preferences.digest_hour = hour,
            _ => problems.push("digest-hour", "Select when the digest is sent"),
        }
        preferences.bulletin = value(typed, "bulletin") == "yes";
    }
    preferences.quiet = read_quiet(typed, problems);
    // A working Monday stands for all days that are not off.
    let monday = jiff::civil::date(2026, 6, 1).at(preferences.digest_hour, 0, 0, 0);
    if told.by_mail && problems.is_empty() && preferences.quiet.holds(monday) {
        problems.push("digest-hour", "Select a time for the digest outside your quiet hours");
    }
    preferences
}

/// The quiet hours that were typed, or what has to be mended.
fn read_quiet(typed: &Typed, problems: &mut Problems) -> Quiet {
    let mut quiet = Quiet::default();
    let (from, until) = (value(typed, "quiet-from"), value(typed, "quiet-until"));
    if !(from.is_empty() && until.is_empty()) {
        match (minutes(from), minutes(until)) {
            (Some(from), Some(until)) if from == until => {
                problems.push("quiet-until", "Quiet hours must end at another time than they begin");
            }
            (Some(from), Some(until)) => quiet.hours = Some((from, until)),
            (None, _) => problems.push("quiet-from", "Enter when quiet hours begin, like 22:00"),
            (_, None) => problems.push("quiet-until", "Enter when quiet hours end, like 07:00"),
        }
    }
    let ticked = |day: &str| typed.iter().any(|(name, value)| name == "quiet-days" && value == day);
    (quiet.weekends, quiet.holidays) = (ticked("weekends"), ticked("holidays"));
    quiet
}

/// Minutes of the day for "22:00".
fn minutes(typed: &str) -> Option<i16> {
    let (hour, minute) = typed.split_once(':')?;
    let digits = |text: &str| text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (i16, i16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// Whether something was saved just now.
#[derive(Debug, Deserialize)]
struct Asked {
    saved: Option<String>,
}

/// `GET /account/notifications`
async fn own(mut visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let saved = || Notice { kind: NoticeKind::Success, text: "Your choice was saved.".to_owned() };
    visit.shell.notice = asked.saved.is_some().then(saved);
    let told = actions::own(&mut visit.app.read().await?, &visit.actor, visit.shell.now).await?;
    let typed = shown(&told.preferences);
    Ok(render(StatusCode::OK, &Page::of(visit, told, &typed)))
}

/// `POST /account/notifications`
async fn choose_own(visit: Visit, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let told = actions::own(&mut tx, &visit.actor, visit.shell.now).await?;
    let mut problems = Problems::none();
    let preferences = read(&typed, &told, visit.app.texts.is_ready(), &mut problems);
    if !problems.is_empty() {
        drop(tx);
        let page = Page { problems, ..Page::of(visit, told, &typed) };
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    actions::choose_own(&mut tx, &visit.actor, &preferences).await?;
    tx.commit().await?;
    Ok(Redirect::to("/account/notifications?saved=yes").into_response())
}

/// `GET /contacts/{id}/notifications`
async fn of_contact(visit: Visit, Path(id): Path<ContactId>) -> Result<Response, Error> {
    let now = visit.shell.now;
    let (contact, told) = actions::chosen_by(&mut visit.app.read().await?, &visit.actor, id, now).await?;
    let typed = shown(&told.preferences);
    let page = Page::of(visit, told, &typed);
    Ok(render(StatusCode::OK, &Page { contact: Some((id, contact.name)), ..page }))
}

/// `POST /contacts/{id}/notifications`
async fn choose_for(
    visit: Visit,
    Path(id): Path<ContactId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let mut tx = visit.app.write().await?;
    let (contact, told) = actions::chosen_by(&mut tx, &visit.actor, id, visit.shell.now).await?;
    let mut problems = Problems::none();
    let preferences = read(&typed, &told, visit.app.texts.is_ready(), &mut problems);
    if !problems.is_empty() {
        drop(tx);
        let page = Page::of(visit, told, &typed);
        let page = Page { problems, contact: Some((id, contact.name)), ..page };
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    actions::choose_for(&mut tx, &visit.actor, id, &preferences).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/organisations/{}#contacts", contact.organisation_id)).into_response())
}
