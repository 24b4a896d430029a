//! How much memory the process may use, and how much it used.

/// Reads a size such as `800M`, `4G` or `1.5GiB`; a bare number is bytes. K, M, G, T are powers of 1,024.
///
/// # Errors
/// When the text is no such size, or is less than 64 MiB, with which no scan can work.
pub fn parse_size(text: &str) -> Result<usize, String> {
    const LEAST: f64 = 64.0 * 1024.0 * 1024.0;
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let power = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 1,
        "M" | "MB" | "MIB" => 2,
        "G" | "GB" | "GIB" => 3,
        "T" | "TB" | "TIB" => 4,
        _ => return Err("write a number and K, M, G or T, e.g. 4G".into()),
    };
    let number: f64 = digits.trim().parse().map_err(|_| "write a number and K, M, G or T, e.g. 4G".to_owned())?;
    let bytes = number * 1024f64.powi(power);
    if !bytes.is_finite() || bytes < LEAST {
        return Err("at least 64M is needed".into());
    }
    Ok(bytes as usize)
}

/// Most memory that the process has held so far, in bytes, where the operating system tells.
pub fn peak_bytes() -> Option<u64> {
    field_bytes("/proc/self/status", "VmHWM:")
}

fn field_bytes(file: &str, field: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let check = |text: &str, expect: Option<usize>| assert_eq!(parse_size(text).ok(), expect, "{text}");
        check("64M", Some(64 << 20));
        check("1.5g", Some(3 << 29));
        check("2GiB", Some(2 << 30));
        check("134217728", Some(128 << 20));
        check("63M", None);
        check("-1G", None);
        check("nanG", None);
        check("much", None);
        check("4 apples", None);
        check("", None);
    }

    #[test]
    fn the_peak_covers_what_is_held() {
        if let Some(peak) = peak_bytes() {
            let held = vec![1u8; 64 << 20];
            assert!(held.iter().map(|byte| u64::from(*byte)).sum::<u64>() == 64 << 20);
            assert!(peak_bytes() >= Some(peak.max(64 << 20)));
        }
    }
}
