-- Turn the contact column into a phone number

UPDATE customers
   SET contact = NULL
 WHERE email = lower(trim(contact));

ALTER TABLE customers RENAME COLUMN contact TO phone;

-- Only digits and the leading plus: '+353 1 555 0134' becomes '+35315550134'.
UPDATE customers
   SET phone = replace(replace(replace(phone, ' ', ''), '-', ''), '/', '')
 WHERE phone IS NOT NULL;
