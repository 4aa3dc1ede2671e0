//! `adlink completions` and `adlink man`: what shells and `man` want to know, from the same definitions as `--help`.

use super::sink::OutputSink;
use super::terminal::{self, Talk, count};
use super::{Cli, Common, Exit};
use adlink::Error;
use adlink::output::{Guard, create_folder};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use std::path::PathBuf;

/// Print what a shell needs to complete commands and flags
#[derive(Args)]
#[command(after_long_help = "\
Example:
  adlink completions bash > /etc/bash_completion.d/adlink")]
pub(super) struct CompletionsArgs {
    #[arg(value_enum)]
    shell: Shell,
}

/// Write manual pages, one for every command
#[derive(Args)]
#[command(after_long_help = "\
Example:
  adlink man /usr/local/share/man/man1")]
pub(super) struct ManArgs {
    /// Folder for the pages, created when it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn completions(args: &CompletionsArgs) -> adlink::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "adlink", &mut script);
    terminal::data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

pub(super) fn man(args: &ManArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    create_folder(&args.folder)?;
    let mut whole = Cli::command();
    whole.build();
    let commands = whole.get_subcommands().filter(|command| command.get_name() != "help");
    let pages = std::iter::once(("adlink".to_string(), &whole))
        .chain(commands.map(|command| (format!("adlink-{}", command.get_name()), command)));
    let mut written = 0;
    for (name, command) in pages {
        let path = args.folder.join(format!("{name}.1"));
        let mut page = Vec::new();
        Man::new(command.clone()).render(&mut page).map_err(|error| Error::io("write", &path, error))?;
        OutputSink::open(Some(&path), &Guard::new(common.force), talk)?
            .text(&String::from_utf8_lossy(&page))?;
        written += 1;
    }
    talk.say(&format!("{} written", count(written, "page")));
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The terminal breaks the lines of a paragraph; a break of our own in the middle would leave stubs of lines.
    #[test]
    fn paragraphs_of_help_are_single_lines() {
        let mut all = vec![Cli::command()];
        while let Some(command) = all.pop() {
            all.extend(command.get_subcommands().cloned());
            let Some(text) = command.get_after_long_help() else { continue };
            let text = text.to_string();
            for (line, next) in text.lines().zip(text.lines().skip(1)) {
                let goes_on = next.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit() || c == '`');
                assert!(line.starts_with(' ') || !goes_on, "{}: a break after {line:?}", command.get_name());
            }
        }
    }
}
