//! The object files of a comparison with a scratch database: what is pending in a database is no difference.

use std::collections::BTreeMap;

use crate::engine::{Connection, ObjectsSql};
use crate::error::Error;
use crate::journal::Journal;
use crate::migrator::Migrator;
use crate::objects::{Catalog, ObjectState, compare, is_named};
use crate::plan::HeldObject;
use crate::preflight;
use crate::schema::{Object, Schema};
use crate::script::{Number, ObjectFile};

/// Which object files a scratch database is built with, and which objects are not compared.
#[derive(Default)]
pub(crate) struct ObjectFiles {
    /// The files that the scratch database is built with.
    kept: Vec<String>,
    /// The names of objects that are not compared, with their files.
    left_out: BTreeMap<String, String>,
    /// Whether the objects that differ are pending.
    finds_equal: bool,
}

impl ObjectFiles {
    /// Whether the scratch database is built with a file.
    pub(crate) fn keeps(&self, file: &ObjectFile) -> bool {
        self.kept.iter().any(|kept| kept == file.relative())
    }

    /// Returns a schema without the objects that are not compared.
    pub(crate) fn compared(&self, schema: Schema) -> Schema {
        let file = |name: &str, kind: &str| {
            self.left_out.iter().find(|(recorded, _)| is_named(kind, name, recorded)).map(|(_, file)| file)
        };
        let parents = schema.objects().iter().filter(|object| file(&object.name, &object.kind).is_some());
        let parents = parents.map(|object| object.name.clone()).collect::<Vec<_>>();
        schema.leaving_out(|object: &Object| match file(&object.name, &object.kind) {
            Some(file) => Some(format!("{file} is pending")),
            None => object.parent.as_ref().filter(|parent| parents.contains(parent)).map(|_| String::new()),
        })
    }
}

impl Migrator {
    /// Returns the object files that a database has as they are, and leaves out the objects of those that are pending.
    pub(super) async fn applied_objects(
        &self,
        connection: &mut dyn Connection,
        journal: &Journal,
    ) -> Result<ObjectFiles, Error> {
        let mut files = ObjectFiles::default();
        let compared = compare(self.scripts.objects(), &journal.objects, &self.options.variables);
        let mut new = Vec::new();
        for (file, state, entry) in compared.files {
            match state {
                ObjectState::New => new.push(file),
                ObjectState::Changed => {}
                _ => files.kept.push(file.name()),
            }
            let names = entry.filter(|_| state == ObjectState::Changed).into_iter().flat_map(|entry| &entry.names);
            files.left_out.extend(names.map(|name| (name.clone(), file.name())));
        }
        for HeldObject { file, names, .. } in self.created_in(connection, &new).await? {
            files.left_out.extend(names.into_iter().map(|name| (name, file.name())));
        }
        Ok(files)
    }

    /// Returns all object files if the scratch database has all scripts; otherwise, none can be built.
    pub(crate) fn all_objects(&self, to: Number) -> ObjectFiles {
        let has_all = Some(to) >= self.scripts.highest();
        let kept = self.scripts.objects().iter().filter(|_| has_all).map(|file| file.name()).collect();
        ObjectFiles { kept, finds_equal: true, ..ObjectFiles::default() }
    }

    /// Returns the objects of a database that files create.
    pub(crate) async fn created_in(
        &self,
        connection: &mut dyn Connection,
        files: &[&ObjectFile],
    ) -> Result<Vec<HeldObject>, Error> {
        let Some(sql) = connection.server().objects.clone().filter(|_| !files.is_empty()) else {
            return Ok(Vec::new());
        };
        let rows = connection.query(&sql.existing).await;
        let existing = ObjectsSql::read(rows.map_err(|error| Error::reading("looking for objects", error))?);
        let existing = Catalog::new(&existing, connection.server().context.dialect);
        let context = self.context(&connection.server().context);
        let mut created = Vec::new();
        for file in files {
            let facts = preflight::facts(file, &context)?;
            let names = facts.object.created.iter().flat_map(|created| {
                let (found, _) = existing.created_by(created);
                found.into_iter().map(ToString::to_string).collect::<Vec<_>>()
            });
            let names = names.collect();
            created.push(HeldObject { file: (*file).clone(), names, facts });
        }
        Ok(created)
    }

    /// Finds the object files whose objects a database has exactly as the scratch database does, and leaves out the objects
    /// of the others.
    pub(super) async fn equal_objects(
        &self,
        files: &mut ObjectFiles,
        scratch: &mut dyn Connection,
        connection: &mut dyn Connection,
        (built, found): (&Schema, &Schema),
    ) -> Result<Vec<HeldObject>, Error> {
        if !files.finds_equal {
            return Ok(Vec::new());
        }
        let all = self.scripts.objects().iter().collect::<Vec<_>>();
        let here = self.created_in(connection, &all).await?;
        let there = self.created_in(scratch, &all).await?;
        let mut equal = Vec::new();
        for (created, HeldObject { names: own, .. }) in there.into_iter().zip(here) {
            let names = &created.names;
            let only = |schema: &Schema| {
                schema.clone().only(|object| names.iter().any(|name| is_named(&object.kind, &object.name, name)))
            };
            let (expected, actual) = (only(built), only(found));
            if !names.is_empty() && *names == own && expected.difference(&actual).is_empty() {
                equal.push(created);
            } else {
                files.left_out.extend(names.iter().cloned().chain(own).map(|name| (name, created.file.name())));
            }
        }
        Ok(equal)
    }
}
