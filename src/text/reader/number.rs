//! What to type instead of a number that YAML readers do not agree on.

/// Returns the plain decimal form of a YAML number such as `1e3`, `0o10` or `1_000`, as a hint.
pub fn hint(text: &str) -> String {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = unsigned.replace('_', "");
    for (prefix, radix, name) in [("0x", 16, "hexadecimal"), ("0o", 8, "octal"), ("0b", 2, "binary")] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return match i64::from_str_radix(rest, radix) {
                Ok(value) => format!("write {sign}{value}: `{text}` is {name}"),
                Err(_) => "write it as a decimal number".to_owned(),
            };
        }
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let plain = digits.trim_start_matches('0');
        let plain = if plain.is_empty() { "0" } else { plain };
        let why = if unsigned.contains('_') {
            "only YAML 1.1 knows underscores in numbers"
        } else if digits.starts_with('0') && digits.len() > 1 {
            "with a leading zero some YAML readers take it for octal"
        } else {
            "without the plus sign"
        };
        return format!("write {sign}{plain}: {why}");
    }
    match digits.parse::<f64>() {
        // Below 2^53 every whole number is exact.
        Ok(value) if value.fract() == 0.0 && value < 9_007_199_254_740_992.0 => format!("write {sign}{value}"),
        Ok(value) if value.fract() != 0.0 => "write a whole number".to_owned(),
        _ => "write a whole number in digits".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_odd_number_has_a_plain_form() {
        for (text, expected) in [
            ("0o10", "write 8: `0o10` is octal"),
            ("-0x1F", "write -31: `-0x1F` is hexadecimal"),
            ("0b101", "write 5: `0b101` is binary"),
            ("1_000", "write 1000: only YAML 1.1 knows underscores in numbers"),
            ("010", "write 10: with a leading zero some YAML readers take it for octal"),
            ("000", "write 0: with a leading zero some YAML readers take it for octal"),
            ("+5", "write 5: without the plus sign"),
            ("1e3", "write 1000"),
            ("60.0", "write 60"),
            ("1_0e1", "write 100"),
            (".5", "write a whole number"),
            ("-1.5", "write a whole number"),
            ("38439e10", "write 384390000000000"),
            ("1e300", "write a whole number in digits"),
            ("0xffffffffffffffffffff", "write it as a decimal number"),
        ] {
            assert_eq!(hint(text), expected, "{text}");
        }
    }
}
