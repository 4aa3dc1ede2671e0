//! `graph.graphml`, `graph_all.graphml`: the graph for Cytoscape, yEd and networkx, with typed attributes.
//!
//! Links are undirected; which end is `source` means nothing.

use super::graph;
use super::graph::{EDGE_ATTRIBUTES, LinkScope, NODE_ATTRIBUTES, ValueType, Values};
use super::xml::Escaped;
use super::{Content, Export, Home, RowCounts};
use crate::view::Joined;
use std::io::{self, Write};

/// The graph of what holds.
pub(super) const GRAPHML: GraphMl = GraphMl(LinkScope::Held);

/// The graph of all links, those that join nobody, too.
pub(super) const GRAPHML_ALL: GraphMl = GraphMl(LinkScope::All);

pub(super) struct GraphMl(LinkScope);

impl Export for GraphMl {
    fn file_name(&self) -> &'static str {
        match self.0 {
            LinkScope::Held => "graph.graphml",
            LinkScope::All => "graph_all.graphml",
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
        out.write_all(b"<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n")?;
        write_key(out, "node", "label", ValueType::Text)?;
        for (name, kind) in NODE_ATTRIBUTES {
            write_key(out, "node", name, kind)?;
        }
        write_key(out, "edge", "weight", ValueType::Real)?;
        for name in ["first_seen", "last_seen"] {
            write_key(out, "node", name, ValueType::Text)?;
            write_key(out, "edge", name, ValueType::Text)?;
        }
        for (name, kind) in EDGE_ATTRIBUTES {
            write_key(out, "edge", name, kind)?;
        }
        out.write_all(b"<graph id=\"adlink\" edgedefault=\"undirected\">\n")?;
        for node in graph::nodes(joined, self.0) {
            elements += 1;
            writeln!(out, "<node id=\"{}\">", Escaped(&node.id))?;
            write_data(out, "node", "label", &node.label)?;
            write_times(out, "node", &node.span, &node.values)?;
            out.write_all(b"</node>\n")?;
        }
        for edge in graph::edges(joined, self.0) {
            elements += 1;
            let (id, source, target) = (Escaped(&edge.id), Escaped(&edge.source), Escaped(&edge.target));
            writeln!(out, "<edge id=\"{id}\" source=\"{source}\" target=\"{target}\">")?;
            write_data(out, "edge", "weight", &format!("{:.4}", edge.weight))?;
            write_times(out, "edge", &edge.span, &edge.values)?;
            out.write_all(b"</edge>\n")?;
        }
        out.write_all(b"</graph>\n</graphml>\n")?;
        Ok(RowCounts::all(elements))
    }
}

fn write_key(out: &mut dyn Write, of: &str, name: &str, kind: ValueType) -> io::Result<()> {
    let kind = match kind {
        ValueType::Text => "string",
        ValueType::Whole => "int",
        ValueType::Real => "double",
    };
    writeln!(out, "<key id=\"{of}_{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>")
}

fn write_data(out: &mut dyn Write, of: &str, name: &str, value: &str) -> io::Result<()> {
    writeln!(out, "  <data key=\"{of}_{name}\">{}</data>", Escaped(value))
}

fn write_times(out: &mut dyn Write, of: &str, span: &(String, String), values: &Values) -> io::Result<()> {
    for (name, time) in [("first_seen", &span.0), ("last_seen", &span.1)] {
        if !time.is_empty() {
            write_data(out, of, name, time)?;
        }
    }
    values.iter().try_for_each(|(name, value)| write_data(out, of, name, value))
}
