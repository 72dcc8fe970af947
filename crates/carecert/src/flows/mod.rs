//! How the services feed each other: one small file for each flow. No service knows another; here both are known.

pub(crate) mod incident_to_alert;

use platform::web::Route;

/// The rows of the flows that people begin.
pub(crate) fn routes() -> Vec<Route> {
    vec![incident_to_alert::route()]
}
