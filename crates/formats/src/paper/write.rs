//! The file: what was laid out, drawn and tagged.

use jiff::tz::TimeZone;
use krilla::{
    Document,
    color::rgb,
    configure::{Accessibility, Configuration, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{PathBuilder, Point},
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Stroke,
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag},
};

use super::{
    Paper, PaperError,
    face::Weight,
    layout::{EDGE, HEIGHT, Layout, Line, MEASURE, WIDTH},
    tags,
    wrap::cleaned,
};

/// The size of what stands above and below each sheet.
const EDGE_SIZE: f32 = 9.0;

/// Writes a document as a PDF file: as PDF/UA-1, the standard for files that everybody can read, wherever its text
/// allows that, and else without that promise.
pub fn write(paper: &Paper) -> Result<Vec<u8>, PaperError> {
    let layout = Layout::of(paper);
    let accessible = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    if let Ok(accessible) = accessible
        && let Ok(bytes) = drawn(paper, &layout, accessible)
    {
        return Ok(bytes);
    }
    drawn(paper, &layout, Configuration::default()).map_err(|error| PaperError(format!("{error:?}")))
}

fn drawn(
    paper: &Paper,
    layout: &Layout,
    configuration: Configuration,
) -> Result<Vec<u8>, krilla::error::KrillaError> {
    let settings = krilla::SerializeSettings {
        configuration,
        enable_tagging: true,
        ..krilla::SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    let mut leaves: Vec<Vec<Identifier>> = vec![Vec::new(); layout.parts.len()];
    let count = layout.sheets.len();
    for (number, sheet) in (1..).zip(&layout.sheets) {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).expect("a sheet has a size");
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        edges(&mut surface, paper, &format!("Page {number} of {count}"));
        for y in &sheet.rules {
            rule(&mut surface, *y);
        }
        for line in &sheet.lines {
            let Some(of) = line.of else {
                seen_only(&mut surface, ArtifactType::PaginationOther, line);
                continue;
            };
            let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            draw(&mut surface, line);
            surface.end_tagged();
            leaves[of].push(id);
        }
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(tags::tree(&layout.parts, leaves));
    document.set_outline(outline(layout));
    document.set_metadata(metadata(paper));
    document.finish()
}

fn draw(surface: &mut Surface<'_>, line: &Line) {
    let face = line.weight.face();
    let glyphs = face.glyphs(&line.text);
    let start = Point::from_xy(line.x, line.y);
    surface.draw_glyphs(start, &glyphs, face.font(), &line.text, line.size, false);
}

/// Draws what is seen, but is no part of what the document says.
fn seen_only(surface: &mut Surface<'_>, kind: ArtifactType, line: &Line) {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
    draw(surface, line);
    surface.end_tagged();
}

/// The marking above and below, the title and the number of the sheet.
fn edges(surface: &mut Surface<'_>, paper: &Paper, number: &str) {
    let line = |x: f32, y: f32, weight, text: &str| Line {
        x,
        y,
        weight,
        size: EDGE_SIZE,
        text: text.to_owned(),
        of: None,
    };
    let right =
        |weight: Weight, text: &str| WIDTH - EDGE - weight.face().widths(text, EDGE_SIZE).iter().sum::<f32>();
    let marking = cleaned(&paper.marking).replace('\n', " ");
    let title = fitting(&cleaned(&paper.title).replace('\n', " "), MEASURE * 0.6);
    let (above, below) = (46.0, HEIGHT - 42.0);
    seen_only(surface, ArtifactType::PaginationOther, &line(EDGE, above, Weight::Regular, &title));
    for y in [above, below] {
        let x = right(Weight::Bold, &marking);
        seen_only(surface, ArtifactType::PaginationOther, &line(x, y, Weight::Bold, &marking));
    }
    seen_only(surface, ArtifactType::PageNumber, &line(EDGE, below, Weight::Regular, number));
}

/// As much of a line as this width holds.
fn fitting(text: &str, width: f32) -> String {
    let widths = Weight::Regular.face().widths(text, EDGE_SIZE);
    let mut left = width;
    let fits = text.chars().zip(widths).take_while(|(_, letter)| {
        left -= letter;
        left >= 0.0
    });
    fits.map(|(letter, _)| letter).collect()
}

fn rule(surface: &mut Surface<'_>, y: f32) {
    let mut path = PathBuilder::new();
    path.move_to(EDGE, y);
    path.line_to(WIDTH - EDGE, y);
    let Some(path) = path.finish() else { return };
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
    let grey = rgb::Color::new(0xae, 0xb7, 0xbd);
    surface.set_stroke(Some(Stroke {
        paint: grey.into(),
        width: 0.5,
        opacity: NormalizedF32::ONE,
        ..Stroke::default()
    }));
    let fill = surface.get_fill().cloned();
    surface.set_fill(None);
    surface.draw_path(&path);
    surface.set_stroke(None);
    surface.set_fill(fill);
    surface.end_tagged();
}

fn outline(layout: &Layout) -> Outline {
    let mut outline = Outline::new();
    for chapter in &layout.chapters {
        let place = XyzDestination::new(chapter.sheet, Point::from_xy(EDGE, chapter.y));
        outline.push_child(OutlineNode::new(chapter.title.clone(), place));
    }
    outline
}

fn metadata(paper: &Paper) -> Metadata {
    let at = TimeZone::UTC.to_datetime(paper.made_at);
    let number = |part: i8| u8::try_from(part).unwrap_or_default();
    let made = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(number(at.month()))
        .day(number(at.day()))
        .hour(number(at.hour()))
        .minute(number(at.minute()))
        .second(number(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(cleaned(&paper.title).replace('\n', " "))
        .keywords(vec![cleaned(&paper.marking)])
        .language("en-GB".to_owned())
        .creator("CareCERT".to_owned())
        .creation_date(made)
}
