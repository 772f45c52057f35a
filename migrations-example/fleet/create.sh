#!/bin/sh
# Makes a shop with customers for each of 20 tenants: data/tenant_01.db to data/tenant_20.db. One of them is unlike the
# others: a customer is there twice.
set -eu
cd "$(dirname "$0")"
mkdir -p data
for number in $(seq -w 1 20); do
  sqlite3 "data/tenant_$number.db" "
    CREATE TABLE customer (id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL);
    INSERT INTO customer (name, email) VALUES ('Ann', 'ann@example.org'), ('Bob', 'bob@example.org');"
done
sqlite3 data/tenant_07.db "INSERT INTO customer (name, email) VALUES ('Ann', 'ann@example.org')"
