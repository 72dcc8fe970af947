//! For whoever watches the service: is it up, is it ready, how is it doing.

use std::sync::OnceLock;

use axum::extract::State;
use http::StatusCode;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::App;

/// `GET /healthz`: the process answers. Needs no database, so that a database's trouble does not
/// make every node restart.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers, so that requests may be sent here.
pub async fn readyz(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.read().await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}

/// `GET /metrics`: in the text format of Prometheus. Counts and times only, no names.
pub async fn metrics() -> String {
    recorder().render()
}

/// What durations are counted into, in seconds: counts can be added over nodes. Close around the
/// 25 ms that a page may take.
const DURATIONS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The process's recorder, installed at its first use.
pub fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(DURATIONS).expect("there are some");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // Somebody else's recorder, in a process that embeds this one, is left in place.
        let _ = metrics::set_global_recorder(recorder);
        handle
    })
}
