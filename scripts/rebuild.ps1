# Drops the database and rebuilds it from the scripts of this checkout.
# Copy it into your project, beside dbmigrate.toml or in a folder below it.
# Arguments go to dbmigrate: see "dbmigrate rebuild --help".

$root = $PSScriptRoot
while ($root -and -not (Test-Path -LiteralPath (Join-Path $root 'dbmigrate.toml'))) {
    $root = Split-Path -Parent $root
}
if (-not $root) {
    [Console]::Error.WriteLine("rebuild.ps1: error: no dbmigrate.toml in $PSScriptRoot or above it")
    exit 2
}
if (-not (Get-Command dbmigrate -CommandType Application -ErrorAction SilentlyContinue)) {
    [Console]::Error.WriteLine('rebuild.ps1: error: dbmigrate is not installed, or not in PATH')
    exit 2
}

# PowerShell 7 may be set up to throw when a program fails; its exit code says more.
$PSNativeCommandUseErrorActionPreference = $false
Push-Location -LiteralPath $root
try {
    & dbmigrate rebuild @args
    $code = $LASTEXITCODE
}
finally {
    Pop-Location
}
exit $code
