//! The order in which object files are applied.

use std::collections::{BTreeMap, BTreeSet};

use crate::script::ObjectFile;
use crate::sql::ObjectText;

/// A file with what its order depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) file: &'a ObjectFile,
    pub(crate) text: &'a ObjectText,
    /// Its place in the order that worked before.
    pub(crate) place: Option<u64>,
    /// Its text is still the one that was applied then.
    pub(crate) is_unchanged: bool,
}

/// Returns the places of the files in the order in which to apply them: a file follows those that create what it mentions
/// and those that it names; a file that is always applied follows all others; otherwise, the order is the one that worked before, and then that of the names. Among files
/// that mention each other, that is all there is.
pub(crate) fn order(files: &[Candidate<'_>]) -> Vec<usize> {
    let names = files.iter().map(|candidate| candidate.file.name()).collect::<Vec<_>>();
    let mut creators = BTreeMap::<&str, Vec<usize>>::new();
    for (at, Candidate { text, .. }) in files.iter().enumerate() {
        for created in text.created.iter().filter(|created| created.has_users()) {
            creators.entry(&created.name).or_default().push(at);
        }
    }
    let declared = |at: usize| {
        let after = files[at].file.after().iter();
        after.filter_map(|(_, path)| names.iter().position(|name| name == path)).collect::<BTreeSet<_>>()
    };
    let mentioned = |at: usize| {
        let mentioned = files[at].text.mentioned.iter().filter_map(|name| creators.get(name.as_str()));
        // what worked before counts more than a word
        let worked = |other: usize| {
            let Candidate { place, is_unchanged, .. } = files[at];
            is_unchanged && place.zip(files[other].place).is_some_and(|(own, other)| own < other)
        };
        mentioned.flatten().copied().filter(|other| *other != at && !worked(*other)).collect::<BTreeSet<_>>()
    };
    let needs = (0..files.len()).map(|at| (declared(at), mentioned(at))).collect::<Vec<_>>();
    let mut left = (0..files.len()).collect::<Vec<_>>();
    left.sort_by(|one, other| {
        // what is always applied, such as rights, is about all others
        let place = |at: usize| {
            let Candidate { file, place, .. } = files[at];
            (file.is_always_applied(), place.is_none(), place, &names[at])
        };
        place(*one).cmp(&place(*other))
    });
    let mut order = Vec::with_capacity(files.len());
    let mut done = BTreeSet::new();
    while !left.is_empty() {
        let met = |needs: &BTreeSet<usize>| needs.iter().all(|need| done.contains(need));
        let ready = left.iter().position(|at| met(&needs[*at].0) && met(&needs[*at].1));
        // files that mention each other
        let ready = ready.or_else(|| left.iter().position(|at| met(&needs[*at].0))).unwrap_or(0);
        let at = left.remove(ready);
        done.insert(at);
        order.push(at);
    }
    order
}

/// What is wrong with the order that files declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unordered {
    /// A file names another that does not exist: its place in the list, and which of its directives it is.
    Unknown(usize, usize),
    /// Files name each other.
    Cycle(Vec<usize>),
}

/// Returns what is wrong with the order that files declare.
pub(crate) fn unordered(files: &[ObjectFile]) -> Vec<Unordered> {
    let place = |path: &str| files.iter().position(|file| file.name() == path);
    let mut wrong = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let unknown = file.after().iter().enumerate().filter(|(_, (_, path))| place(path).is_none());
        wrong.extend(unknown.map(|(directive, _)| Unordered::Unknown(at, directive)));
    }
    let needs = files.iter().map(|file| file.after().iter().filter_map(|(_, path)| place(path)).collect::<Vec<_>>());
    let mut needs = needs.enumerate().collect::<BTreeMap<_, _>>();
    // what is not needed by a cycle can be applied before it, or needs it
    loop {
        let left = needs.keys().copied().collect::<BTreeSet<_>>();
        let free = |(at, needs): (&usize, &Vec<usize>)| needs.iter().all(|need| !left.contains(need)).then_some(*at);
        let free = needs.iter().filter_map(free).collect::<Vec<_>>();
        let needed = needs.values().flatten().copied().collect::<BTreeSet<_>>();
        let last = left.iter().copied().filter(|at| !needed.contains(at)).collect::<Vec<_>>();
        if free.is_empty() && last.is_empty() {
            break;
        }
        free.iter().chain(&last).for_each(|at| drop(needs.remove(at)));
    }
    if !needs.is_empty() {
        wrong.push(Unordered::Cycle(needs.into_keys().collect()));
    }
    wrong
}
