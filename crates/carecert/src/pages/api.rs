//! `GET /api/openapi.json`: the API of all services in one OpenAPI 3.1 document, made from the code.

use axum::Json;
use utoipa::openapi::{
    InfoBuilder, OpenApi,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

/// `GET /api/openapi.json`
pub async fn describe() -> Json<OpenApi> {
    Json(document())
}

/// The parts of all services, joined.
pub fn document() -> OpenApi {
    let mut document = platform::organisation::openapi();
    for part in [broadcast::alert::api::openapi(), broadcast::response::openapi()] {
        document.merge(part);
    }
    document.info = InfoBuilder::new()
        .title("CareCERT")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Alerts and responses for the ticket systems of organisations and their suppliers. Every request \
             carries an API key as a bearer token; lists are paged by cursor; errors are application/problem+json.",
        ))
        .build();
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    document.components.get_or_insert_default().add_security_scheme("key", bearer);
    document
}
