//! The tables under seal, and what a row of each belongs to: its owner, a number whose rows are digested together.
//!
//! Every table of the schema stands here but the chain itself and the seal; a test sees to it. The trap: numbers and
//! names go into digests that stand in audit chains, so an area is never renumbered; new ones go to the end.

/// A table under seal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    /// Part of the keys of its nodes.
    pub(super) number: i64,
    pub(super) table: &'static str,
    pub(super) owner: Owner,
    /// The primary key: rows in this order stand in the order of their owners.
    pub(super) order: &'static str,
    /// Which rows are sealed.
    pub(super) sealed: &'static str,
}

/// What tells the owner of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The number in this column.
    Column(&'static str),
    /// The first two bytes of this column.
    Prefix(&'static str),
    /// The table as a whole.
    Table,
}

const fn area(number: i64, table: &'static str, owner: Owner, order: &'static str) -> Area {
    Area { number, table, owner, order, sealed: "true" }
}

/// In the order in which their digests are folded into that of the case.
pub(super) const AREAS: &[Area] = &[
    area(1, "record", Owner::Column("id"), "id"),
    area(2, "sighting", Owner::Column("record"), "record, position, path, file"),
    area(3, "absent", Owner::Column("record"), "record, position, path"),
    area(4, "mismatch", Owner::Column("record"), "record, position, path, manifest, line, detail"),
    area(5, "origin", Owner::Column("record"), "record, manifest"),
    area(6, "content", Owner::Column("id"), "id"),
    area(7, "feature", Owner::Column("content"), "content"),
    area(8, "laid", Owner::Column("a"), "a, b"),
    area(9, "folder", Owner::Column("id"), "id"),
    area(10, "file", Owner::Column("id"), "id"),
    area(11, "manifest", Owner::Column("id"), "id"),
    area(12, "bad_record", Owner::Column("manifest"), "manifest, line, detail"),
    area(13, "decision", Owner::Column("number"), "number"),
    area(14, "reported", Owner::Prefix("id"), "id, network, first"),
    area(15, "tombstone", Owner::Prefix("digest"), "digest"),
    // Who writes, that bytes are to be overwritten, the end of the chain and of what it seals: not facts of the case.
    Area {
        sealed: "name NOT IN ('writer', 'scrub', 'audit_head', 'open')",
        ..area(16, "meta", Owner::Table, "name")
    },
    area(17, "photo_group", Owner::Prefix("photo"), "photo, content"),
    area(18, "texture", Owner::Column("content"), "content"),
    area(19, "network_number", Owner::Prefix("network"), "network"),
    area(20, "bank", Owner::Column("id"), "id"),
    area(21, "bank_version", Owner::Column("id"), "id"),
    area(22, "bank_entry", Owner::Column("id"), "id"),
    area(23, "bank_text", Owner::Column("entry"), "entry"),
    area(24, "network_note", Owner::Column("number"), "number"),
];

impl Owner {
    /// The owner in SQL; `row` is `old.`, `new.` or nothing.
    pub(super) fn sql(self, row: &str) -> String {
        match self {
            Self::Column(column) => format!("{row}{column}"),
            // Hex digits are all that SQL knows of bytes; one that is not there counts as 0.
            Self::Prefix(column) => {
                let digit = |place: u32| {
                    let digit = format!("nullif(substr(hex({row}{column}), {place}, 1), '')");
                    format!("coalesce(instr('123456789ABCDEF', {digit}), 0)")
                };
                let digits = [1, 2, 3, 4].map(digit);
                format!("((({} * 16 + {}) * 16 + {}) * 16 + {})", digits[0], digits[1], digits[2], digits[3])
            }
            Self::Table => "0".into(),
        }
    }

    /// The condition for the rows of an owner, `?1` being the least and `?2` the first key beyond, where there is one.
    pub(super) fn rows(self, owner: i64) -> String {
        match self {
            Self::Column(column) => format!("{column} = ?1"),
            Self::Prefix(column) if owner == LAST_PREFIX => format!("{column} >= ?1"),
            Self::Prefix(column) => format!("{column} >= ?1 AND {column} < ?2"),
            Self::Table => "true".into(),
        }
    }
}

/// The owner of the greatest keys.
pub(super) const LAST_PREFIX: i64 = 0xffff;

impl Area {
    /// The area of a table.
    pub(super) fn of(table: &str) -> Option<&'static Self> {
        AREAS.iter().find(|area| area.table == table)
    }
}
