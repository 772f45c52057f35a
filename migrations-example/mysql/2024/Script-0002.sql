-- Turn the contact column into a phone number

UPDATE customers
   SET contact = NULL
 WHERE email = LOWER(TRIM(contact));

-- Only digits and the leading plus: '+353 1 555 0134' becomes '+35315550134'.
UPDATE customers
   SET contact = REGEXP_REPLACE(contact, '[^0-9+]', '')
 WHERE contact IS NOT NULL;

ALTER TABLE customers
    CHANGE COLUMN contact phone VARCHAR(20) NULL
        COMMENT 'digits only; with a leading + when it is international',
    ADD CONSTRAINT customers_phone_format CHECK (phone REGEXP '^[+]?[0-9]{5,15}$');
