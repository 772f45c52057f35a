-- Turn the contact column into a phone number

UPDATE customers
   SET contact = NULL
 WHERE email = lower(trim(contact));

ALTER TABLE customers RENAME COLUMN contact TO phone;

-- Only digits and the leading plus: '+353 1 555 0134' becomes '+35315550134'.
UPDATE customers
   SET phone = regexp_replace(phone, '[^0-9+]', '', 'g')
 WHERE phone IS NOT NULL;

ALTER TABLE customers
    ADD CONSTRAINT customers_phone_format CHECK (phone ~ '^\+?[0-9]{5,15}$');

COMMENT ON COLUMN customers.phone IS 'digits only; with a leading + when it is international';
