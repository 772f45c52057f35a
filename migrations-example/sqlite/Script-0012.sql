-- Find a customer's latest orders through an index

CREATE INDEX orders_customer_placed ON orders (customer_id, placed_at DESC);

-- The packing list asks for these all day long, and they are few.
CREATE INDEX orders_to_ship ON orders (placed_at) WHERE status = 'paid';
