-- objects in one schema, by the index of what depends on it: a scan of the whole catalog takes long in a database with many schemas
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS dependency
    WHERE dependency.refclassid = 'pg_namespace'::regclass
      AND dependency.refobjid = ({schema})
      AND dependency.classid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass)
      AND dependency.objid NOT IN ({journal})
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS member
                      WHERE member.classid = dependency.classid AND member.objid = dependency.objid AND member.deptype = 'e')
)
