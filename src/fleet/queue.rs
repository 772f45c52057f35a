//! The databases that are not begun yet.

use std::collections::{BTreeMap, VecDeque};

use super::Member;

/// The databases that are not begun yet, in their order, and how many of each server run.
pub(super) struct Queue {
    servers: BTreeMap<Option<String>, Lane>,
    /// How many of one server may run.
    per_server: usize,
}

/// The databases of one server.
#[derive(Default)]
struct Lane {
    /// With their places in the whole order.
    waiting: VecDeque<(usize, Member)>,
    running: usize,
}

impl Queue {
    pub(super) fn new(members: Vec<Member>, per_server: usize) -> Self {
        let mut servers = BTreeMap::<_, Lane>::new();
        for (place, member) in members.into_iter().enumerate() {
            servers.entry(member.target.server()).or_default().waiting.push_back((place, member));
        }
        Self { servers, per_server }
    }

    /// Takes the first database whose server has room for one more.
    pub(super) fn next(&mut self) -> Option<Member> {
        let per_server = self.per_server;
        let has_room = |(server, lane): &(&Option<String>, &mut Lane)| server.is_none() || lane.running < per_server;
        let lanes = self.servers.iter_mut().filter(has_room).filter(|(_, lane)| !lane.waiting.is_empty());
        let (_, lane) = lanes.min_by_key(|(_, lane)| lane.waiting.front().map(|(place, _)| *place))?;
        lane.running += 1;
        lane.waiting.pop_front().map(|(_, member)| member)
    }

    /// Records that a database of a server has ended.
    pub(super) fn release(&mut self, server: Option<&str>) {
        if let Some(lane) = self.servers.get_mut(&server.map(ToOwned::to_owned)) {
            lane.running -= 1;
        }
    }

    /// How many are not begun.
    pub(super) fn len(&self) -> usize {
        self.servers.values().map(|lane| lane.waiting.len()).sum()
    }
}
