//! PostgreSQL through a pool; a transaction that is dropped is rolled back before its connection
//! serves anybody else.

use std::{
    str::FromStr,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures::future;
use tokio_postgres::{
    Statement,
    types::{FromSql, IsNull, ToSql, Type, private::BytesMut},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Options;
use crate::{DbError, Row, Value};

/// How many changes that nobody asks about travel together.
const TOGETHER: usize = 256;

/// A pool of connections to the server.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: Pool,
    pub(super) statements: Arc<AtomicU64>,
}

/// An open transaction.
#[derive(Debug)]
pub struct Conn {
    client: Option<Object>,
    /// What was not sent yet and is asked about by nobody: first of all its beginning.
    later: Vec<(&'static str, Vec<Value>)>,
}

impl Postgres {
    pub(crate) async fn open(address: &str, options: &Options) -> Result<Self, DbError> {
        let mut config = tokio_postgres::Config::from_str(address)
            .map_err(|error| DbError::Address(format!("{}: {error}", without_password(address))))?;
        // A plan is of the statement, not of its values, or PostgreSQL would make up to ten
        // milliseconds of plans for one page; SQLite is told the same. Nor is it compiled: what a page asks is
        // over long before, and the preview of an audience waited a second for it. A page from anywhere costs little
        // more than the next one, on disks as they are now: or a plan that was made while a table was small walks
        // all of it when it has grown, until somebody makes another.
        let mut given = format!(
            "{} -c plan_cache_mode=force_generic_plan -c jit=off -c random_page_cost=1.1",
            config.get_options().unwrap_or("")
        );
        if !options.durable {
            given.push_str(" -c synchronous_commit=off");
        }
        config.options(given);
        bounded(&mut config, options.write_wait);
        let manager = Manager::from_config(
            config,
            MakeRustlsConnect::new(tls()),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let pool = Pool::builder(manager)
            .max_size(options.readers * 2)
            .wait_timeout(Some(options.write_wait))
            .create_timeout(Some(options.write_wait))
            .recycle_timeout(Some(options.write_wait))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| DbError::Unreachable(error.to_string()))?;
        let opened = Self { pool, statements: Arc::default() };
        drop(opened.client().await?);
        Ok(opened)
    }

    /// Connections that are on loan: PostgreSQL has one pool for reads and writes.
    pub(crate) fn in_use(&self) -> usize {
        let status = self.pool.status();
        status.size.saturating_sub(status.available)
    }

    /// Closes the pool and waits until its connections are gone.
    pub(crate) async fn close(&self) {
        self.pool.close();
        while self.pool.status().size > 0 {
            tokio::task::yield_now().await;
        }
    }

    async fn client(&self) -> Result<Object, DbError> {
        self.pool.get().await.map_err(|error| match error {
            deadpool_postgres::PoolError::Timeout(_) => {
                DbError::Busy(self.pool.timeouts().wait.unwrap_or_default())
            }
            other => DbError::Unreachable(other.to_string()),
        })
    }

    /// A transaction that `text` begins, which travels with the first question.
    pub(crate) async fn begin(&self, text: &'static str) -> Result<Conn, DbError> {
        Ok(Conn { client: Some(self.client().await?), later: vec![(text, Vec::new())] })
    }
}

/// Bounds how long a server is waited for that has gone without a word, unless the address says so itself.
fn bounded(config: &mut tokio_postgres::Config, wait: Duration) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(wait);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(wait);
    }
    config.keepalives_idle(Duration::from_secs(10));
    config.keepalives_interval(Duration::from_secs(5));
    config.keepalives_retries(3);
}

/// An address fit for a message.
fn without_password(address: &str) -> String {
    url::Url::parse(address).map_or_else(
        |_| "postgres://…".to_owned(),
        |mut url| {
            // Refused only for addresses without a host, which have no password either.
            let _ = url.set_password(None);
            url.to_string()
        },
    )
}

/// An address for the command line of PostgreSQL's own programs, and the password beside it: what
/// stands on a command line can be read by everybody on the machine.
pub fn without_secret(address: &str) -> Result<(String, Option<String>), DbError> {
    let config = tokio_postgres::Config::from_str(address)
        .map_err(|error| DbError::Address(format!("{}: {error}", without_password(address))))?;
    let password = config.get_password().map(|password| String::from_utf8_lossy(password).into_owned());
    // Cut as text: a socket's address has an empty host (`postgres://care@/care?host=/run`), which the
    // `url` crate refuses and PostgreSQL's programs understand.
    let (place, query) = address.split_once('?').unwrap_or((address, ""));
    let place = match place.split_once('@') {
        Some((before, after)) => {
            let (scheme, user) = before.split_once("://").unwrap_or(("postgres", before));
            format!("{scheme}://{}@{after}", user.split(':').next().unwrap_or(user))
        }
        None => place.to_owned(),
    };
    let secret =
        |pair: &&str| url::form_urlencoded::parse(pair.as_bytes()).any(|(name, _)| name == "password");
    let kept: Vec<_> = query.split('&').filter(|pair| !pair.is_empty() && !secret(pair)).collect();
    Ok((if kept.is_empty() { place } else { format!("{place}?{}", kept.join("&")) }, password))
}

/// The system's certificates; used only where the address asks for TLS (`sslmode`).
fn tls() -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring offers the default TLS versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

impl Conn {
    fn client(&self) -> Result<&Object, DbError> {
        self.client.as_ref().ok_or(DbError::Broken)
    }

    pub(crate) async fn later(&mut self, text: &'static str, values: Vec<Value>) -> Result<(), DbError> {
        self.later.push((text, values));
        if self.later.len() < TOGETHER { Ok(()) } else { self.send().await }
    }

    /// Sends what was put off.
    async fn send(&mut self) -> Result<(), DbError> {
        let later = std::mem::take(&mut self.later);
        self.together(later.iter().map(|(text, values)| (*text, values.as_slice())).collect()).await?;
        Ok(())
    }

    /// Asks, behind what was put off, and what fails first is told.
    pub(crate) async fn rows(&mut self, text: &str, values: &[Value]) -> Result<Vec<Row>, DbError> {
        let later = std::mem::take(&mut self.later);
        let before = later.iter().map(|(text, values)| (*text, values.as_slice()));
        let answers = self.together(before.chain([(text, values)]).collect()).await?;
        Ok(answers.into_iter().next_back().unwrap_or_default())
    }

    /// Sends one statement behind the other, without waiting for each answer.
    async fn together(&self, statements: Vec<(&str, &[Value])>) -> Result<Vec<Vec<Row>>, DbError> {
        let client = self.client()?;
        let mut sent = Vec::with_capacity(statements.len());
        for (text, values) in statements {
            sent.push(answer(client, client.prepare_cached(text).await?, values));
        }
        // Polled, and so sent, in their order.
        future::try_join_all(sent).await
    }

    pub(crate) async fn batch(&mut self, text: &str) -> Result<(), DbError> {
        self.send().await?;
        Ok(self.client()?.batch_execute(text).await?)
    }

    pub(crate) async fn check(&mut self, text: &str) -> Result<(), DbError> {
        self.client()?.prepare(text).await?;
        Ok(())
    }

    pub(crate) async fn commit(mut self) -> Result<(), DbError> {
        // With what was put off: of a transaction in which something failed it ends as a rollback, and what failed is
        // told.
        self.rows("COMMIT", &[]).await?;
        // Finished: what drop would roll back is no longer there.
        self.client = None;
        Ok(())
    }
}

async fn answer(client: &Object, statement: Statement, values: &[Value]) -> Result<Vec<Row>, DbError> {
    let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
    if statement.columns().is_empty() {
        let touched = client.execute(&statement, &values).await?;
        let touched = i64::try_from(touched).unwrap_or(i64::MAX);
        return Ok(vec![Row { names: Arc::new([]), values: vec![Value::Int(touched)] }]);
    }
    let names: Arc<[Box<str>]> = statement.columns().iter().map(|column| column.name().into()).collect();
    client
        .query(&statement, &values)
        .await?
        .iter()
        .map(|row| {
            let values = (0..names.len()).map(|place| row.try_get(place)).collect::<Result<_, _>>()?;
            Ok(Row { names: Arc::clone(&names), values })
        })
        .collect()
}

impl Drop for Conn {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else {
            return;
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    if client.batch_execute("ROLLBACK").await.is_err() {
                        drop(Object::take(client));
                    }
                });
            }
            // Without a runtime nobody can wait for the answer: close it, the server rolls back.
            Err(_) => drop(Object::take(client)),
        }
    }
}

type Failure = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match (self, of) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(number), &Type::BOOL) => (*number != 0).to_sql(of, out),
            (Self::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(of, out),
            (Self::Int(number), &Type::INT2) => i16::try_from(*number)?.to_sql(of, out),
            #[expect(clippy::cast_precision_loss, reason = "no table stores fractions")]
            (Self::Int(number), &Type::FLOAT8) => (*number as f64).to_sql(of, out),
            (Self::Int(number), &Type::INT8) => number.to_sql(of, out),
            (Self::Real(number), &Type::FLOAT8) => number.to_sql(of, out),
            (Self::Text(text), &Type::JSONB) => {
                // JSONB's binary form is a version byte and the text (PostgreSQL, jsonb_recv).
                out.extend_from_slice(&[1]);
                out.extend_from_slice(text.as_bytes());
                Ok(IsNull::No)
            }
            (Self::Text(text), &(Type::TEXT | Type::VARCHAR | Type::UNKNOWN)) => text.to_sql(of, out),
            (Self::Bytes(bytes), &Type::UUID) => uuid::Uuid::from_slice(bytes)?.to_sql(of, out),
            (Self::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(of, out),
            (value, of) => Err(format!("{value:?} cannot be stored as {of}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(of: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(match *of {
            Type::BOOL => Self::Int(bool::from_sql(of, raw)?.into()),
            Type::INT2 => Self::Int(i16::from_sql(of, raw)?.into()),
            Type::INT4 => Self::Int(i32::from_sql(of, raw)?.into()),
            Type::INT8 => Self::Int(i64::from_sql(of, raw)?),
            Type::FLOAT8 => Self::Real(f64::from_sql(of, raw)?),
            Type::JSONB => Self::Text(std::str::from_utf8(raw.get(1..).unwrap_or_default())?.to_owned()),
            Type::UUID | Type::BYTEA => Self::Bytes(raw.to_vec()),
            _ => Self::Text(String::from_sql(of, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_stands_on_no_command_line() {
        for address in [
            "postgres://care:p%40ss%20word@db.example:5433/care?sslmode=require",
            "postgres://care@db.example:5433/care?password=p%40ss+word&sslmode=require",
        ] {
            let (plain, secret) = without_secret(address).unwrap();
            assert_eq!(plain, "postgres://care@db.example:5433/care?sslmode=require");
            assert!(secret.is_some_and(|secret| secret.starts_with("p@ss")));
        }
        let (plain, secret) = without_secret("postgres://care@/care?host=/run/postgresql").unwrap();
        assert_eq!((plain.as_str(), secret), ("postgres://care@/care?host=/run/postgresql", None));
    }
}
