-- Sales per month and category, as a materialized view

CREATE MATERIALIZED VIEW sales_per_month AS
SELECT date_trunc('month', o.placed_at AT TIME ZONE 'UTC')::date AS month,
       c.id AS category_id,
       c.name AS category,
       count(DISTINCT o.id) AS orders,
       sum(l.quantity) AS quantity,
       sum(l.total) AS revenue
  FROM orders AS o
  JOIN order_lines AS l ON l.order_id = o.id
  JOIN products AS p ON p.id = l.product_id
  JOIN categories AS c ON c.id = p.category_id
 WHERE o.status IN ('paid', 'shipped')
 GROUP BY 1, c.id
WITH DATA;

-- REFRESH ... CONCURRENTLY needs a unique index.
CREATE UNIQUE INDEX sales_per_month_key ON sales_per_month (month, category_id);

/* Called by the nightly job.
   /* It used to be a cron job that ran the whole query; that took minutes. */
*/
CREATE PROCEDURE refresh_reports()
LANGUAGE plpgsql AS $body$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY sales_per_month;
    RAISE NOTICE 'sales_per_month has % rows', (SELECT count(*) FROM sales_per_month);
END;
$body$;

COMMENT ON MATERIALIZED VIEW sales_per_month IS 'as of last night; see refresh_reports()';
