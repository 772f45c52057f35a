#!/usr/bin/env bash
# Fills the corpora: the example scripts, and every text of the splitters' own tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for target in mysql postgres sqlite sqlserver; do
  corpus=fuzz/corpus/$target
  mkdir -p "$corpus"
  find "migrations-example/$target" -name '*.sql' -exec cp {} "$corpus" \;
  find src/sql tests/clients -name '*.rs' -exec perl -CSD -MDigest::SHA=sha1_hex -MEncode=encode_utf8 -0777 -ne '
    BEGIN { $corpus = shift @ARGV; %escapes = (n => "\n", r => "\r", t => "\t", 0 => "\0", "\\" => "\\", "\"" => "\""); }
    while (/r#"(.*?)"#|\br"([^"]*)"|"((?:[^"\\]|\\.)*)"/gs) {
      my $text = $1 // $2 // $3;
      if (defined $3) {
        $text =~ s/\\\n\s*//g;
        $text =~ s/\\(?:x(..)|u\{(.+?)\}|(.))/defined $3 ? $escapes{$3} : chr hex($1 \/\/ $2)/ge;
      }
      open my $file, ">", "$corpus/" . sha1_hex(encode_utf8($text)) or die $!;
      print $file $text;
    }' "$corpus" {} +
done
