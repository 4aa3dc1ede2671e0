//! SQLite files of scrapers: the table with the most known columns is read, row by row.
//!
//! Opened for reading and as unchanging, so nothing beside it is made or waited for; one that lies in an archive is held in
//! memory. Views and functions of a hostile file do not run: only tables are looked at.

use super::layout::{At, Columns, RecordReader, Sink};
use super::manifest::Manifest;
use super::tools::Tools;
use crate::error::Result;
use crate::ingest::record::knows_column;
use crate::language::word;
use crate::source::read_file;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::path::Path;

/// The layout.
pub(super) struct Database;

impl RecordReader for Database {
    fn words(&self) -> &'static str {
        word!("a SQLite database")
    }

    fn recognises(&self, _: &str, head: &[u8]) -> bool {
        head.starts_with(b"SQLite format 3\0")
    }

    fn read(&self, manifest: &mut Manifest, sink: &mut dyn Sink) -> Result<()> {
        let opened = match manifest.path.is_file() {
            true => open(&manifest.path),
            false => match read_file(&manifest.path, LARGEST) {
                Ok(bytes) => in_memory(bytes),
                Err(fault) => {
                    let detail = format!("a database that cannot be read where it lies: {}", fault.detail);
                    return sink.record(At::default(), Err(detail));
                }
            },
        };
        let table = match opened.and_then(|db| best(&db).map(|table| (db, table))) {
            Ok(found) => found,
            Err(error) => {
                return sink.record(At::default(), Err(format!("a database that cannot be read: {error}")));
            }
        };
        let (db, Some((table, others))) = table else {
            return sink.record(At::default(), Err("no table in it has columns that are known".into()));
        };
        if others > 0 {
            sink.note("tables", &format!("only the table `{table}` is read"));
            sink.unused("table of the database", others);
        }
        let mut tools = Tools::default();
        let mut take =
            |line, columns| tools.translate(At::line(line), "", &Columns::new(), columns, &mut *sink);
        if let Some(error) = each(&db, &table, &mut take)? {
            sink.record(At::default(), Err(format!("{table}: {error}; the rest was not read")))?;
        }
        tools.finish(sink)
    }
}

/// The largest database that is read out of an archive.
const LARGEST: u64 = 512 << 20;

/// The bytes of a database, which may say that it has a log beside it: there is none in memory.
fn in_memory(mut bytes: Vec<u8>) -> rusqlite::Result<Connection> {
    bytes.iter_mut().skip(18).take(2).for_each(|version| *version = 1);
    let mut db = Connection::open_in_memory()?;
    let length = bytes.len();
    db.deserialize_read_exact("main", &bytes[..], length, true)?;
    db.pragma_update(None, "trusted_schema", "OFF")?;
    Ok(db)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let written: String = path
        .to_string_lossy()
        .bytes()
        .map(|byte| match byte {
            b'/' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let db = Connection::open_with_flags(format!("file:{written}?immutable=1"), flags)?;
    db.pragma_update(None, "trusted_schema", "OFF")?;
    Ok(db)
}

/// The table with the most known columns, and how many others there are.
fn best(db: &Connection) -> rusqlite::Result<Option<(String, u64)>> {
    let mut select = db.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )?;
    let names: Vec<String> = select.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut known = Vec::new();
    for name in &names {
        let columns = db.prepare(&format!("SELECT * FROM {} LIMIT 0", quoted(name)))?;
        let number = columns.column_names().filter(|column| knows_column(column)).count();
        known.push((number, name));
    }
    let best = known.into_iter().rev().max_by_key(|(number, _)| *number).filter(|(number, _)| *number > 0);
    Ok(best.map(|(_, name)| (name.clone(), names.len() as u64 - 1)))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Hands on the rows of a table; the error that ended them early, if one did.
fn each(
    db: &Connection,
    table: &str,
    take: &mut dyn FnMut(u64, Columns) -> Result<()>,
) -> Result<Option<rusqlite::Error>> {
    let mut select = match db.prepare(&format!("SELECT * FROM {}", quoted(table))) {
        Ok(select) => select,
        Err(error) => return Ok(Some(error)),
    };
    let names: Vec<String> = select.column_names().map(str::to_string).collect();
    let mut rows = match select.query([]) {
        Ok(rows) => rows,
        Err(error) => return Ok(Some(error)),
    };
    for line in 1.. {
        match rows.next() {
            Ok(Some(row)) => take(line, columns(&names, row))?,
            Ok(None) => return Ok(None),
            Err(error) => return Ok(Some(error)),
        }
    }
    Ok(None)
}

fn columns(names: &[String], row: &rusqlite::Row<'_>) -> Columns {
    let value = |place| match row.get_ref(place).ok()? {
        ValueRef::Null | ValueRef::Blob(_) => None,
        ValueRef::Integer(number) => Some(number.into()),
        ValueRef::Real(number) => Some(serde_json::json!(number)),
        ValueRef::Text(text) => Some(Value::String(String::from_utf8_lossy(text).into_owned())),
    };
    names.iter().enumerate().filter_map(|(place, name)| Some((name.clone(), value(place)?))).collect()
}
