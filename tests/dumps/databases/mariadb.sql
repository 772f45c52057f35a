CREATE SEQUENCE numbers START WITH 100 INCREMENT BY 5;
SELECT nextval(numbers), nextval(numbers);
CREATE TABLE history (id int, note text) WITH SYSTEM VERSIONING;
