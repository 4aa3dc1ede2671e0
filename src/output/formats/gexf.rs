//! `graph.gexf`, `graph_all.gexf`: the graph for Gephi, with the time in which each ad, photo and link was seen.
//!
//! GEXF 1.2, the version that Gephi and networkx both read. Times are days: the one precision that every ad
//! has. An element without a known day has no spell, which readers take as "always".

use super::graph;
use super::graph::{EDGE_ATTRIBUTES, LinkScope, NODE_ATTRIBUTES, ValueType, Values};
use super::xml::Escaped;
use super::{Content, Export, Home, RowCounts};
use crate::view::{Joined, day};
use std::io::{self, Write};

/// The graph of what holds.
pub(super) const GEXF: Gexf = Gexf(LinkScope::Held);

/// The graph of all links, those that join nobody, too.
pub(super) const GEXF_ALL: Gexf = Gexf(LinkScope::All);

pub(super) struct Gexf(LinkScope);

impl Export for Gexf {
    fn file_name(&self) -> &'static str {
        match self.0 {
            LinkScope::Held => "graph.gexf",
            LinkScope::All => "graph_all.gexf",
        }
    }

    fn content(&self) -> Content {
        Content::Findings
    }

    fn home(&self) -> Home {
        match self.0 {
            LinkScope::Held => Home::Folder,
            LinkScope::All => Home::Order,
        }
    }

    fn write(&self, joined: &Joined<'_>, out: &mut dyn Write) -> io::Result<RowCounts> {
        let mut elements = 0;
        out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
        out.write_all(b"<gexf xmlns=\"http://www.gexf.net/1.2draft\" version=\"1.2\">\n")?;
        out.write_all(b"<graph mode=\"dynamic\" defaultedgetype=\"undirected\" timeformat=\"date\">\n")?;
        write_attributes(out, "node", &NODE_ATTRIBUTES)?;
        write_attributes(out, "edge", &EDGE_ATTRIBUTES)?;
        out.write_all(b"<nodes>\n")?;
        for node in graph::nodes(joined, self.0) {
            elements += 1;
            writeln!(out, "<node id=\"{}\" label=\"{}\">", Escaped(&node.id), Escaped(&node.label))?;
            write_content(out, "node", &node.span, &node.values)?;
            out.write_all(b"</node>\n")?;
        }
        out.write_all(b"</nodes>\n<edges>\n")?;
        for edge in graph::edges(joined, self.0) {
            elements += 1;
            let (id, source, target) = (Escaped(&edge.id), Escaped(&edge.source), Escaped(&edge.target));
            write!(out, "<edge id=\"{id}\" source=\"{source}\" target=\"{target}\"")?;
            writeln!(out, " weight=\"{:.4}\">", edge.weight)?;
            write_content(out, "edge", &edge.span, &edge.values)?;
            out.write_all(b"</edge>\n")?;
        }
        out.write_all(b"</edges>\n</graph>\n</gexf>\n")?;
        Ok(RowCounts::all(elements))
    }
}

fn write_attributes(out: &mut dyn Write, class: &str, attributes: &[(&str, ValueType)]) -> io::Result<()> {
    writeln!(out, "<attributes class=\"{class}\" mode=\"static\">")?;
    for (name, kind) in attributes {
        let kind = match kind {
            ValueType::Text => "string",
            ValueType::Whole => "integer",
            ValueType::Real => "double",
        };
        writeln!(out, "  <attribute id=\"{class}_{name}\" title=\"{name}\" type=\"{kind}\"/>")?;
    }
    out.write_all(b"</attributes>\n")
}

fn write_content(
    out: &mut dyn Write,
    class: &str,
    span: &(String, String),
    values: &Values,
) -> io::Result<()> {
    out.write_all(b"  <attvalues>\n")?;
    for (name, value) in values {
        writeln!(out, "    <attvalue for=\"{class}_{name}\" value=\"{}\"/>", Escaped(value))?;
    }
    out.write_all(b"  </attvalues>\n")?;
    if let (Some(start), Some(end)) = (day(&span.0), day(&span.1)) {
        writeln!(out, "  <spells><spell start=\"{start}\" end=\"{end}\"/></spells>")?;
    }
    Ok(())
}
