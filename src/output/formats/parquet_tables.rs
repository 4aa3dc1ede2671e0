//! `pairs.parquet` and its like: every table of a result folder with typed columns, for pandas, DuckDB and clusters.
//!
//! Made from what the CSV says, so the two never disagree; whole numbers and fractions are numbers, empty cells are
//! null, and a `'` that CSV puts before a formula is taken off again. The trap: a number is told by the name of its
//! column, so a new numeric column belongs into the lists below.

use super::table::formula_as_written;
use super::{Content, Export, Home, RowCounts};
use super::{
    common, decisions, links_csv, many_contacts, networks_csv, pairs, photo_groups, skipped, timeline,
};
use crate::hashlist::optional;
use crate::view::Joined;
use csv::StringRecord;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use std::io::{self, Write};
use std::sync::Arc;

/// A table under its name as Parquet.
pub(super) struct ParquetTable {
    name: &'static str,
    table: &'static dyn Export,
}

pub(super) static TABLES: [ParquetTable; 10] = [
    ParquetTable { name: "common.parquet", table: &common::CommonCsv },
    ParquetTable { name: "decisions.parquet", table: &decisions::DecisionsCsv },
    ParquetTable { name: "leads.parquet", table: &pairs::Leads },
    ParquetTable { name: "links.parquet", table: &links_csv::LinksCsv },
    ParquetTable { name: "many_contacts.parquet", table: &many_contacts::ManyContactsCsv },
    ParquetTable { name: "networks.parquet", table: &networks_csv::NetworksCsv },
    ParquetTable { name: "pairs.parquet", table: &pairs::PairsCsv },
    ParquetTable { name: "photo_groups.parquet", table: &photo_groups::PhotoGroupsCsv },
    ParquetTable { name: "skipped.parquet", table: &skipped::SkippedInputs },
    ParquetTable { name: "timeline.parquet", table: &timeline::Timeline },
];

const WHOLE: [&str; 16] = [
    "ads",
    "ads_without_contact",
    "contacts",
    "days",
    "distance",
    "images",
    "photos",
    "position",
    "quality_a",
    "quality_b",
    "rank",
    "rarity_ads",
    "rarity_days",
    "rarity_sites",
    "size",
    "unrelated_posters",
];

const FRACTION: [&str; 5] = ["overlap_a", "overlap_b", "probability", "score", "weight"];

/// Columns in which CSV puts a `'` before formulas; all others are written as they are.
const FREE_TEXT: [&str; 17] = [
    "contact_list",
    "detail",
    "from_label",
    "from_phones",
    "from_place",
    "from_url",
    "place",
    "places",
    "reason",
    "reviewer",
    "shown",
    "subject",
    "to_label",
    "to_phones",
    "to_place",
    "to_url",
    "would_settle",
];

/// Rows held before they are written as one row group.
const ROWS_PER_GROUP: usize = 65_536;

impl Export for ParquetTable {
    fn file_name(&self) -> &'static str {
        self.name
    }

    fn content(&self) -> Content {
        self.table.content()
    }

    fn home(&self) -> Home {
        Home::Order
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        self.write_noted(joined, None, out)
    }

    fn write_with_note(
        &self,
        joined: &Joined<'_>,
        note: &str,
        out: &mut dyn Write,
    ) -> Option<io::Result<RowCounts>> {
        Some(self.write_noted(joined, Some(note), out))
    }
}

impl ParquetTable {
    fn write_noted(
        &self,
        joined: &Joined<'_>,
        note: Option<&str>,
        out: &mut dyn Write,
    ) -> io::Result<RowCounts> {
        let mut text = Vec::new();
        let rows = self.table.write(joined, &mut text)?;
        out.write_all(&parquet(&text, note)?)?;
        Ok(rows)
    }
}

fn parquet(text: &[u8], note: Option<&str>) -> io::Result<Vec<u8>> {
    let mut table = csv::Reader::from_reader(text);
    let columns: Vec<TableColumn> = table.headers()?.iter().map(TableColumn::named).collect();
    let mut metadata = vec![KeyValue::new("adlink.version".into(), env!("CARGO_PKG_VERSION").to_string())];
    metadata.extend(note.map(|note| KeyValue::new("adlink.handling".into(), note.to_string())));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(metadata));
    let fields: String = columns.iter().map(TableColumn::field).collect();
    let schema = parse_message_type(&format!("message rows {{ {fields} }}"))?;
    let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties.build()))?;
    let mut records = table.into_records();
    loop {
        let group: Vec<StringRecord> = records.by_ref().take(ROWS_PER_GROUP).collect::<Result<_, _>>()?;
        if group.is_empty() {
            return Ok(file.into_inner()?);
        }
        let mut out = file.next_row_group()?;
        for (place, column) in columns.iter().enumerate() {
            column.write(&mut out, group.iter().map(|record| &record[place]))?;
        }
        out.close()?;
    }
}

struct TableColumn {
    name: String,
    kind: Kind,
}

enum Kind {
    Text,
    FreeText,
    Whole,
    Fraction,
}

impl TableColumn {
    fn named(name: &str) -> Self {
        let kind = match name {
            whole if WHOLE.contains(&whole) => Kind::Whole,
            fraction if FRACTION.contains(&fraction) => Kind::Fraction,
            free if FREE_TEXT.contains(&free) => Kind::FreeText,
            _ => Kind::Text,
        };
        Self { name: name.into(), kind }
    }

    fn field(&self) -> String {
        let name = &self.name;
        match self.kind {
            Kind::Text | Kind::FreeText => format!("optional binary {name} (string); "),
            Kind::Whole => format!("optional int64 {name}; "),
            Kind::Fraction => format!("optional double {name}; "),
        }
    }

    fn write<'c, W: Write + Send>(
        &self,
        group: &mut SerializedRowGroupWriter<'_, W>,
        cells: impl Iterator<Item = &'c str>,
    ) -> Result<(), ParquetError> {
        match self.kind {
            Kind::Text => optional::<ByteArrayType, W>(group, cells.map(text)),
            Kind::FreeText => {
                optional::<ByteArrayType, W>(group, cells.map(|cell| text(formula_as_written(cell))))
            }
            Kind::Whole => optional::<Int64Type, W>(group, cells.map(|cell| cell.parse().ok())),
            Kind::Fraction => optional::<DoubleType, W>(group, cells.map(|cell| cell.parse().ok())),
        }
    }
}

fn text(cell: &str) -> Option<ByteArray> {
    (!cell.is_empty()).then(|| cell.into())
}
