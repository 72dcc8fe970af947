//! Names that ODS writes in capitals, in the case in which people write them.
//!
//! For display only: the name as ODS gives it is what is stored and compared.

/// Abbreviations that stay in capitals.
const CAPITALS: &[&str] = &[
    "A&E", "AQP", "ASCC", "BANES", "CAMHS", "CCG", "CIC", "CMHT", "DVT", "ED", "ENT", "GP", "HIV", "HMP",
    "IAPT", "ICB", "ICS", "II", "III", "IRC", "IT", "IUC", "IV", "LLP", "MIU", "MSK", "NHS", "OOH", "PCC",
    "PCN", "PCT", "PLC", "RAF", "SARC", "SCH", "STC", "UCC", "UK", "UTC", "VI", "WIC", "YOI",
];
/// Words that stay small within a name.
const SMALL: &[&str] = &[
    "a", "an", "and", "at", "by", "de", "for", "from", "in", "le", "of", "on", "or", "the", "to", "under",
    "upon", "with",
];
/// Words without a vowel that are not abbreviations to be spelled out.
const WORDS_WITHOUT_VOWEL: &[&str] =
    &["CTR", "DR", "DRS", "JNR", "LTD", "MR", "MRS", "MS", "MT", "RD", "SNR", "SQ", "SR", "ST"];

/// `name` in readable case; a name that already has small letters is left as it is.
pub fn display_name(name: &str) -> String {
    if name.chars().any(char::is_lowercase) {
        return name.to_owned();
    }
    let mut shown = String::with_capacity(name.len());
    let mut after_doctor = false;
    for (at, token) in name.split(' ').enumerate() {
        if at > 0 {
            shown.push(' ');
        }
        let place = match (shown.trim().is_empty(), after_doctor) {
            (true, _) => Place::First,
            (false, true) => Place::AfterDoctor,
            (false, false) => Place::Within,
        };
        push_token(&mut shown, token, place);
        // "DR P J SMITH": initials may be several.
        after_doctor = matches!(token, "DR" | "DRS") || (after_doctor && token.len() <= 2);
    }
    shown
}

/// Where a word stands, which decides what "THE" and "PA" mean.
#[derive(Clone, Copy)]
enum Place {
    First,
    AfterDoctor,
    Within,
}

/// Adds one token of a name, word by word: "(STOCKTON-ON-TEES)" has three.
fn push_token(shown: &mut String, token: &str, mut place: Place) {
    if CAPITALS.contains(&token) {
        return shown.push_str(token);
    }
    let part_of_word = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’');
    let mut rest = token;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| part_of_word(c) != part_of_word(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if part_of_word(first) {
            push_word(shown, run, place);
            place = Place::Within;
        } else {
            shown.push_str(run);
            if run.ends_with(['(', '&', '.']) {
                place = Place::First;
            }
        }
        rest = after;
    }
}

fn push_word(shown: &mut String, word: &str, place: Place) {
    // In "DRS'" and "GP'S" the part before the apostrophe decides, and the part after is small.
    let (stem, tail) = word.find(['\'', '’']).map_or((word, ""), |at| word.split_at(at));
    let small = stem.to_lowercase();
    let spelled_out = CAPITALS.contains(&stem)
        || stem.len() == 1
        || stem.chars().any(char::is_numeric)
        || (!stem.contains(['A', 'E', 'I', 'O', 'U', 'Y'])
            && stem.len() <= 5
            && !WORDS_WITHOUT_VOWEL.contains(&stem))
        || (matches!(place, Place::AfterDoctor) && stem.len() == 2);
    let is_ordinal = stem.starts_with(|c: char| c.is_ascii_digit())
        && ["ST", "ND", "RD", "TH"].iter().any(|end| stem.ends_with(end));
    match place {
        Place::Within if tail.is_empty() && SMALL.contains(&small.as_str()) => shown.push_str(&small),
        _ if is_ordinal => shown.push_str(&small),
        _ if stem == "GPS" => shown.push_str("GPs"),
        _ if stem == "GPWSI" => shown.push_str("GPwSI"),
        _ if spelled_out => shown.push_str(stem),
        _ => match small.strip_prefix("mc") {
            Some(rest) if rest.chars().count() > 2 => {
                shown.push_str("Mc");
                push_capitalised(shown, rest);
            }
            _ => push_capitalised(shown, &small),
        },
    }
    push_tail(shown, stem, tail);
}

/// The part from an apostrophe on: "'s" is small, while "O'BRIEN" begins a second time.
fn push_tail(shown: &mut String, stem: &str, tail: &str) {
    let mut characters = tail.chars();
    shown.extend(characters.next());
    let rest = characters.as_str().to_lowercase();
    if stem.chars().count() == 1 && rest.chars().count() > 1 {
        push_capitalised(shown, &rest);
    } else {
        shown.push_str(&rest);
    }
}

fn push_capitalised(shown: &mut String, small: &str) {
    let mut characters = small.chars();
    shown.extend(characters.next().into_iter().flat_map(char::to_uppercase));
    shown.push_str(characters.as_str());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_names_read_well() {
        for name in [
            "Queens Park Medical Centre",
            "The Densham Surgery",
            "Worcestershire Health and Care NHS Trust",
            "Shropshire Community Health NHS Trust",
            "Ashford and St Peter's Hospitals NHS Foundation Trust",
            "The Newcastle upon Tyne Hospitals NHS Foundation Trust",
            "Staffordshire and Stoke on Trent Partnership NHS Trust",
            "Tees, Esk and Wear Valleys NHS Foundation Trust",
            "N.Middlesex NHS Walk in Centre",
            "Loughborough NHS WIC",
            "Huyton P/C Resource Centre OOH",
            "OOH Urgent GP Clinic (Zone F)",
            "Bucks UTC & OOH",
            "BANES Doctors Urgent Care (Paulton)",
            "HMP/YOI Cookham Wood",
            "HMP Yarl's Wood IRC",
            "Dr S Ahmed's Practice",
            "Dr MK Bose's Practice",
            "Dr PA O'Brien's Practice",
            "Dr LHF Walton's Practice",
            "Dr R Lyons' Practice",
            "Dr McDonald & Partners",
            "L'Aumone&St.Sampsons Prac",
            "St Peter's Surgery",
            "Hampshire BCSC",
            "Stockton-on-Tees Drug Service",
            "GPs in ED Pilot",
            "Care UK Coventry OOH",
            "Derby City North Primary Care Ltd",
            "W.Mid Paediatric SARC",
            "Practice on 5th Avenue",
        ] {
            assert_eq!(display_name(&name.to_uppercase()), name);
        }
    }

    #[test]
    fn a_name_with_small_letters_is_left_alone() {
        assert_eq!(display_name("eConsult for GPs"), "eConsult for GPs");
        assert_eq!(display_name(""), "");
    }

    proptest::proptest! {
        #[test]
        fn any_name_keeps_its_letters(name in "[A-Z0-9'’&(). -]{0,40}|.{0,40}") {
            let folded = |s: &str| s.to_lowercase();
            proptest::prop_assert_eq!(folded(&display_name(&name)), folded(&name));
        }
    }
}
