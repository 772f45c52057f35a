-- A status for orders that came back

ALTER TYPE order_status ADD VALUE 'returned' AFTER 'shipped';
