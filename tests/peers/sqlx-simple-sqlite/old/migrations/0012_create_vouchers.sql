CREATE TABLE vouchers (
    code TEXT PRIMARY KEY,
    percent INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100),
    terms TEXT NOT NULL DEFAULT '{"once": true}'
);
INSERT INTO vouchers (code, percent) VALUES ('WELCOME', 10);
