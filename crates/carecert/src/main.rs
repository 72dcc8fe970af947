//! carecert
fn main() {}
