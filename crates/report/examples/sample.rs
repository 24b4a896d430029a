//! Writes sample pages from made-up findings into a folder, to look at them in a browser.

#[path = "../testdata/findings.rs"]
mod findings;

use std::{env, fs, path::PathBuf};

use stillwatch_report::{Summary, page, terminal};

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or_else(|| ".".to_string()));
    let campaigns = findings::campaigns();
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("report.html"), page(&findings::summary(), &campaigns, &findings::exemplars()))?;
    let nothing = Summary { rejected_reasons: Vec::new(), ..findings::summary() };
    fs::write(folder.join("nothing.html"), page(&nothing, &[], &Default::default()))?;
    print!("{}", terminal(&findings::summary(), &campaigns, 140, false));
    Ok(())
}
