#!/usr/bin/env bash
# Makes the certificates of the TLS trials into the folder $1 (openssl 3.0 is enough). Prints nothing.
#
# CAs:     A.crt (root), B.crt (another root), I.crt (intermediate under A), A+B.crt, noCA.pem is no PEM,
#          empty.pem, system.pem (= A.crt, for SSL_CERT_FILE)
# Servers: NAME.crt + NAME.key, see the calls below
# Clients: client-NAME.crt + client-NAME.key
set -euo pipefail
export LC_ALL=C
mkdir -p "$1"
cd "$1"
umask 077
exec 2>certs.log

key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null ||
  openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

cat >ca.cnf <<'END'
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
email_in_dn = no
[any]
commonName = supplied
[req]
prompt = no
distinguished_name = dn
[dn]
CN = unused
END
: >index.txt

FROM=20200101000000Z
TO=20991231235959Z

# issue NAME SUBJECT ISSUER EXTENSIONS [FROM TO]: ISSUER "self" or a name with .crt and .key
issue() {
  local name=$1 subject=$2 issuer=$3 extensions=$4 from=${5:-$FROM} to=${6:-$TO}
  [[ -e $name.key ]] || key "$name.key"
  openssl req -new -config ca.cnf -key "$name.key" -subj "$subject" -out "$name.csr"
  printf '[e]\n%b' "$extensions" >"$name.ext"
  local -a by=(-cert "$issuer.crt" -keyfile "$issuer.key")
  if [[ $issuer == self ]]; then by=(-selfsign -keyfile "$name.key"); fi
  openssl ca -batch -notext -config ca.cnf "${by[@]}" -in "$name.csr" -out "$name.crt" \
    -startdate "$from" -enddate "$to" -extfile "$name.ext" -extensions e >/dev/null
  rm -f "$name.csr" "$name.ext"
}

ids='subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n'
root="basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
issue A '/CN=Root A' self "$root"
issue B '/CN=Root B' self "$root"
issue I '/CN=Intermediate of A' A "$root"'authorityKeyIdentifier=keyid\n'

server="${ids}basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
both='subjectAltName=DNS:localhost,IP:127.0.0.1\n'
issue a '/CN=whatever' A "$server$both"                                     # a: SAN localhost, 127.0.0.1
issue b '/CN=localhost' A "${server}subjectAltName=DNS:db.example.test\n"     # b: SAN db.example.test only
issue c '/CN=localhost' A "$server"                                         # c: no SAN, v3
issue h '/CN=whatever' A "${server}subjectAltName=IP:127.0.0.1\n"             # h: SAN IP only
issue i '/CN=127.0.0.1' A "$server"                                         # i: CN=127.0.0.1, no SAN
issue j '/CN=whatever' A "${server}subjectAltName=DNS:*.example.test\n"       # j: wildcard
issue e '/CN=localhost' A "$server$both" 20200101000000Z 20210101000000Z    # e: expired
issue k '/CN=localhost' A "$server$both" 20980101000000Z "$TO"              # k: not yet valid
# d: v1, by the recipe of PostgreSQL's documentation (no extensions at all)
key d.key
openssl req -new -config ca.cnf -key d.key -subj /CN=localhost -out d.csr
openssl x509 -req -in d.csr -days 20000 -CA A.crt -CAkey A.key -set_serial 4711 -out d.crt
# f: self-signed, CA:TRUE, f1 with SAN, f2 without; f3: the documentation's one-liner
# openssl req -new -x509 -nodes -subj /CN=localhost, with openssl's own defaults
ca='subjectKeyIdentifier=hash\nbasicConstraints=critical,CA:TRUE\n'
issue f1 /CN=localhost self "$ca$both"
issue f2 /CN=localhost self "$ca"
openssl req -new -x509 -days 20000 -nodes -newkey rsa:2048 -subj /CN=localhost -keyout f3.key -out f3.crt
# f4: self-signed and no CA, with SAN
issue f4 /CN=localhost self "subjectKeyIdentifier=hash\nbasicConstraints=critical,CA:FALSE\n$both"
# g: under the intermediate; g1 sends the chain, g2 the leaf only
issue g2 '/CN=localhost' I "$server$both"
cp g2.key g1.key
cat g2.crt I.crt >g1.crt
# l: by B, m: no extendedKeyUsage and no basicConstraints, n: extendedKeyUsage clientAuth only
issue l '/CN=localhost' B "$server$both"
issue n '/CN=localhost' A "${ids}basicConstraints=critical,CA:FALSE\nextendedKeyUsage=clientAuth\n$both"
# o: SAN DNS:127.0.0.1 (an address as a name), p: RSA 1024 is left out: servers refuse to load it
issue o '/CN=whatever' A "${server}subjectAltName=DNS:127.0.0.1\n"

# q: by f4, which is no authority; r: by an authority that has expired
issue q '/CN=whatever' f4 "$server$both"
issue X '/CN=Expired root' self "$root" 20200101000000Z 20210101000000Z
issue r '/CN=localhost' X "$server$both"

client="${ids}basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n"
issue client-good /CN=certuser A "$client"
issue client-b /CN=certuser B "$client"
issue client-expired /CN=certuser A "$client" 20200101000000Z 20210101000000Z
issue client-other /CN=both A "$client"
cp client-good.crt client-open.crt
cp client-good.key client-open.key
chmod 0644 client-open.key # readable by others
openssl ec -in client-good.key -aes128 -passout pass:secret -out client-locked.key
cp client-good.crt client-locked.crt
openssl pkey -in client-good.key -outform DER -out client-der.key
openssl ec -in client-good.key -out client-sec1.key # -----BEGIN EC PRIVATE KEY-----
cp client-good.crt client-sec1.crt

cat A.crt B.crt >A+B.crt
cat A.crt I.crt >A+I.crt
cp A.crt system.pem
echo 'this is no certificate' >nopem.pem
printf -- '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' >badpem.pem
: >empty.pem
openssl x509 -in A.crt -outform DER -out A.der
rm -f ./*.csr [0-9A-F][0-9A-F]*.pem index.txt*
chmod 0644 ./*.crt
