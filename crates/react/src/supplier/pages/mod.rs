//! Pages about suppliers: the CERT's list and one of them, an organisation's own list, and the forms that keep it.

mod list;
mod upload;
mod uses;

use platform::{access::Rule, web::Route};

use crate::access::{ADDERS, HANDLE_INCIDENTS, READ_INCIDENTS, READERS};

/// The most that is read of a form with a file: the file, and what stands around it.
const MOST: usize = upload::LARGEST + 64 * 1024;

/// This noun's rows of the route table.
pub(crate) fn routes() -> Vec<Route> {
    let (read, write) = (Rule::Roles(READERS), Rule::Roles(ADDERS));
    let form =
        "organisation={organisation_code}&supplier=Walking+Systems&system=Rota&clinical=no&downtime=Paper";
    vec![
        Route::get("/suppliers", read, list::show).sample("/suppliers?q=walking"),
        Route::get("/suppliers/add", write, uses::ask_new),
        Route::post("/suppliers/add", write, uses::add).sample("/suppliers/add").form(form),
        Route::get("/suppliers/import", write, upload::ask),
        Route::post("/suppliers/import", write, upload::take)
            .file(
                "organisation,supplier,system,clinical\n{organisation_code},Walking Systems,Telephones,yes\n",
            )
            .up_to(MOST),
        Route::get("/suppliers/uses/{id}", write, uses::ask_change).sample("/suppliers/uses/{supplier_use}"),
        Route::post("/suppliers/uses/{id}", write, uses::change)
            .sample("/suppliers/uses/{supplier_use}")
            .form("version=1&supplier=Walking+Systems&system=Theatres&clinical=yes&downtime="),
        Route::post("/suppliers/uses/{id}/end", write, uses::end)
            .sample("/suppliers/uses/{supplier_use}/end")
            .form("version=1"),
        Route::get("/suppliers/{id}", Rule::Roles(READ_INCIDENTS), list::one).sample("/suppliers/{supplier}"),
        Route::post("/suppliers/{id}/join", Rule::Roles(HANDLE_INCIDENTS), list::join)
            .sample("/suppliers/{supplier}/join")
            .form("version=1&into={other_supplier}"),
    ]
}
