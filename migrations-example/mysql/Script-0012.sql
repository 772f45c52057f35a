-- Find a customer's latest orders through an index

-- Orders are written all day: if this cannot be done without blocking them, it
-- is not done.
ALTER TABLE orders
    ADD INDEX orders_customer_placed (customer_id, placed_at DESC),
    ALGORITHM=INPLACE, LOCK=NONE;

-- The packing list asks for the paid ones all day long.
CREATE INDEX orders_to_ship ON orders (status, placed_at) ALGORITHM=INPLACE LOCK=NONE;
