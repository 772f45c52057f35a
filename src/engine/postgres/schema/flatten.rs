//! Needless parentheses around operands of AND and OR.

/// A part of an expression.
enum Node<'a> {
    /// Text without quotes and parentheses.
    Text(&'a str),
    Quoted(&'a str),
    /// What is in parentheses.
    Group(Vec<Node<'a>>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    And,
    Or,
}

/// Takes away the parentheses of `(a AND b) AND c`. PostgreSQL prints `a BETWEEN 1 AND 2 AND c` with them at first, and
/// without them once it has read its own text: verified by experiment on PostgreSQL 15 and 18.
pub(super) fn flatten(text: &str) -> String {
    if !text.contains(" AND ") && !text.contains(" OR ") {
        return text.to_owned();
    }
    let mut flat = String::with_capacity(text.len());
    let (nodes, rest) = parse(text);
    print(&nodes, &mut flat);
    flat + rest
}

/// Reads up to the parenthesis that closes a group.
fn parse(text: &str) -> (Vec<Node<'_>>, &str) {
    let (mut nodes, mut rest) = (Vec::new(), text);
    loop {
        let end = rest.find(['(', ')', '\'', '"']).unwrap_or(rest.len());
        let (before, after) = rest.split_at(end);
        if !before.is_empty() {
            nodes.push(Node::Text(before));
        }
        rest = match after.chars().next() {
            Some('(') => {
                let (group, after) = parse(&after[1..]);
                nodes.push(Node::Group(group));
                after.strip_prefix(')').unwrap_or(after)
            }
            Some(quote @ ('\'' | '"')) => {
                let end = after[1..].find(quote).map_or(after.len(), |end| end + 2);
                nodes.push(Node::Quoted(&after[..end]));
                &after[end..]
            }
            _ => return (nodes, after),
        };
    }
}

/// Returns the operator that joins the operands of a list, if there is one only.
fn operator(nodes: &[Node<'_>]) -> Option<Operator> {
    let words = nodes.iter().filter_map(|node| if let Node::Text(text) = node { Some(*text) } else { None });
    let mut found = words.flat_map(str::split_whitespace).filter_map(|word| match word {
        "AND" => Some(Operator::And),
        "OR" => Some(Operator::Or),
        _ => None,
    });
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

fn print(nodes: &[Node<'_>], flat: &mut String) {
    let joined = operator(nodes);
    for (place, node) in nodes.iter().enumerate() {
        match node {
            Node::Text(text) | Node::Quoted(text) => flat.push_str(text),
            Node::Group(group) => {
                let is_needless = joined.is_some() && operator(group) == joined && is_operand(nodes, place);
                if !is_needless {
                    flat.push('(');
                }
                print(group, flat);
                if !is_needless {
                    flat.push(')');
                }
            }
        }
    }
}

/// Whether a group is a whole operand of AND or OR.
fn is_operand(nodes: &[Node<'_>], place: usize) -> bool {
    let is_operator = |word: Option<&str>| matches!(word, Some("AND" | "OR"));
    let before = match place.checked_sub(1).and_then(|before| nodes.get(before)) {
        None => true,
        Some(Node::Text(text)) => text.ends_with(' ') && is_operator(text.split_whitespace().next_back()),
        Some(_) => false,
    };
    let after = match nodes.get(place + 1) {
        None => true,
        Some(Node::Text(text)) => text.starts_with(' ') && is_operator(text.split_whitespace().next()),
        Some(_) => false,
    };
    before && after
}

#[cfg(test)]
mod tests {
    use super::flatten;

    #[test]
    fn parentheses_around_operands_of_the_same_operator_are_needless() {
        for (before, after) in [
            ("CHECK ((((a >= 1) AND (a <= 5)) AND (b > 0)))", "CHECK (((a >= 1) AND (a <= 5) AND (b > 0)))"),
            ("((a OR b) OR (c OR (d OR e)))", "(a OR b OR c OR d OR e)"),
            ("((a OR b) AND c)", "((a OR b) AND c)"),
            ("(NOT (a AND b) AND c)", "(NOT (a AND b) AND c)"),
            ("(f(a AND b) AND c)", "(f(a AND b) AND c)"),
            ("((a AND b) IS NULL AND c)", "((a AND b) IS NULL AND c)"),
            ("(('( AND ' = a) AND \"(b\")", "(('( AND ' = a) AND \"(b\")"),
            ("SELECT 1 WHERE ((a AND b) AND c) GROUP BY d)", "SELECT 1 WHERE (a AND b AND c) GROUP BY d)"),
            (
                "sum(a) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
                "sum(a) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
            ),
        ] {
            assert_eq!(flatten(before), after);
        }
    }
}
