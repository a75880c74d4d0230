//! The files of `[captcha.lists]`: addresses, networks and AS numbers, one a line, and the database that
//! tells an address' autonomous system.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use ipnet::IpNet;
use maxminddb::Reader;

use super::{
    entries::{self, MOST_TOLD},
    faults::ConfigFault,
    scope::{Merged, Scope},
    seen::{Seen, reason},
};
use crate::{
    config::{
        AutonomousSystem, CaptchaLists,
        captcha::{AsDatabase, AsRecord, Networks, as_number},
        values::quoted,
    },
    keys::{Tag, digest},
};

/// Largest list, in bytes: over two million networks.
const MOST_BYTES: u64 = 64 << 20;
/// Largest database, in bytes; those of today have about ten million.
const MOST_OF_DATABASE: u64 = 256 << 20;
/// Networks of a database that are looked at for an AS number before it is taken for one of another kind.
const LOOKED_AT: usize = 10_000;

/// What one list says.
#[derive(Default)]
struct List {
    nets: Vec<IpNet>,
    systems: Vec<u32>,
}

/// Reads every file once, however many sites name it, and compiles equal settings once.
pub(super) struct ListFiles<'a> {
    base: &'a Path,
    seen: &'a mut Seen,
    lists: BTreeMap<PathBuf, Result<List, Vec<String>>>,
    databases: BTreeMap<PathBuf, Result<Arc<AsDatabase>, String>>,
    compiled: Vec<(CaptchaLists, Arc<Networks>)>,
    digests: BTreeMap<String, (usize, Tag)>,
}

impl<'a> ListFiles<'a> {
    pub(super) fn new(base: &'a Path, seen: &'a mut Seen) -> Self {
        let (lists, databases) = (BTreeMap::new(), BTreeMap::new());
        Self { base, seen, lists, databases, compiled: Vec::new(), digests: BTreeMap::new() }
    }

    /// Each file as it was named, with the number of its entries and the digest of its content.
    pub(super) fn digests(self) -> BTreeMap<String, (usize, Tag)> {
        self.digests
    }

    /// Reads the files of one scope and compiles them.
    pub(super) fn fill(
        &mut self,
        lists: &mut CaptchaLists,
        merged: &Merged,
        scope: Scope,
        faults: &mut Vec<ConfigFault>,
    ) {
        let base = self.base;
        lists.tor_exits.iter_mut().chain(&mut lists.hosting).for_each(|file| *file = base.join(&*file));
        if !lists.asn_database.as_os_str().is_empty() {
            lists.asn_database = base.join(&lists.asn_database);
        }
        let same = |(known, _): &&(CaptchaLists, _)| {
            known.tor_exits == lists.tor_exits
                && known.hosting == lists.hosting
                && known.asn_database == lists.asn_database
                && known.hosting_asns == lists.hosting_asns
        };
        if let Some((_, networks)) = self.compiled.iter().find(same) {
            lists.networks = Arc::clone(networks);
            return;
        }
        let known = faults.len();
        let tor = self.read_all("tor_exits", &lists.tor_exits, merged, scope, faults);
        let hosting = self.read_all("hosting", &lists.hosting, merged, scope, faults);
        let database = self.database(&lists.asn_database, merged, scope, faults);
        needs_database(lists, &hosting, merged, scope, faults);
        if faults.len() > known {
            return;
        }
        let systems = hosting.systems.into_iter().map(AutonomousSystem::Number);
        let systems = systems.chain(lists.hosting_asns.iter().cloned());
        lists.networks = Arc::new(Networks::new(tor.nets, hosting.nets, systems, database));
        self.compiled.push((lists.clone(), Arc::clone(&lists.networks)));
    }

    fn read_all(
        &mut self,
        name: &str,
        files: &[PathBuf],
        merged: &Merged,
        scope: Scope,
        faults: &mut Vec<ConfigFault>,
    ) -> List {
        let (key, with_systems) = (format!("captcha.lists.{name}"), name == "hosting");
        let right = if with_systems {
            "give a text file with an address, a network or an AS number a line, e.g. 198.51.100.0/24 or AS64500"
        } else {
            "give a text file with an address or a network a line, e.g. 198.51.100.7 or 198.51.100.0/24"
        };
        let mut whole = List::default();
        for (n, file) in files.iter().enumerate() {
            let mut tell = |wrong: &str| {
                faults.push(merged.item_fault(scope, &key, n, wrong.to_owned(), right.to_owned()));
            };
            match self.list(file) {
                Ok(list) if !with_systems && !list.systems.is_empty() => {
                    tell(&format!("{} holds AS numbers", file.display()));
                }
                Ok(list) => {
                    whole.nets.extend(&list.nets);
                    whole.systems.extend(&list.systems);
                }
                Err(wrongs) => wrongs.iter().for_each(|wrong| tell(wrong)),
            }
        }
        whole
    }

    fn list(&mut self, file: &Path) -> &Result<List, Vec<String>> {
        if !self.lists.contains_key(file) {
            let list = entries::read(self.seen, file, MOST_BYTES).map_err(|wrong| vec![wrong]).and_then(|entries| {
                self.digests.insert(format!("list file {}", file.display()), (entries.lines.len(), entries.digest));
                parsed(file, entries.lines)
            });
            self.lists.insert(file.to_owned(), list);
        }
        self.lists.entry(file.to_owned()).or_insert_with(|| Ok(List::default()))
    }

    fn database(
        &mut self,
        file: &Path,
        merged: &Merged,
        scope: Scope,
        faults: &mut Vec<ConfigFault>,
    ) -> Option<Arc<AsDatabase>> {
        if file.as_os_str().is_empty() {
            return None;
        }
        if !self.databases.contains_key(file) {
            let opened = self.opened(file);
            self.databases.insert(file.to_owned(), opened);
        }
        match self.databases.get(file)? {
            Ok(database) => Some(Arc::clone(database)),
            Err(wrong) => {
                let right = "give a database of autonomous systems in the MaxMind DB format (.mmdb)";
                faults.push(merged.fault(scope, "captcha.lists.asn_database", wrong.clone(), right.to_owned()));
                None
            }
        }
    }

    fn opened(&mut self, file: &Path) -> Result<Arc<AsDatabase>, String> {
        let name = file.display();
        let bytes = self
            .seen
            .read(file, MOST_OF_DATABASE)
            .map_err(|fault| format!("{name} cannot be read: {}", reason(&fault)))?;
        let digest = digest(&bytes);
        let database = Reader::from_source(bytes).map_err(|_fault| format!("{name} is no MaxMind DB"))?;
        if !tells_systems(&database) {
            let kind = quoted(&database.metadata().database_type);
            return Err(format!("{name} is damaged or of another kind, {kind}: it tells no AS numbers"));
        }
        let nodes = usize::try_from(database.metadata().node_count).unwrap_or(usize::MAX);
        self.digests.insert(format!("list file {name}"), (nodes, digest));
        Ok(Arc::new(database))
    }
}

fn tells_systems(database: &AsDatabase) -> bool {
    let numbered = |found: maxminddb::LookupResult<'_, Vec<u8>>| {
        found.decode::<AsRecord<'_>>().ok().flatten().is_some_and(|record| record.number.is_some())
    };
    let networks = database.networks(maxminddb::WithinOptions::default());
    networks.is_ok_and(|mut networks| networks.by_ref().take(LOOKED_AT).any(|found| found.is_ok_and(numbered)))
}

fn parsed(file: &Path, lines: Vec<(usize, String)>) -> Result<List, Vec<String>> {
    let (mut list, mut wrongs) = (List::default(), Vec::new());
    for (n, line) in lines {
        // Behind the entry there may be a remark.
        let entry = line.split(|c: char| c.is_whitespace() || c == '#').next().unwrap_or_default();
        let net = entry.parse::<IpNet>().ok().or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from));
        match (net, as_number(entry).filter(|_| entry.starts_with(['A', 'a']))) {
            (Some(net), _) => list.nets.push(net),
            (None, Some(number)) => list.systems.push(number),
            (None, None) => wrongs.push(format!("{}, line {n}, is no network: {}", file.display(), quoted(entry))),
        }
        if wrongs.len() == MOST_TOLD {
            break;
        }
    }
    if wrongs.is_empty() { Ok(list) } else { Err(wrongs) }
}

/// An AS number says nothing of an address without a database.
fn needs_database(lists: &CaptchaLists, hosting: &List, merged: &Merged, scope: Scope, faults: &mut Vec<ConfigFault>) {
    let sound = merged.sound(scope, "captcha.lists.asn_database");
    if !lists.asn_database.as_os_str().is_empty() || !sound {
        return;
    }
    for (key, given) in [("hosting_asns", !lists.hosting_asns.is_empty()), ("hosting", !hosting.systems.is_empty())] {
        if given {
            let (wrong, right) = ("AS numbers need a database", "set captcha.lists.asn_database to an .mmdb file");
            faults.push(merged.fault(scope, &format!("captcha.lists.{key}"), wrong.to_owned(), right.to_owned()));
        }
    }
}
