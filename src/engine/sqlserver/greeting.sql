PRINT {mark};
SELECT CAST(@@SPID AS nvarchar(20)),
       SUSER_SNAME(),
       CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)),
       CAST(SERVERPROPERTY('EngineEdition') AS nvarchar(20)),
       CAST(@@LANGUAGE AS nvarchar(128))
