//! The real files, a plain one, and broken ones.

use std::collections::BTreeMap;

use super::*;
use crate::Column;
use crate::testing::Flood;

const TRUSTS: &[u8] = include_bytes!("../../../../data/broadcast/ods/etr.csv");
const COST_CENTRES: &[u8] = include_bytes!("../../../../data/broadcast/ods/epraccur.csv");

fn all(file: &[u8]) -> Vec<OrganisationRow> {
    read(file, Format::Detect).map(|row| row.unwrap()).collect()
}

fn refusals(file: &[u8]) -> Vec<Refusal> {
    read(file, Format::Detect).filter_map(Result::err).collect()
}

#[test]
fn every_trust_of_the_real_file_is_read() {
    let trusts = all(TRUSTS);
    assert_eq!(trusts.len(), 241);
    assert!(trusts.iter().all(|trust| trust.kind == OrganisationKind::Trust));
    assert_eq!(trusts.iter().filter(|trust| trust.status == Status::Closed).count(), 2);
    let solent = &trusts[1];
    assert_eq!((solent.line, solent.code.as_str(), solent.name.as_str()), (2, "R1C", "SOLENT NHS TRUST"));
    assert_eq!(solent.address[2..], ["BURSLEDON ROAD", "SOUTHAMPTON", "HAMPSHIRE"]);
    assert_eq!(solent.postcode.as_deref(), Some("SO19 8BR"));
    assert_eq!(solent.opened, Some(jiff::civil::date(2011, 4, 1)));
    assert_eq!(solent.current_region(), Some("Y59"));
}

#[test]
fn every_cost_centre_of_the_real_file_is_read() {
    let centres = all(COST_CENTRES);
    assert_eq!(centres.len(), 14_303);
    let with = |status| centres.iter().filter(|c| c.status == status).count();
    assert_eq!(
        [Status::Active, Status::Closed, Status::Dormant, Status::Proposed].map(with),
        [11_482, 2_427, 389, 5]
    );
    let open_practices =
        centres.iter().filter(|c| c.status == Status::Active && c.kind == OrganisationKind::GpPractice);
    assert_eq!(open_practices.count(), 6_872);
    assert!(centres.iter().all(|c| prescribing_setting(c.prescribing_setting.unwrap()).is_some()));
    assert!(centres.iter().all(|c| c.parent.is_some()));
    let densham = &centres[0];
    assert_eq!(densham.parent.as_ref().unwrap().as_str(), "00K");
    assert_eq!(densham.telephone.as_deref(), Some("01642 672351"));
}

#[test]
fn few_organisations_remain_without_a_region() {
    let unknown = |file| {
        let rows = all(file).into_iter().filter(|row| row.current_region().is_none());
        rows.collect::<Vec<_>>()
    };
    // The two newest trusts have neither region nor geography in this file.
    let trusts = unknown(TRUSTS);
    assert_eq!(trusts.iter().map(|t| t.code.as_str()).collect::<Vec<_>>(), ["R0A", "R0B"]);
    // 155 lie on Man, Jersey, Guernsey and Alderney, which are in no region; the other five, all
    // closed, in postcodes across a border, which our table leaves open.
    let centres = unknown(COST_CENTRES);
    let islands = centres.iter().filter(|c| c.region.is_none()).count();
    assert_eq!((centres.len(), islands), (160, 155));
    let active = |c: &&OrganisationRow| c.status == Status::Active && c.region.is_some();
    assert_eq!(centres.iter().filter(active).count(), 0);
}

#[test]
fn rows_with_a_new_region_agree_with_our_table() {
    let mut disagree = BTreeMap::new();
    for row in all(COST_CENTRES) {
        let (Some(region), Some(_)) = (row.current_region(), &row.geography) else { continue };
        let abolished = regions::all()
            .iter()
            .find(|old| old.successors.iter().any(|s| s == region))
            .map(|old| old.code.as_str());
        let decided = regions::current(abolished, row.geography.as_deref(), row.postcode.as_deref());
        if abolished.is_some() && decided != Some(region) {
            *disagree.entry((row.geography, region, decided)).or_insert(0) += 1;
        }
    }
    assert_eq!(disagree, BTreeMap::new());
}

#[test]
fn a_plain_file_may_have_its_columns_in_any_order() {
    let file = "\u{feff}Name,TYPE,code,postcode,region,address,town,closed,icb\r\n\
        Boots,pharmacy,fa123,sw1a 1aa,London,\"1 High Street, Westminster\",London,,QWE\r\n\
        Rose Lodge,Care home,VL001,,Y63,,,2024-01-31,\r\n";
    let rows = all(file.as_bytes());
    assert_eq!(rows[0].code.as_str(), "FA123");
    assert_eq!(rows[0].kind, OrganisationKind::Pharmacy);
    assert_eq!(rows[0].address, ["1 High Street", "Westminster", "London"]);
    assert_eq!(rows[0].postcode.as_deref(), Some("SW1A 1AA"));
    assert_eq!(rows[0].current_region(), Some("Y56"));
    assert_eq!(rows[0].icb.as_ref().unwrap().as_str(), "QWE");
    assert_eq!((rows[1].line, rows[1].status), (3, Status::Closed));
}

#[test]
fn a_header_is_refused_by_the_name_of_what_is_wrong() {
    let refused = refusals(b"code,name,type,colour\nA1,B,trust,red\n");
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].column, Some("colour".into()));
    assert!(refused[0].reason.contains("“colour”"));
    assert_eq!(refusals(b"code,name\nA1,B\n")[0].column, Some("type".into()));
    assert_eq!(refusals(b"code,name,type,name\n")[0].column, Some("name".into()));
}

#[test]
fn a_bad_row_is_refused_and_the_rest_goes_in() {
    let file = b"code,name,type,opened\nA1,One,trust,\n,Two,trust,\nA3,,trust,\nA4,Four,tent,\nA5,Five,trust,31/02/2020\nA6,Six\nA7,Seven,trust,2020-02-01\n";
    let columns: Vec<_> = refusals(file).into_iter().map(|r| (r.line, r.column)).collect();
    let named = |line, name: &str| (line, Some(Column::from(name)));
    assert_eq!(
        columns,
        [named(3, "code"), named(4, "name"), named(5, "type"), named(6, "opened"), (7, None)]
    );
    assert_eq!(read(&file[..], Format::Detect).flatten().count(), 2);
}

#[test]
fn a_bad_row_of_a_real_file_is_refused_by_column_number() {
    let text = std::str::from_utf8(&COST_CENTRES[..500]).unwrap();
    let first = text.lines().next().unwrap();
    let file =
        [first.replace("\"A\"", "\"X\""), first.replace("19740401", "19741301"), first.to_owned()].join("\n");
    let refused = refusals(file.as_bytes());
    assert_eq!(refused.len(), 2);
    assert_eq!((refused[0].line, &refused[0].column), (1, &Some(13.into())));
    assert_eq!((refused[1].line, &refused[1].column), (2, &Some(11.into())));
}

#[test]
fn what_is_no_such_file_is_refused_once() {
    assert_eq!(refusals(b"<html>\n<body>\n</html>\n").len(), 1);
    assert_eq!(refusals(&b"[".repeat(200_000)).len(), 1);
    assert_eq!(refusals(b"").len(), 1, "whoever imports it meant another");
    assert_eq!(read(TRUSTS, Format::Csv).filter_map(Result::err).count(), 1);
    assert_eq!(read(&b"code,name,type\n"[..], Format::Ods).filter_map(Result::err).count(), 1);
}

#[test]
fn a_huge_field_does_not_keep_the_trusts_out() {
    let file =
        TRUSTS.chain(&b"R99,\""[..]).chain(Flood::of(b'A', 120_000_000)).chain(&b"\"\n"[..]).chain(TRUSTS);
    let (taken, refused): (Vec<_>, Vec<_>) = read(file, Format::Detect).partition(Result::is_ok);
    assert_eq!((taken.len(), refused.len()), (482, 1));
    assert_eq!(refused[0].as_ref().unwrap_err().line, 242);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_and_cuts_never_panic(
        bytes: Vec<u8>,
        cut in 0..TRUSTS.len(),
        broken in 0..TRUSTS.len(),
        byte: u8,
    ) {
        read(&bytes[..], Format::Detect).count();
        let mut file = TRUSTS[..cut].to_vec();
        if let Some(place) = file.get_mut(broken) {
            *place = byte;
        }
        read(&file[..], Format::Detect).count();
    }
}
